"""Working time between two instants, and the instant after so much working time (rules 1 to 3 and 21 of `docs/sla.md`).

Pure: no Django, no clock. Instants are aware datetimes, answers are in UTC, fractions of a second are cut off;
durations are real seconds, and whoever steps over days does it by local date, never by 86 400 seconds.
"""

from __future__ import annotations  # array[int] can only be written, not evaluated, before Python 3.12

from array import array
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from customers.working_hours import FIRST_YEAR, LAST_YEAR, MIDNIGHT, WorkingHours

DAY = 86_400
HORIZON = 100 * 366 * DAY  # nothing is promised for longer than a century; with it every search has an end
_FIRST, _AFTER = FIRST_YEAR, LAST_YEAR + 1
_LOW, _HIGH = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (_FIRST, _AFTER))


class Unreachable(ValueError):
    """The answer lies outside the years the clocks know; `str()` is one sentence."""


class _Table(NamedTuple):
    """The open time of some local years; immutable, so that threads may share it.

    `before[i]` is the working time in seconds from the beginning of the table to the i-th opening; one entry more
    than `starts`, so that the length of an opening is the difference of two neighbours.
    """

    first: int  # local years: first <= year < after
    after: int
    low: int  # the same as instants
    high: int
    starts: array[int]
    before: array[int]

    def used(self, instant: int) -> int:
        """Working time from the beginning of the table to the instant."""
        index = bisect_right(self.starts, instant) - 1
        if index < 0:
            return 0
        before = self.before[index]
        return before + min(instant - self.starts[index], self.before[index + 1] - before)

    def reached(self, used: int) -> int:
        """The earliest instant by which so much time has been worked; `used` is within (0, all of it]."""
        index = bisect_left(self.before, used) - 1
        return self.starts[index] + used - self.before[index]


class _Timeline:
    """The table of one calendar, which grows by whole years as they are asked for."""

    def __init__(self, hours: WorkingHours) -> None:
        self.hours = hours
        self.table: _Table | None = None

    def covering(self, low: int, high: int) -> _Table:
        """A table with both instants in it. Raises `Unreachable` beyond the years the clocks know."""
        table = self.table
        if table is not None and table.low <= low and high < table.high:
            return table
        years = [_year(low), _year(high) + 1]
        if table is None:
            table = _grown(self.hours, None, years[0] - 1, years[1] + 1)
        elif low < table.low:
            table = _grown(self.hours, table, min(years[0] - 1, 2 * table.first - table.after), table.after)
        if high >= table.high:
            table = _grown(self.hours, table, table.first, max(years[1] + 1, 2 * table.after - table.first))
        self.table = table  # at once and whole: another thread sees the old table or the new one
        return table

    def longer(self, table: _Table) -> _Table:
        """The same table, at least twice as long; what it said before stays true of it."""
        if table.after >= _AFTER:
            raise Unreachable(f"That much working time does not come together before {_AFTER}.")
        self.table = _grown(self.hours, table, table.first, 2 * table.after - table.first)
        return self.table


@lru_cache(maxsize=1024)
def _timeline(hours: WorkingHours) -> _Timeline:
    return _Timeline(hours)


def elapsed(hours: WorkingHours, start: datetime, end: datetime) -> int:
    """Working seconds between two instants; 0 when `end` is not after `start` (rule 3)."""
    low, high = _epoch(start), _epoch(end)
    if high <= low:
        return 0
    if hours.always_open:
        return high - low
    table = _timeline(hours).covering(low, high)
    return table.used(high) - table.used(low)


def due(hours: WorkingHours, start: datetime, seconds: int) -> datetime:
    """The earliest instant at which `seconds` have been worked since `start` (rule 3).

    Landing on closing time stays at closing time. Raises `Unreachable` when that takes more than a century.
    """
    if seconds < 0:
        raise ValueError("Working time cannot be negative.")
    instant = _epoch(start)
    if seconds > HORIZON:
        raise Unreachable("Nothing is promised for longer than a hundred years.")
    if hours.always_open or not seconds:
        return _moment(instant + seconds)
    timeline = _timeline(hours)
    table = timeline.covering(instant, instant)
    target = table.used(instant) + seconds
    while target > table.before[-1]:
        if table.high > instant + HORIZON:
            raise Unreachable("That much working time does not come together within a hundred years.")
        table = timeline.longer(table)
    return _moment(table.reached(target))


