"""What a calendar may say, and the sentence for what it may not."""

import pickle
from datetime import date, timedelta

import pytest

from customers.working_hours import ALWAYS_OPEN, NO_WORKING_TIME, HoursError, parse

WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NINE_TO_FIVE = (540, 1020)


@pytest.fixture(autouse=True)
def _database():
    """In place of the fixture that opens the database: this module is pure."""


@pytest.fixture(autouse=True)
def _own_cache():
    """Likewise for the cache."""


def spec(**changes):
    return {"tz": "Europe/Berlin", "always_open": False, "weekly": WEEK, "holidays": []} | changes


def days(number):
    return [(date(1990, 1, 1) + timedelta(days=day)).isoformat() for day in range(number)]


def test_parse_reads_an_ordinary_week():
    hours = parse(spec(holidays=["2026-12-25", "2026-12-25"]))

    assert hours.weekly == ((NINE_TO_FIVE,),) * 5 + ((), ())
    assert hours.holidays == {date(2026, 12, 25)}
    assert hours.day_seconds == 8 * 3600


@pytest.mark.parametrize(
    ("given", "monday", "tuesday"),
    [
        ([["00:00", "24:00"]], ((0, 1440),), ()),
        ([["00:00", "23:59"]], ((0, 1440),), ()),
        ([["18:00", "00:00"]], ((1080, 1440),), ()),
        ([["22:00", "06:00"]], ((1320, 1440),), ((0, 360),)),
        ([["18:00", "06:00"]], ((1080, 1440),), ((0, 360),)),
        ([["13:00", "17:00"], ["8:00", "12:00"]], ((480, 720), (780, 1020)), ()),
        ([["12:00", "17:00"], ["09:00", "12:00"]], (NINE_TO_FIVE,), ()),
    ],
    ids=["24-00", "23-59", "midnight", "night", "longest-night", "sorted", "joined"],
)
def test_parse_reads_intervals(given, monday, tuesday):
    hours = parse(spec(weekly={"mon": given}))

    assert hours.weekly[:2] == (monday, tuesday)


def test_parse_carries_the_night_of_sunday_into_monday():
    hours = parse(spec(weekly={"sun": [["22:00", "06:00"]], "mon": [["06:00", "08:00"]]}))

    assert hours.weekly[0] == ((0, 480),)


def test_on_prefers_an_override_to_a_holiday():
    hours = parse(spec(holidays=["2026-12-24", "2026-12-25"], overrides={"2026-12-24": [["09:00", "12:00"]]}))

    assert hours.on(date(2026, 12, 23)) == (NINE_TO_FIVE,)
    assert hours.on(date(2026, 12, 24)) == ((540, 720),)
    assert hours.on(date(2026, 12, 25)) == ()


def test_on_is_closed_by_an_empty_override():
    assert parse(spec(overrides={"2026-06-01": []})).on(date(2026, 6, 1)) == ()


def test_holiday_feed_ends_exclusively():
    feed = [{"summary": "Christmas", "dtstart": "2026-12-25", "dtend": "2026-12-27"}, {"dtstart": "2027-01-01"}]

    hours = parse(spec(holiday_feed=feed))

    assert hours.holidays == {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}


def test_always_open_is_its_own_kind():
    hours = parse({"tz": "Europe/Berlin", "always_open": True, "weekly": {}, "holidays": []})

    assert hours.always_open
    assert hours.day_seconds == ALWAYS_OPEN.day_seconds == 86_400


