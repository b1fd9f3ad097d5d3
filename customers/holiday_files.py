"""Reads the closed days out of an iCalendar file (RFC 5545), and names the line that cannot be read.

The `icalendar` library is lenient with whole files and counts no lines; here it reads one content line at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any, Never

from dateutil.rrule import rrulestr
from icalendar import vDDDTypes
from icalendar.parser import Contentline

from customers.working_hours import FIRST_YEAR, LAST_YEAR, MAX_DATES, HoursError, gettext_noop
from itsm.text import clean

MAX_BYTES = 256 * 1024
MAX_NAME = 80
FIELD = "holiday_file"
ONE_DAY = timedelta(days=1)
ONCE = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "SUMMARY", "STATUS"})  # in an entry; more would contradict


@dataclass(frozen=True)
class Line:
    """One content line; `number` is where it begins in the file."""

    number: int
    name: str
    value: str

    def refuse(self, template: str, **parts: Any) -> Never:
        _refuse(self.number, template, **parts)


@dataclass
class Entry:
    """One VEVENT as it is being read."""

    begin: Line
    said: dict[str, Line] = field(default_factory=dict)
    except_for: list[Line] = field(default_factory=list)
    also: list[Line] = field(default_factory=list)

    def take(self, line: Line) -> None:
        if line.name == "EXDATE":
            self.except_for.append(line)
        elif line.name == "RDATE":
            self.also.append(line)
        elif line.name in ONCE:
            if line.name in self.said:
                line.refuse(gettext_noop("Line %(number)d: this entry has a second %(name)s."), name=line.name)
            self.said[line.name] = line


def closed_days(content: bytes, last_year: int) -> dict[str, str]:
    """Date ("2026-12-25") -> name of each day an all-day entry covers; entries that repeat do so through `last_year`.

    An entry ends on the day before its DTEND. Cancelled entries are left out. Raises `HoursError` naming the line for
    what is no iCalendar file, for entries with times of day, for what repeats otherwise than yearly, and for too much.
    """
    days: dict[str, str] = {}
    for entry in _entries(_lines(_text(content))):
        if "STATUS" in entry.said and entry.said["STATUS"].value.upper() == "CANCELLED":
            continue
        summary = entry.said.get("SUMMARY")
        name = " ".join(clean(summary.value).split())[:MAX_NAME] if summary else ""
        for day in _days(entry, last_year):
            days.setdefault(day.isoformat(), name)
        if len(days) > MAX_DATES:
            entry.begin.refuse(gettext_noop("Line %(number)d: more than %(limit)d days are too many."), limit=MAX_DATES)
    return days


def _refuse(number: int, template: str, **parts: Any) -> Never:
    raise HoursError(FIELD, template, number=number, **parts)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        sentence = gettext_noop("This file is too large; an iCalendar file of closed days has %(limit)d kB at most.")
        raise HoursError(FIELD, sentence, limit=MAX_BYTES // 1024)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(content.count(b"\n", 0, error.start) + 1, gettext_noop("Line %(number)d: this is not text in UTF-8."))


def _lines(text: str) -> Iterator[Line]:
    """The content lines; what begins with a blank goes on from the line before."""
    unfolded: list[tuple[int, str]] = []
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if raw[:1] in (" ", "\t") and unfolded:
            first, begun = unfolded[-1]
            unfolded[-1] = (first, begun + raw[1:])
        elif raw.strip():
            unfolded.append((number, raw))
    if not unfolded:
        _refuse(1, gettext_noop("Line %(number)d: an iCalendar file begins with BEGIN:VCALENDAR; this one is empty."))
    for number, raw in unfolded:
        try:
            name, _parameters, value = Contentline(raw).parts()
        except ValueError:
            _refuse(
                number,
                gettext_noop("Line %(number)d: “%(text)s” is no line of an iCalendar file."),
                text=clean(raw)[:40],
            )
        yield Line(number, name.upper(), value.strip())


class Blocks:
    """What was begun and waits for its END, from the outside in."""

    def __init__(self) -> None:
        self.open: list[Line] = []

    def begin(self, line: Line) -> None:
        if (line.value.upper() == "VCALENDAR") == bool(self.open):
            line.refuse(gettext_noop("Line %(number)d: an iCalendar file begins with BEGIN:VCALENDAR, once."))
        if line.value.upper() == "VEVENT" and any(block.value.upper() == "VEVENT" for block in self.open):
            line.refuse(gettext_noop("Line %(number)d: an entry cannot begin inside another."))
        self.open.append(line)

    def innermost(self, line: Line) -> Line:
        if not self.open:
            line.refuse(gettext_noop("Line %(number)d: an iCalendar file begins with BEGIN:VCALENDAR."))
        return self.open[-1]

    def end(self, line: Line) -> Line:
        """The line that began what ends here."""
        begin = self.innermost(line)
        if begin.value.upper() != line.value.upper():
            template = gettext_noop("Line %(number)d: END:%(end)s ends what line %(begin)d began as %(name)s.")
            line.refuse(template, end=line.value[:40], begin=begin.number, name=begin.value[:40])
        return self.open.pop()

    def check_all_ended(self) -> None:
        for begin in reversed(self.open):
            template = gettext_noop("Line %(number)d: BEGIN:%(name)s has no END; is the file cut off?")
            begin.refuse(template, name=begin.value[:40])


def _entries(lines: Iterator[Line]) -> Iterator[Entry]:
    """The VEVENTs of one or more VCALENDARs, each block closed by its own END."""
    blocks = Blocks()
    entry: Entry | None = None
    for line in lines:
        if line.name == "BEGIN":
            blocks.begin(line)
            entry = Entry(line) if line.value.upper() == "VEVENT" else entry
        elif line.name == "END":
            begin = blocks.end(line)
            if entry and begin is entry.begin:
                yield entry
                entry = None
        elif (begin := blocks.innermost(line)) and entry and begin is entry.begin:
            entry.take(line)
    blocks.check_all_ended()


def _days(entry: Entry, last_year: int) -> Iterator[date]:
    """Every date the entry covers, repetitions included."""
    begin = entry.said.get("DTSTART")
    if not begin:
        entry.begin.refuse(gettext_noop("Line %(number)d: this entry has no DTSTART, so nobody knows its day."))
    first = _date(begin)
    length = _length(entry, first)
    begins = {first}
    if rule := entry.said.get("RRULE"):
        begins |= _repeated(rule, first, last_year)
    begins |= {day for line in entry.also for day in _dates(line)}
    begins -= {day for line in entry.except_for for day in _dates(line)}
    for day in sorted(begins):
        yield from (day + ONE_DAY * number for number in range(length))


def _length(entry: Entry, first: date) -> int:
    """In days. Without an end it is one day, says RFC 5545, 3.6.1."""
    end, duration = entry.said.get("DTEND"), entry.said.get("DURATION")
    if end:
        length = (_date(end) - first).days
    elif duration:
        found = _value(duration)
        if not isinstance(found, timedelta) or found % ONE_DAY:
            duration.refuse(
                gettext_noop("Line %(number)d: “%(text)s” is no number of whole days."), text=duration.value[:40]
            )
        length = found.days
    else:
        length = 1
    line = end or duration or entry.begin
    if length < 1:
        line.refuse(
            gettext_noop("Line %(number)d: this entry ends before it starts; its end is the day after the last.")
        )
    if length > MAX_DATES:
        line.refuse(gettext_noop("Line %(number)d: more than %(limit)d days are too many."), limit=MAX_DATES)
    return length


def _repeated(line: Line, first: date, last_year: int) -> set[date]:
    """The days on which a yearly entry begins, `last_year` included."""
    parts = dict(part.split("=", 1) for part in line.value.upper().split(";") if "=" in part)
    if parts.get("FREQ") != "YEARLY":
        line.refuse(gettext_noop("Line %(number)d: only entries that repeat yearly can be read (FREQ=YEARLY)."))
    unreadable = gettext_noop("Line %(number)d: “%(text)s” is no rule an entry can repeat by.")
    every = parts.get("INTERVAL", "1")
    if not (every.isascii() and every.isdigit() and 1 <= int(every[:4]) <= LAST_YEAR - FIRST_YEAR):
        line.refuse(unreadable, text=line.value[:60])  # dateutil would never come to an end with an interval of 0
    if "UNTIL" in parts:
        parts["UNTIL"] = parts["UNTIL"][:8]  # whole days: the last one counts, whatever its hour
    last = datetime(last_year, 12, 31)  # noqa: DTZ001  (dates, not instants)
    try:
        rule = rrulestr(";".join("=".join(part) for part in parts.items()), dtstart=datetime.combine(first, time()))
        found = [at.date() for at in islice(takewhile(lambda at: at <= last, rule), MAX_DATES + 1)]
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):  # whatever dateutil stumbles over
        line.refuse(unreadable, text=line.value[:60])
    if not found and first <= last.date():  # such as 30 February; looked for through the year 9999, so only once
        line.refuse(gettext_noop("Line %(number)d: “%(text)s” never comes true."), text=line.value[:60])
    return set(found)


def _dates(line: Line) -> list[date]:
    return [_date(Line(line.number, line.name, part)) for part in line.value.split(",")]


def _date(line: Line) -> date:
    """A whole day: a date, or midnight on somebody's own clock, as some programs write it."""
    found = _value(line)
    if isinstance(found, datetime) and (found.time() != time() or found.tzinfo):
        line.refuse(
            gettext_noop("Line %(number)d: “%(text)s” has a time of day; only whole days can be closed."),
            text=line.value[:40],
        )
    day = found.date() if isinstance(found, datetime) else found
    if not isinstance(day, date) or not FIRST_YEAR <= day.year <= LAST_YEAR:
        _no_date(line)
    return day


def _value(line: Line) -> Any:
    try:
        return vDDDTypes.from_ical(line.value)
    except (ValueError, TypeError, OverflowError):
        _no_date(line)


def _no_date(line: Line) -> Never:
    template = gettext_noop("Line %(number)d: “%(text)s” is not a date between %(first)d and %(last)d, like 20261225.")
    line.refuse(template, text=line.value[:40], first=FIRST_YEAR, last=LAST_YEAR)