def next_open(hours: WorkingHours, at: datetime) -> datetime:
    """The earliest instant from `at` on at which somebody works: `at` itself inside working hours (rule 21)."""
    # The first second of work ends one second after its beginning.
    return due(hours, at, 1) - timedelta(seconds=1)


def _epoch(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return int(at.timestamp())


def _moment(instant: int) -> datetime:
    """The instant as a datetime in UTC. Raises `Unreachable` beyond the years the clocks know."""
    if not _LOW <= instant < _HIGH:
        raise Unreachable(f"The clocks know the years {_FIRST} to {_AFTER - 1} and nothing beyond them.")
    return datetime.fromtimestamp(instant, UTC)


def _year(instant: int) -> int:
    return _moment(instant).year


def _grown(hours: WorkingHours, table: _Table | None, first: int, after: int) -> _Table:
    """A table of the years first <= year < after, which includes `table`. Kept within the years the clocks know."""
    # One year more on each side than is ever asked for: the local year may begin a day before that of UTC.
    first, after = max(first, _FIRST - 1), min(after, _AFTER + 1)
    starts, lengths = array("q"), array("q")
    if table is None:
        _work(hours, first, after, starts, lengths)
    else:
        _work(hours, first, table.first, starts, lengths)
        starts.extend(table.starts)
        lengths.extend(table.before[i + 1] - table.before[i] for i in range(len(table.starts)))
        _work(hours, table.after, after, starts, lengths)
    before = array("q", [0])
    for length in lengths:
        before.append(before[-1] + length)
    return _Table(
        first, after, _instant(hours, date(first, 1, 1), 0), _instant(hours, date(after, 1, 1), 0), starts, before
    )


def _work(hours: WorkingHours, first: int, after: int, starts: array[int], lengths: array[int]) -> None:
    """Appends the openings of these local years; what touches is joined, what overlaps counts once."""
    if first >= after:
        return
    closed = starts[-1] + lengths[-1] if starts else -(2**62)
    following = _instant(hours, date(first, 1, 1), 0)
    for ordinal in range(date(first, 1, 1).toordinal(), date(after, 1, 1).toordinal()):
        midnight, following = following, _instant(hours, date.fromordinal(ordinal + 1), 0)
        for start, end in _openings(hours, date.fromordinal(ordinal), midnight, following):
            if end <= closed:
                continue
            if start <= closed:
                lengths[-1] += end - closed
            else:
                starts.append(start)
                lengths.append(end - start)
            closed = end


def _openings(hours: WorkingHours, day: date, midnight: int, following: int) -> list[tuple[int, int]]:
    intervals = hours.on(day)
    if following - midnight == DAY:
        return [(midnight + start * 60, midnight + end * 60) for start, end in intervals]
    if following == midnight:  # a date that a zone skipped when it moved over the date line
        return []
    # The clocks change today: wall times are converted one by one, and moved over the gap they may change places. What
    # lay in the gap altogether then ends before it begins: nobody worked in it.
    moved = [
        (_instant(hours, day, start), following if end == MIDNIGHT else _instant(hours, day, end))
        for start, end in intervals
    ]
    return sorted((start, end) for start, end in moved if start < end)


def _instant(hours: WorkingHours, day: date, minute: int) -> int:
    """The instant of a wall time (rule 2), by what `fold=0` means to Python: in a gap the offset from before it, which
    moves the time forward by the length of the gap; of a repeated time the first occurrence."""
    return int(datetime.combine(day, time(minute // 60, minute % 60), tzinfo=hours.zone).timestamp())