@pytest.mark.parametrize(
    "given",
    [
        spec(holidays=["2026-12-25"], overrides={"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []}),
        spec(weekly={"fri": [["22:00", "06:00"], ["08:00", "12:00"]]}),
        {"tz": "Asia/Tehran", "always_open": True},
    ],
)
def test_to_spec_is_the_inverse_of_parse(given):
    hours = parse(given)

    assert parse(hours.to_spec()) == hours
    assert hash(parse(hours.to_spec())) == hash(hours)
    assert pickle.loads(pickle.dumps(hours)) == hours


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (None, "spec", "A calendar must be an object"),
        (spec(holidy=[]), "spec", "knows nothing called “holidy”"),
        (spec(tz="Europe/Atlantis"), "tz", "“Europe/Atlantis” is not a known time zone."),
        (spec(tz="../../etc/passwd"), "tz", "not a known time zone"),
        (spec(tz="right/Europe/Berlin"), "tz", "not a known time zone"),
        (spec(tz=None), "tz", "not a known time zone"),
        (spec(tz=["Europe/Berlin"]), "tz", "not a known time zone"),
        (spec(always_open="yes"), "always_open", "must be true or false"),
        (spec(always_open=True), "always_open", "leaves no room"),
        (spec(weekly={"monday": []}), "weekly", "mon, tue"),
        (spec(weekly=[1]), "weekly", "mon, tue"),
        (spec(weekly={"mon": 9}), "weekly.mon", "Monday: hours must be a list"),
        (spec(weekly={"mon": [["09:00"]]}), "weekly.mon", "Monday: hours must be a list"),
        (spec(weekly={"mon": [["25:00", "26:00"]]}), "weekly.mon", "Monday: “25:00” is not a time of day"),
        (spec(weekly={"mon": [["09:00", "24:01"]]}), "weekly.mon", "“24:01” is not a time"),
        (spec(weekly={"mon": [["09:60", "10:00"]]}), "weekly.mon", "“09:60” is not a time"),
        (spec(weekly={"mon": [[9, 17]]}), "weekly.mon", "“9” is not a time"),
        (spec(weekly={"mon": [["٠٩:٠٠", "17:00"]]}), "weekly.mon", "is not a time"),
        (spec(weekly={"mon": [["09:00", "09:00"]]}), "weekly.mon", "Monday: 09:00-09:00 has no length."),
        (spec(weekly={"mon": [["24:00", "06:00"]]}), "weekly.mon", "has no length"),
        (spec(weekly={"tue": [["17:00", "09:00"]]}), "weekly.tue", "Tuesday: 17:00-09:00 ends before it starts"),
        (spec(weekly={"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}), "weekly.mon", "09:00-12:00 and 11:00-17:00"),
        (spec(weekly={"mon": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]}), "weekly.tue", "overlap"),
        (spec(weekly={"mon": [["09:00", "10:00"]] * 25}), "weekly.mon", "more than 24 intervals"),
        (spec(holidays="2026-12-25"), "holidays", "list of dates"),
        (spec(holidays=["25.12.2026"]), "holidays", "“25.12.2026” is not a date"),
        (spec(holidays=["20261225"]), "holidays", "is not a date"),
        (spec(holidays=["2026-02-30"]), "holidays", "“2026-02-30” is not a date"),
        (spec(holidays=["9999-01-01"]), "holidays", "between 1970 and 2199"),
        (spec(holidays=days(10_000)), "holidays", "10000 dates are too many: a calendar keeps 3000."),
        (spec(overrides=["x"]), "overrides", "hours for each date"),
        (spec(overrides={"soon": []}), "overrides", "“soon” is not a date"),
        (spec(overrides={"2026-12-24": [["22:00", "06:00"]]}), "overrides", "ends at 24:00 at the latest"),
        (spec(overrides={day: [] for day in days(3001)}), "overrides", "too many"),
        (spec(holiday_feed=["x"]), "holiday_feed", "list of entries"),
        (
            spec(holiday_feed=[{"dtstart": "2026-12-25", "dtend": "2026-12-25"}]),
            "holiday_feed",
            "ends before it starts",
        ),
        (spec(holiday_feed=[{"dtstart": "1990-01-01", "dtend": "2100-01-01"}]), "holiday_feed", "too many"),
        (spec(weekly={}), "weekly", "no working time"),
        (spec(weekly={}, overrides={"2026-12-24": [["09:00", "12:00"]]}), "weekly", "no working time"),
    ],
)
def test_parse_refuses_with_a_sentence(given, field, sentence):
    with pytest.raises(HoursError) as refused:
        parse(given)

    assert sentence in str(refused.value)
    assert refused.value.field == field
    assert refused.value.template % refused.value.parts == str(refused.value)


def test_refusal_of_an_empty_week_has_a_code():
    with pytest.raises(HoursError) as refused:
        parse(spec(weekly={"mon": []}))

    assert refused.value.code == NO_WORKING_TIME
