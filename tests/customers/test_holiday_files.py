"""Closed days out of iCalendar files: what they mean, and which line cannot be read."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.holiday_files import MAX_BYTES, closed_days
from customers.working_hours import HoursError

LAST_YEAR = 2030


@pytest.fixture(autouse=True)
def _database():
    """These tests need none."""


@pytest.fixture(autouse=True)
def _own_cache():
    """Likewise for the cache."""


def ics(*lines: str) -> bytes:
    """A file with one entry of these lines; the first of them is line 5."""
    around = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ostermoor//EN", "BEGIN:VEVENT"]
    return "\r\n".join([*around, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def read(*lines: str) -> list[str]:
    return list(closed_days(ics(*lines), LAST_YEAR))


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["DTSTART;VALUE=DATE:20261224"], ["2026-12-24"]),
        (["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"], ["2026-12-25", "2026-12-26"]),
        (["DTSTART;VALUE=DATE:20261225", "DURATION:P2D"], ["2026-12-25", "2026-12-26"]),
        (["DTSTART;TZID=Europe/Berlin:20261224T000000", "DTEND;TZID=Europe/Berlin:20261225T000000"], ["2026-12-24"]),
        (["DTSTART:20261224", "STATUS:CANCELLED"], []),
        (["DTSTART:20281224", "RRULE:FREQ=YEARLY"], ["2028-12-24", "2029-12-24", "2030-12-24"]),
        (["DTSTART:20281224", "RRULE:FREQ=YEARLY;UNTIL=20291224T120000Z"], ["2028-12-24", "2029-12-24"]),
        (["DTSTART:20281231", "DTEND:20290102", "RRULE:FREQ=YEARLY;COUNT=1"], ["2028-12-31", "2029-01-01"]),
        (["DTSTART:20281123", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"], ["2028-11-23", "2029-11-22", "2030-11-28"]),
        (["DTSTART:20290101", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20300101"], ["2029-01-01"]),
        (["DTSTART:20290101", "RDATE;VALUE=DATE:20290401,20290501"], ["2029-01-01", "2029-04-01", "2029-05-01"]),
        (["DTSTART:20350101", "RRULE:FREQ=YEARLY"], ["2035-01-01"]),
        (["BEGIN:VALARM", "DTSTART:19991231", "END:VALARM", "DTSTART:20261224"], ["2026-12-24"]),
        (["dtstart;value=date:20261224"], ["2026-12-24"]),
    ],
)
def test_an_entry_closes_its_days(lines, days) -> None:
    assert read(*lines) == days


def test_a_name_is_unfolded_unescaped_and_on_one_line() -> None:
    lines = ["DTSTART:20261224", "SUMMARY:Christmas\\, the ", " eve\\nof it"]

    assert closed_days(ics(*lines), LAST_YEAR) == {"2026-12-24": "Christmas, the eve of it"}


@pytest.mark.parametrize("change", [(b"\r\n", b"\n"), (b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR")])
def test_other_line_ends_and_a_mark_at_the_beginning_are_read(change) -> None:
    assert list(closed_days(ics("DTSTART:20261224").replace(*change, 1), LAST_YEAR)) == ["2026-12-24"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["DTSTART:20261399"], r"Line 5: “20261399” is not a date between"),
        (["DTSTART:19690101"], r"Line 5: “19690101” is not a date between"),
        (["SUMMARY:x", "DTSTART:20261224T140000"], r"Line 6: “20261224T140000” has a time of day"),
        (["DTSTART:20261224T000000Z"], r"Line 5: .* has a time of day"),
        (["DTSTART:20261224", "DTEND:20261224"], r"Line 6: this entry ends before it starts"),
        (["DTSTART:20261224", "DTEND:20991224"], r"Line 6: more than 3000 days"),
        (["DTSTART:20261224", "DURATION:PT4H"], r"Line 6: “PT4H” is no number of whole days"),
        (["DTSTART:20261224", "DTSTART:20261225"], r"Line 6: this entry has a second DTSTART"),
        (["SUMMARY:Nobody knows when"], r"Line 4: this entry has no DTSTART"),
        (["DTSTART:20261224", "just some words"], r"Line 6: “just some words” is no line"),
        (["DTSTART:20261224", "RRULE:FREQ=WEEKLY"], r"Line 6: only entries that repeat yearly"),
        (["DTSTART:20261224", "RRULE:FREQ=YEARLY;INTERVAL=0"], r"Line 6: .* is no rule"),
        (["DTSTART:20261224", "RRULE:FREQ=YEARLY;BYMONTH=January"], r"Line 6: .* is no rule"),
        (["DTSTART:20261224", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], r"Line 6: .* never comes true"),
        (["DTSTART:20261224", "EXDATE:soon"], r"Line 6: “soon” is not a date"),
        (["DTSTART:20261224", "RDATE;VALUE=PERIOD:20261224T000000Z/P1D"], r"Line 6: .* is not a date"),
        (["DTSTART:20261224", "BEGIN:VEVENT"], r"Line 6: an entry cannot begin inside another"),
        (["DTSTART:20261224", "END:VTODO"], r"Line 6: END:VTODO ends what line 4 began as VEVENT"),
        (["BEGIN:VALARM", "DTSTART:20261224"], r"Line 7: END:VEVENT ends what line 5 began as VALARM"),
    ],
)
def test_the_line_that_cannot_be_read_is_named(lines, sentence) -> None:
    with pytest.raises(HoursError) as refused:
        read(*lines)

    assert re.match(sentence, str(refused.value))
    assert refused.value.field == "holiday_file"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Line 1: an iCalendar file begins with BEGIN:VCALENDAR; this one is empty."),
        (b"\n\n2026-12-24 Christmas Eve\n", "Line 3: “2026-12-24 Christmas Eve” is no line"),
        (b"DTSTART:20261224\n", "Line 1: an iCalendar file begins with BEGIN:VCALENDAR."),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224\n", "Line 2: BEGIN:VEVENT has no END; is the file cut off?"),
        (b"BEGIN:VCALENDAR\nBEGIN:VCALENDAR\n", "Line 2: an iCalendar file begins with BEGIN:VCALENDAR, once."),
        (b"BEGIN:VCALENDAR\nX-NAME:caf\xe9\nEND:VCALENDAR\n", "Line 2: this is not text in UTF-8."),
        (b"\x89PNG\r\n\x1a\n", "Line 1: this is not text in UTF-8."),
        (b"X" * (MAX_BYTES + 1), "This file is too large; an iCalendar file of closed days has 256 kB at most."),
    ],
)
def test_what_is_no_such_file_is_refused(content, sentence) -> None:
    with pytest.raises(HoursError) as refused:
        closed_days(content, LAST_YEAR)

    assert str(refused.value).startswith(sentence)


def test_too_many_days_are_refused_where_they_become_too_many() -> None:
    entries = "".join(f"BEGIN:VEVENT\nDTSTART:{year}0101\nDTEND:{year}1231\nEND:VEVENT\n" for year in range(2000, 2010))

    with pytest.raises(HoursError, match="Line 34: more than 3000 days are too many"):
        closed_days(f"BEGIN:VCALENDAR\n{entries}END:VCALENDAR\n".encode(), LAST_YEAR)


LINES = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "DTSTART:20261224", "DTEND:20261226", " x"]
RULES = [
    "RRULE:FREQ=YEARLY;COUNT=-1",
    "RRULE:FREQ=YEARLY;UNTIL=x",
    "RRULE:FREQ=YEARLY;BYDAY=99MO",
    "EXDATE:,",
    "RRULE:=",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(LINES + RULES), st.text(max_size=30)), max_size=12), st.booleans())
def test_no_file_does_more_harm_than_a_sentence(lines, whole) -> None:
    content = "\n".join(lines).encode(errors="replace")
    try:
        said = list(closed_days(ics(content.decode()) if whole else content, LAST_YEAR))
    except HoursError as refused:
        said = [str(refused)]

    assert all(re.match(r"\d{4}-\d{2}-\d{2}$|Line \d+: [^%]", line) for line in said), said
