"""What holds for every calendar, found by hypothesis; and the oracle's opinion on random weeks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.working_hours import parse
from incidents.sla import hours
from tests.incidents.sla import oracle

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata", "UTC"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FROM, TO = datetime(2024, 1, 1), datetime(2030, 1, 1)
CHANGES = {  # a day shortly before the clocks change
    "Europe/Berlin": [date(2026, 3, 27), date(2026, 10, 23)],
    "America/New_York": [date(2026, 3, 6), date(2026, 10, 30)],
    "Australia/Lord_Howe": [date(2026, 4, 3), date(2026, 10, 2)],
    "America/Havana": [date(2026, 3, 6), date(2026, 10, 30)],
    "Asia/Kolkata": [date(2026, 3, 27)],
    "UTC": [date(2026, 3, 27)],
}
ORACLE_DAYS = 6

instants = st.datetimes(FROM, TO, timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
targets = st.integers(1, 400 * 3600)
pure = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def days_of_intervals(draw):
    """Up to three intervals of one day, apart from each other, often at night, to the minute."""
    edges = sorted(draw(st.sets(st.one_of(st.integers(0, 240), st.integers(0, 1440)), max_size=6)))
    return [[clock(start), clock(end)] for start, end in zip(edges[::2], edges[1::2], strict=False) if end != 1439]


@st.composite
def calendars(draw):
    week = {day: draw(days_of_intervals()) for day in DAYS}
    if not any(week.values()):
        week["wed"] = [["02:15", "10:00"]]
    dates = st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str)
    spec = {"tz": draw(st.sampled_from(ZONES)), "weekly": week, "holidays": draw(st.lists(dates, max_size=5))}
    return parse(spec | {"overrides": draw(st.dictionaries(dates, days_of_intervals(), max_size=3))})


@pure
@given(calendars(), instants, instants)
def test_elapsed_is_never_negative_nor_more_than_real_time(working, start, end):
    seconds = hours.elapsed(working, start, end)

    assert 0 <= seconds <= max(0, (end - start).total_seconds())


@pure
@given(calendars(), instants, instants, instants)
def test_splitting_an_interval_changes_nothing(working, one, another, third):
    first, middle, last = sorted([one, another, third])

    parts = hours.elapsed(working, first, middle) + hours.elapsed(working, middle, last)

    assert parts == hours.elapsed(working, first, last)


@pure
@given(calendars(), instants, targets, targets)
def test_due_is_monotone_in_the_target(working, start, one, other):
    lower, higher = sorted([one, other])

    assert hours.due(working, start, lower) <= hours.due(working, start, higher)


@pure
@given(calendars(), instants, targets)
def test_due_is_the_first_instant_with_the_target_elapsed(working, start, seconds):
    due = hours.due(working, start, seconds)

    assert hours.elapsed(working, start, due) == seconds
    assert hours.elapsed(working, start, due - timedelta(seconds=1)) == seconds - 1


@pure
@given(calendars(), instants, instants)
def test_what_is_used_up_at_closing_is_due_at_closing(working, one, other):
    """Any instant outside the hours makes such a target; a random number of seconds hardly ever does."""
    start, last = sorted([one, other])
    if seconds := hours.elapsed(working, start, last):
        due = hours.due(working, start, seconds)

        assert due <= last
        assert hours.elapsed(working, start, due - timedelta(seconds=1)) == seconds - 1


@pure
@given(calendars(), instants, targets, targets)
def test_due_in_two_steps_is_due_in_one(working, start, one, other):
    assert hours.due(working, hours.due(working, start, one), other) == hours.due(working, start, one + other)


@pure
@given(calendars(), instants)
def test_next_open_wastes_no_working_time(working, moment):
    opened = hours.next_open(working, moment)

    assert hours.elapsed(working, moment, opened) == 0
    assert hours.elapsed(working, opened, opened + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("zone", ZONES)
def test_oracle_agrees_on_random_weeks(zone):
    @settings(pure, max_examples=25)
    @given(calendars().map(lambda drawn: parse(drawn.to_spec() | {"tz": zone})), st.data())
    def agrees(working, data):
        first = data.draw(st.sampled_from(CHANGES[zone]))
        opened = oracle.open_minutes(working, first - timedelta(days=1), ORACLE_DAYS + 2)
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
        minutes = st.integers(0, (ORACLE_DAYS - 1) * 1440)
        start, end = (begin + timedelta(minutes=data.draw(minutes)) for _ in range(2))

        assert hours.elapsed(working, start, end) == oracle.elapsed(opened, start, end)
        expected = oracle.due(opened, start, data.draw(st.integers(1, 600)))
        if expected is not None and expected < begin + timedelta(days=ORACLE_DAYS - 1):
            worked = oracle.elapsed(opened, start, expected)
            assert hours.due(working, start, worked) == expected

    agrees()


@pytest.mark.parametrize("zone", ZONES)
def test_oracle_agrees_second_by_second_around_the_change(zone):
    working = parse({"tz": zone, "weekly": {day: [["01:10", "02:20"], ["02:40", "23:50"]] for day in DAYS}})
    for first in CHANGES[zone]:
        opened = oracle.open_minutes(working, first, 5)
        begin, used = datetime(first.year, first.month, first.day, 20, tzinfo=UTC), 0
        for second in range(2 * 86_400):
            instant = begin + timedelta(seconds=second)
            assert hours.elapsed(working, begin, instant) == used, instant
            used += instant.replace(second=0) in opened
