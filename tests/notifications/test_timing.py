"""When a message goes out: quiet hours, digests, and not too often."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents import conversation, following, lifecycle
from incidents.models import Follow, IncidentEvent, Message
from itsm import events, moment
from notifications import preferences, timing
from notifications.models import Delivery, Preference
from tests import factories

BERLIN = ZoneInfo("Europe/Berlin")
P1, P3 = {"impact": 1, "urgency": 1}, {"impact": 2, "urgency": 2}


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.fixture
def quiet(town):
    """The town sleeps from 20:00 to 07:00."""
    town.quiet_from, town.quiet_until = time(20), time(7)
    town.save()
    return town


def told_at(text: str, incident, agent, words: str = "We are on it.") -> Delivery:
    """The mail to whoever reported it, of an update at this time."""
    with moment.travel(berlin(text)):
        conversation.update(incident, by=agent, text=words)
        events.relay()
    return Delivery.objects.outside().filter(recipient=incident.reporter, kind="update").latest("pk")


def opened(reporter, text: str = "2026-03-02 10:00", **values):
    with moment.travel(berlin(text)):
        incident = factories.open_incident(reporter, **values)
        events.relay()
    return incident


def held(row: Delivery) -> tuple[str, str, datetime | None]:
    return row.state, row.held_for, row.next_try_at.astimezone(BERLIN) if row.held_for else None


AT_ONCE = ("queued", "", None)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02 19:59", None), ("2026-03-02 20:00", "2026-03-03 07:00"),
        ("2026-03-03 02:00", "2026-03-03 07:00"), ("2026-03-03 06:59", "2026-03-03 07:00"),
        ("2026-03-03 07:00", None),
    ],
)  # fmt: skip
def test_quiet_hours_hold_what_can_wait(quiet, reporter, agent, at, until) -> None:
    row = told_at(at, opened(reporter, **P3), agent)

    assert held(row) == (("held", "quiet", berlin(until)) if until else AT_ONCE)


def test_the_portal_does_not_sleep(quiet, reporter, agent) -> None:
    told_at("2026-03-02 23:00", opened(reporter, **P3), agent)

    assert Delivery.objects.get(channel="portal", kind="update").state == "sent"


def test_what_is_urgent_passes(quiet, reporter, agent) -> None:
    assert held(told_at("2026-03-02 23:00", opened(reporter, **P1), agent)) == AT_ONCE


def test_the_receipt_of_ones_own_report_passes(quiet, reporter, team) -> None:
    opened(reporter, "2026-03-02 23:00", **P3)

    assert held(Delivery.objects.outside().get()) == AT_ONCE


def test_quiet_hours_are_those_of_the_readers_clock(quiet, reporter, agent) -> None:
    reporter.time_zone = "America/New_York"
    reporter.save()

    assert held(told_at("2026-03-02 23:00", opened(reporter, **P3), agent)) == AT_ONCE  # 17:00 there
    assert held(told_at("2026-03-03 08:00", opened(reporter, **P3), agent))[:2] == ("held", "quiet")  # 02:00


@pytest.mark.parametrize(("own", "expected"), [("never", None), ("own", "2026-03-02 23:30")])
def test_ones_own_hours_come_before_the_customers(quiet, reporter, agent, own, expected) -> None:
    hours = {"quiet_from": time(22), "quiet_until": time(23, 30)} if own == "own" else {}
    Preference.objects.create(person=reporter, quiet=own, **hours)

    row = told_at("2026-03-02 23:00", opened(reporter, **P3), agent)

    assert held(row) == (("held", "quiet", berlin(expected)) if expected else AT_ONCE)


@pytest.mark.parametrize(
    ("wanted", "after", "expected"),
    [
        # 29 March 2026: clocks go from 02:00 to 03:00; 02:30 is not there and comes at 03:30.
        (time(7), "2026-03-28T21:00+00:00", "2026-03-29T05:00+00:00"),
        (time(2, 30), "2026-03-28T21:00+00:00", "2026-03-29T01:30+00:00"),
        # 25 October 2026: clocks go from 03:00 back to 02:00; 02:30 is there twice.
        (time(7), "2026-10-24T20:00+00:00", "2026-10-25T06:00+00:00"),
        (time(2, 30), "2026-10-24T23:00+00:00", "2026-10-25T00:30+00:00"),
        (time(2, 30), "2026-10-25T00:40+00:00", "2026-10-25T01:30+00:00"),
        (time(2, 30), "2026-10-25T01:40+00:00", "2026-10-26T01:30+00:00"),
    ],
)
def test_the_next_time_on_a_clock_that_jumps(wanted, after, expected) -> None:
    found = preferences.next_time(wanted, BERLIN, datetime.fromisoformat(after))

    assert found == datetime.fromisoformat(expected)


def test_each_minute_of_a_year_has_an_end_of_its_quiet_hours(quiet, reporter) -> None:
    at, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    preferences.load([reporter])
    while at < end:
        until = preferences.quiet_until(reporter, at)
        there = at.astimezone(BERLIN)
        assert (until is not None) == (there.hour >= 20 or there.hour < 7)
        assert until is None or (at < until <= at + timedelta(hours=12) and until.astimezone(BERLIN).hour == 7)
        at += timedelta(minutes=37)


def test_the_second_update_within_ten_minutes_waits(reporter, agent, town) -> None:
    incident = opened(reporter)
    first = told_at("2026-03-02 10:05", incident, agent)
    second = told_at("2026-03-02 10:08", incident, agent, "Still looking.")
    third = told_at("2026-03-02 10:09", incident, agent, "And looking.")
    later = told_at("2026-03-02 10:16", incident, agent, "Found something.")

    assert held(first) == held(later) == AT_ONCE
    assert held(second) == held(third) == ("held", "often", berlin("2026-03-02 10:15"))


def test_what_changes_things_does_not_wait(reporter, agent) -> None:
    incident = opened(reporter)
    told_at("2026-03-02 10:05", incident, agent)
    with moment.travel(berlin("2026-03-02 10:06")):
        factories.restored(incident, agent)
        events.relay()

    assert held(Delivery.objects.outside().get(kind="restored")) == AT_ONCE


def test_another_phase_does_not_wait(reporter, agent, team) -> None:
    incident = opened(reporter)
    told_at("2026-03-02 10:05", incident, agent)
    with moment.travel(berlin("2026-03-02 10:07")):
        conversation.update(incident, by=agent, text="It is the driver.")
        Message.objects.filter(body="It is the driver.").update(phase=Message.Phase.IDENTIFIED)
        events.relay()

    assert held(Delivery.objects.outside().latest("pk")) == AT_ONCE


def test_other_incidents_and_other_people_do_not_count(reporter, agent, colleague) -> None:
    told_at("2026-03-02 10:05", opened(reporter), agent)
    other = told_at("2026-03-02 10:06", opened(reporter), agent)
    told_at("2026-03-02 10:06", opened(colleague), agent)

    assert held(other) == AT_ONCE
    assert not Delivery.objects.held().exists()


def test_what_waits_until_after_bedtime_waits_for_the_morning(quiet, reporter, agent) -> None:
    incident = opened(reporter, **P3)
    told_at("2026-03-02 19:54", incident, agent)

    assert held(told_at("2026-03-02 19:58", incident, agent)) == ("held", "quiet", berlin("2026-03-03 07:00"))


def test_the_customers_words_wait_two_minutes_for_each_other(reporter, agent) -> None:
    incident = factories.taken(opened(reporter), agent)
    for second in ("10:20:00", "10:21:00", "10:23:30"):
        with moment.travel(berlin(f"2026-03-02 {second}")):
            conversation.add(incident, by=reporter, text=f"At {second}")
            events.relay()

    rows = Delivery.objects.outside().filter(kind="customer_wrote").order_by("pk")

    assert [row.held_for for row in rows] == ["", "often", ""]


@pytest.fixture
def follower(colleague):
    """follower(incident, mode) -> the colleague, who follows it and wants to hear so often."""

    def follow(incident, agent, mode: str):
        following.join(incident, by=agent, person=colleague, why=Follow.Why.FOLLOWS)
        Preference.objects.update_or_create(person=colleague, defaults={"mode": mode, "digest_at": time(16)})
        return colleague

    return follow


def channels(person, kind: str) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(recipient=person, kind=kind).order_by("pk")
    return sorted((row.channel, row.held_for) for row in rows)


def test_only_what_changes_things(reporter, agent, follower) -> None:
    incident = opened(reporter)
    person = follower(incident, agent, "phases")
    told_at("2026-03-02 10:05", incident, agent)  # the first: somebody has begun
    told_at("2026-03-02 11:05", incident, agent)
    with moment.travel(berlin("2026-03-02 12:00")):
        factories.restored(incident, agent)
        events.relay()

    assert channels(person, "update") == [("email", ""), ("portal", ""), ("portal", "")]
    assert channels(person, "restored") == [("email", ""), ("portal", "")]


def test_once_a_day(reporter, agent, follower) -> None:
    incident = opened(reporter)
    person = follower(incident, agent, "daily")
    told_at("2026-03-02 10:05", incident, agent)
    told_at("2026-03-02 16:05", incident, agent)

    rows = Delivery.objects.outside().filter(recipient=person, kind="update").order_by("pk")

    assert [held(row) for row in rows] == [
        ("held", "digest", berlin("2026-03-02 16:00")), ("held", "digest", berlin("2026-03-03 16:00")),
    ]  # fmt: skip


def test_of_what_is_urgent_the_steps_come_at_once(reporter, agent, follower) -> None:
    incident = opened(reporter, **P1)
    person = follower(incident, agent, "daily")
    told_at("2026-03-02 10:05", incident, agent)
    told_at("2026-03-02 10:35", incident, agent)

    assert channels(person, "update") == [("email", ""), ("email", "digest"), ("portal", ""), ("portal", "")]


def test_a_question_does_not_wait_for_the_digest(reporter, agent, team) -> None:
    Preference.objects.create(person=reporter, mode="daily")
    incident = opened(reporter)
    with moment.travel(berlin("2026-03-02 10:05")):
        lifecycle.ask(incident, by=agent, question="Which counter?")
        events.relay()

    assert channels(reporter, "question") == [("email", ""), ("portal", "")]


def test_of_one_incident_somebody_may_hear_otherwise(reporter, agent, follower) -> None:
    incident = opened(reporter)
    person = follower(incident, agent, "every")
    Follow.objects.update(mode="none")
    told_at("2026-03-02 10:05", incident, agent)

    assert channels(person, "update") == [("portal", "")]


def test_work_at_the_desk_is_told_each_time(reporter, agent) -> None:
    Preference.objects.create(person=agent, mode="daily")
    incident = factories.taken(opened(reporter), agent)
    with moment.travel(berlin("2026-03-02 10:20")):
        conversation.add(incident, by=reporter, text="More")
        events.relay()

    assert channels(agent, "customer_wrote") == [("email", ""), ("portal", "")]
    assert IncidentEvent.objects.filter(kind="added").exists()


def test_how_often_means_the_same_for_one_and_for_all() -> None:
    """`Follow.mode` is kept on the floor below, in the same words."""
    assert {*Preference.Mode.values, timing.MUTED, ""} == set(Follow.Mode.values)
