"""When somebody works, as a value: the calendar specification, read, checked and written back.

Pure: no Django and no clock. The rules are 1, 2 and 20 of `docs/sla.md`; the arithmetic is in `incidents.sla.hours`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

Interval = tuple[int, int]  # half-open, in minutes since local midnight: (540, 1020) is 09:00-17:00
Intervals = tuple[Interval, ...]
Spec = dict[str, Any]

DAYS = MappingProxyType(
    {
        "mon": "Monday",
        "tue": "Tuesday",
        "wed": "Wednesday",
        "thu": "Thursday",
        "fri": "Friday",
        "sat": "Saturday",
        "sun": "Sunday",
    }
)
KEYS = frozenset({"tz", "always_open", "weekly", "holidays", "holiday_feed", "overrides"})
MIDNIGHT = 24 * 60
LONGEST_NIGHT = 12 * 60  # what crosses midnight for longer is taken for a mix-up of start and end
MAX_INTERVALS = 24  # a day
MAX_DATES = 3000  # holidays, and overrides: two centuries of public holidays, and still quick to read
FIRST_YEAR, LAST_YEAR = 1970, 2199
NO_WORKING_TIME = "calendar_has_no_working_time"
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NOT_PLACES = frozenset({"localtime", "Factory"})  # offered as zones, but they differ from machine to machine


def gettext_noop(message: str) -> str:
    """Marks a sentence for `makemessages`, which goes by the name, where Django must not be imported."""
    return message


class HoursError(ValueError):
    """A calendar that cannot be kept: `str()` is one sentence for the person who typed it.

    `field` names the place ("tz", "weekly.mon", "holidays", ...). `template` and `parts` are the sentence before the
    names were put in, for translation: `gettext(error.template) % error.parts`.
    """

    def __init__(self, field: str, template: str, *, code: str = "invalid", **parts: object) -> None:
        super().__init__(template % parts)
        self.field, self.template, self.code, self.parts = field, template, code, parts


@dataclass(frozen=True)
class WorkingHours:
    """A zone and the wall-clock hours in it; always open is its own kind and not a week of intervals (rule 1).

    Made by `parse`, which guarantees: intervals sorted, apart from each other, none empty, some in the ordinary week.
    """

    zone: ZoneInfo
    always_open: bool = False
    weekly: tuple[Intervals, ...] = ((),) * 7
    holidays: frozenset[date] = frozenset()
    overrides: Mapping[date, Intervals] = field(default_factory=dict, hash=False)

    def on(self, day: date) -> Intervals:
        """The open intervals of a local date: what was said for that very date comes before the holiday."""
        if day in self.overrides:
            return self.overrides[day]
        return () if day in self.holidays else self.weekly[day.weekday()]

    @property
    def day_seconds(self) -> int:
        """One business day: the longest ordinary day of the week, in seconds."""
        if self.always_open:
            return MIDNIGHT * 60
        return max(sum(end - start for start, end in day) for day in self.weekly) * 60

    def to_spec(self) -> Spec:
        """The inverse of `parse`, fit for JSON: a night is written as its two halves."""
        spec: Spec = {"tz": self.zone.key, "always_open": self.always_open}
        spec["weekly"] = {} if self.always_open else dict(zip(DAYS, map(_written, self.weekly), strict=True))
        spec["holidays"] = [day.isoformat() for day in sorted(self.holidays)]
        if self.overrides:
            spec["overrides"] = {day.isoformat(): _written(self.overrides[day]) for day in sorted(self.overrides)}
        return spec


ALWAYS_OPEN = WorkingHours(ZoneInfo("UTC"), always_open=True)


def parse(spec: Any) -> WorkingHours:
    """Reads a calendar specification; raises `HoursError` for whatever cannot be kept.

    {"tz": "Europe/Berlin", "always_open": false, "weekly": {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], ...},
    "holidays": ["2026-12-25"], "overrides": {"2026-12-24": [["09:00", "12:00"]]}}. An override says the whole truth
    about its date, also when that is a holiday; an empty one closes it. 24:00 may end a day, 23:59 at an end is read
    as 24:00, and ["22:00", "06:00"] runs into the next day. "holiday_feed" holds all-day entries of an iCalendar
    file, {"dtstart": date, "dtend": date after the last day}.
    """
    if not isinstance(spec, dict):
        raise HoursError("spec", gettext_noop("A calendar must be an object with a time zone and a week."))
    if unknown := sorted(str(key)[:40] for key in spec.keys() - KEYS):
        raise HoursError("spec", gettext_noop("A calendar knows nothing called “%(name)s”."), name=unknown[0])
    zone = _zone(spec.get("tz"))
    always_open = spec.get("always_open", False)
    if not isinstance(always_open, bool):
        raise HoursError("always_open", gettext_noop("“Always open” must be true or false."))
    weekly = _weekly(spec.get("weekly") or {})
    holidays = _holidays(spec.get("holidays") or []) | _feed(spec.get("holiday_feed") or [])
    _count("holidays", len(holidays))
    overrides = _overrides(spec.get("overrides") or {})
    if always_open and (any(weekly) or holidays or overrides):
        raise HoursError("always_open", gettext_noop("Always open leaves no room for hours, holidays or overrides."))
    if not always_open and not any(weekly):
        sentence = gettext_noop("The week has no working time: give at least one day opening hours.")
        raise HoursError("weekly", sentence, code=NO_WORKING_TIME)
    return WorkingHours(zone, always_open, weekly, holidays, overrides)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_PLACES


def _zone(name: Any) -> ZoneInfo:
    if not isinstance(name, str) or name not in _zone_names():
        raise HoursError("tz", gettext_noop("“%(name)s” is not a known time zone."), name=str(name)[:40])
    return ZoneInfo(name)


def _weekly(spec: Any) -> tuple[Intervals, ...]:
    if not isinstance(spec, dict) or not spec.keys() <= DAYS.keys():
        raise HoursError("weekly", gettext_noop("The week must name its days mon, tue, wed, thu, fri, sat and sun."))
    week: list[list[Interval]] = [[] for _ in DAYS]
    for number, key in enumerate(DAYS):
        for start, end in _intervals(f"weekly.{key}", DAYS[key], spec.get(key) or []):
            if start < end:
                week[number].append((start, end))
            else:  # 22:00-06:00: each half belongs to its own local date, so a holiday cuts only one of them
                week[number].append((start, MIDNIGHT))
                week[(number + 1) % 7].append((0, end))
    return tuple(_apart(f"weekly.{key}", DAYS[key], day) for key, day in zip(DAYS, week, strict=True))


def _overrides(spec: Any) -> dict[date, Intervals]:
    if not isinstance(spec, dict):
        raise HoursError("overrides", gettext_noop("Overrides must give hours for each date."))
    _count("overrides", len(spec))
    overrides: dict[date, Intervals] = {}
    for key, value in spec.items():
        found = list(_intervals("overrides", key, value))
        if any(start > end for start, end in found):
            raise HoursError("overrides", gettext_noop("%(day)s: an override ends at 24:00 at the latest."), day=key)
        overrides[_date("overrides", key)] = _apart("overrides", key, found)
    return overrides


def _intervals(where: str, day: str, spec: Any) -> Iterator[Interval]:
    """The intervals as given, in minutes; (1320, 360) is a night."""
    if not isinstance(spec, list) or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in spec):
        raise HoursError(where, gettext_noop("%(day)s: hours must be a list of start and end."), day=str(day)[:40])
    if len(spec) > MAX_INTERVALS:
        sentence = gettext_noop("%(day)s: more than %(limit)d intervals are too many for one day.")
        raise HoursError(where, sentence, day=day, limit=MAX_INTERVALS)
    for pair in spec:
        start, end = (_minute(where, day, text) for text in pair)
        if start in (end, MIDNIGHT):
            raise HoursError(where, gettext_noop("%(day)s: %(hours)s has no length."), day=day, hours=_span(pair))
        if end in (0, MIDNIGHT - 1):
            end = MIDNIGHT
        if start > end and MIDNIGHT - start + end > LONGEST_NIGHT:
            sentence = gettext_noop("%(day)s: %(hours)s ends before it starts; give a long night as two intervals.")
            raise HoursError(where, sentence, day=day, hours=_span(pair))
        yield start, end


def _minute(where: str, day: str, text: Any) -> int:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minute <= MIDNIGHT:
        sentence = gettext_noop("%(day)s: “%(time)s” is not a time of day between 00:00 and 24:00.")
        raise HoursError(where, sentence, day=day, time=str(text)[:40])
    return minute


def _apart(where: str, day: str, intervals: list[Interval]) -> Intervals:
    """Sorted, and joined where one begins as the other ends; an overlap is refused, for it is a typing error."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start < joined[-1][1]:
            first, second = _span(_written([joined[-1]])[0]), _span(_written([(start, end)])[0])
            sentence = gettext_noop("%(day)s: %(first)s and %(second)s overlap.")
            raise HoursError(where, sentence, day=day, first=first, second=second)
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _holidays(spec: Any) -> frozenset[date]:
    if not isinstance(spec, list):
        raise HoursError("holidays", gettext_noop("Holidays must be a list of dates."))
    _count("holidays", len(spec))
    return frozenset(_date("holidays", text) for text in spec)


