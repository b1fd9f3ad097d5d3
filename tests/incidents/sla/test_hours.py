"""Working time between instants, by tables: opening and closing, holidays, the nights on which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.working_hours import ALWAYS_OPEN, parse
from incidents.sla import hours
from incidents.sla.hours import Unreachable

HOUR = 3600
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY = (*WEEKDAYS, "sat", "sun")


def calendar(*intervals, tz="Europe/Berlin", days=WEEKDAYS, **more):
    return parse({"tz": tz, "weekly": {day: [span.split("-") for span in intervals] for day in days}} | more)


def at(text, tz="Europe/Berlin", fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold)


OFFICE = calendar("09:00-17:00")
LUNCH = calendar("09:00-12:00", "13:00-17:00")


@pytest.mark.parametrize(
    ("working", "start", "end", "expected"),
    [
        (OFFICE, "2026-06-01T10:00", "2026-06-01T11:00", 1 * HOUR),
        (OFFICE, "2026-06-01T07:00", "2026-06-01T09:00", 0),
        (OFFICE, "2026-06-01T17:00", "2026-06-02T09:00", 0),
        (OFFICE, "2026-06-05T16:00", "2026-06-08T10:00", 2 * HOUR),
        (OFFICE, "2026-06-06T10:00", "2026-06-07T10:00", 0),
        (OFFICE, "2026-06-01T11:00", "2026-06-01T10:00", 0),
        (OFFICE, "2026-06-01T10:00:00.900000", "2026-06-01T10:00:02.100000", 2),
        (LUNCH, "2026-06-01T11:30", "2026-06-01T13:30", 1 * HOUR),
        (OFFICE, "2021-01-01T00:00", "2026-01-01T00:00", (5 * 365 + 1) // 7 * 40 * HOUR + 4 * 8 * HOUR),
        (ALWAYS_OPEN, "2026-03-28T12:00", "2026-03-29T12:00", 23 * HOUR),
    ],
)
def test_elapsed_counts_open_seconds(working, start, end, expected):
    assert hours.elapsed(working, at(start), at(end)) == expected


@pytest.mark.parametrize(
    ("working", "start", "seconds", "expected"),
    [
        (OFFICE, "2026-06-01T10:00", 2 * HOUR, "2026-06-01T12:00"),
        (OFFICE, "2026-06-01T07:00", 1, "2026-06-01T09:00:01"),
        (OFFICE, "2026-06-01T15:00", 2 * HOUR, "2026-06-01T17:00"),
        (OFFICE, "2026-06-01T15:00", 2 * HOUR + 1, "2026-06-02T09:00:01"),
        (OFFICE, "2026-06-05T18:00", 8 * HOUR, "2026-06-08T17:00"),
        (OFFICE, "2026-06-06T18:00", 0, "2026-06-06T18:00"),
        (LUNCH, "2026-06-01T09:00", 3 * HOUR, "2026-06-01T12:00"),
        (LUNCH, "2026-06-01T09:00", 4 * HOUR, "2026-06-01T14:00"),
        (OFFICE, "2026-06-01T09:00", 52 * 40 * HOUR, "2027-05-28T17:00"),
        (ALWAYS_OPEN, "2026-10-24T12:00", 24 * HOUR, "2026-10-25T11:00"),
    ],
)
def test_due_is_the_earliest_instant(working, start, seconds, expected):
    assert hours.due(working, at(start), seconds) == at(expected)


def test_due_steps_over_holidays_and_obeys_overrides():
    working = calendar("09:00-17:00", holidays=["2026-12-25"], overrides={"2026-12-24": [["09:00", "12:00"]]})

    assert hours.due(working, at("2026-12-24T11:00"), 2 * HOUR) == at("2026-12-28T10:00")


@pytest.mark.parametrize(
    ("tz", "night", "span", "expected"),
    [
        ("Europe/Berlin", "2026-03-29", "00:00-06:00", 5.0),  # 02:00 becomes 03:00
        ("Europe/Berlin", "2026-10-25", "00:00-06:00", 7.0),  # 03:00 becomes 02:00
        ("Europe/Berlin", "2026-03-29", "02:00-03:00", 0.0),  # does not exist at all
        ("Europe/Berlin", "2026-03-29", "02:30-06:00", 2.5),  # opens an hour later
        ("Europe/Berlin", "2026-03-29", "02:15-02:45", 0.5),  # moved as a whole
        ("Europe/Berlin", "2026-10-25", "02:30-06:00", 4.5),  # the first 02:30
        ("Europe/Berlin", "2026-10-25", "00:00-02:30", 2.5),  # the first 02:30, for closing too
        ("America/New_York", "2026-03-08", "00:00-06:00", 5.0),
        ("America/New_York", "2026-11-01", "00:00-06:00", 7.0),
        ("Australia/Lord_Howe", "2026-04-05", "00:00-06:00", 6.5),  # half an hour only
        ("Australia/Lord_Howe", "2026-10-04", "00:00-06:00", 5.5),
        ("America/Havana", "2026-03-08", "00:00-06:00", 5.0),  # there is no midnight
        ("America/Havana", "2026-11-01", "00:00-06:00", 7.0),  # there are two
        ("America/Sao_Paulo", "2015-02-21", "12:00-24:00", 13.0),  # 24:00 becomes 23:00
        ("Pacific/Apia", "2011-12-30", "09:00-17:00", 0.0),  # a date that was skipped
        ("Pacific/Apia", "2011-12-31", "09:00-17:00", 8.0),
    ],
)
def test_elapsed_on_nights_of_clock_change(tz, night, span, expected):
    working = calendar(span, tz=tz, days=EVERY_DAY)
    noon_to_noon = [at(f"{night}T00:00", tz), at(f"{night}T00:00", tz) + timedelta(days=1)]

    assert hours.elapsed(working, *noon_to_noon) == expected * HOUR


def test_intervals_that_meet_in_a_gap_count_once():
    working = calendar("02:30-02:50", "03:00-04:00", days=["sun"])

    assert hours.elapsed(working, at("2026-03-29T00:00"), at("2026-03-30T00:00")) == HOUR


def test_an_interval_inside_a_gap_is_no_work():
    """02:01 moves over the gap to 03:01, behind its own end: less than nothing must not be taken from the day."""
    working = calendar("00:00-00:01", "02:01-03:00", tz="America/New_York", days=["sun"])
    day = at("2026-03-08T00:00", tz="America/New_York"), at("2026-03-09T00:00", tz="America/New_York")

    assert hours.elapsed(working, *day) == 60


def test_due_in_a_repeated_hour_is_the_first_that_holds_enough():
    working = calendar("00:00-24:00", days=EVERY_DAY)

    assert hours.due(working, at("2026-10-25T02:30"), HOUR) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-06-01T10:00", "2026-06-01T10:00"),
        ("2026-06-01T09:00", "2026-06-01T09:00"),
        ("2026-06-01T16:59:59", "2026-06-01T16:59:59"),
        ("2026-06-01T17:00", "2026-06-02T09:00"),
        ("2026-06-06T10:00", "2026-06-08T09:00"),
    ],
)
def test_next_open_waits_for_working_time(moment, expected):
    assert hours.next_open(OFFICE, at(moment)) == at(expected)


def test_answers_are_in_utc():
    assert hours.due(OFFICE, at("2026-06-01T10:00"), 60).tzinfo is UTC
    assert hours.due(ALWAYS_OPEN, at("2026-06-01T10:00"), 60).tzinfo is UTC


def test_table_grows_to_both_sides_without_changing_an_answer():
    working = calendar("09:00-17:00", holidays=["2026-06-02"])
    before = hours.due(working, at("2026-06-01T10:00"), 20 * HOUR)

    far_past = hours.due(working, at("1975-06-02T10:00"), HOUR)
    far_future = hours.due(working, at("2150-06-01T10:00"), HOUR)

    assert far_past == at("1975-06-02T11:00")
    assert far_future == at("2150-06-01T11:00")
    assert hours.due(working, at("2026-06-01T10:00"), 20 * HOUR) == before


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        ("2026-06-01T10:00", 10**12),
        ("2026-06-01T10:00", 90 * 365 * 86_400),
        ("2199-12-30T10:00", 1000 * HOUR),
        ("1960-06-01T10:00", HOUR),
        ("9000-06-01T10:00", HOUR),
    ],
    ids=["absurd", "more-than-a-century-of-work", "end-of-the-table", "before-it", "after-it"],
)
def test_arithmetic_is_bounded(start, seconds):
    with pytest.raises(Unreachable, match=r"\.$"):
        hours.due(OFFICE, at(start), seconds)


def test_elapsed_is_bounded():
    with pytest.raises(Unreachable, match="know the years 1970 to 2199"):
        hours.elapsed(OFFICE, at("2026-06-01T10:00"), at("3000-01-01T00:00"))


def test_naive_instants_and_negative_targets_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        hours.due(OFFICE, datetime(2026, 6, 1, 10), 60)
    with pytest.raises(ValueError, match="negative"):
        hours.due(OFFICE, at("2026-06-01T10:00"), -1)