def _feed(spec: Any) -> frozenset[date]:
    """All-day entries end exclusively: 25 to 27 December closes the 25th and the 26th."""
    if not isinstance(spec, list) or not all(isinstance(entry, dict) for entry in spec):
        raise HoursError("holiday_feed", gettext_noop("A holiday feed must be a list of entries."))
    _count("holiday_feed", len(spec))
    days: set[date] = set()
    for entry in spec:
        first = _date("holiday_feed", entry.get("dtstart"))
        after = _date("holiday_feed", entry["dtend"]) if entry.get("dtend") else first + timedelta(days=1)
        if after <= first:
            sentence = gettext_noop("The entry of %(day)s ends before it starts.")
            raise HoursError("holiday_feed", sentence, day=first.isoformat())
        _count("holiday_feed", (after - first).days + len(days))
        days.update(first + timedelta(days=number) for number in range((after - first).days))
    return frozenset(days)


def _date(where: str, text: Any) -> date:
    try:
        day = date.fromisoformat(text) if isinstance(text, str) and _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        sentence = gettext_noop("“%(date)s” is not a date between %(first)d and %(last)d, like 2026-12-25.")
        raise HoursError(where, sentence, date=str(text)[:40], first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _count(where: str, number: int) -> None:
    if number > MAX_DATES:
        sentence = gettext_noop("%(number)d dates are too many: a calendar keeps %(limit)d.")
        raise HoursError(where, sentence, number=number, limit=MAX_DATES)


def _written(intervals: Intervals | list[Interval]) -> list[list[str]]:
    return [[f"{minute // 60:02}:{minute % 60:02}" for minute in interval] for interval in intervals]


def _span(pair: Any) -> str:
    return f"{pair[0]}-{pair[1]}"
