"""The data of screens: the order of the queue, faces of clocks, lists that keep still."""

from datetime import timedelta

import pytest

from customers.models import Customer
from incidents import conversation, lifecycle, queries
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.incidents.moments import at, clock

NOON = at("Mon 12:00")


@pytest.fixture
def opened(reporter, team):
    """opened("09:00", impact, urgency, level) -> an incident reported at that time of Monday."""

    def report(time: str, impact: int = 3, urgency: int = 2, level: int = 1) -> Incident:
        Customer.objects.filter(pk=reporter.customer_id).update(level=level)
        reporter.refresh_from_db()
        with moment.travel(at(f"Mon {time}")):
            return factories.open_incident(reporter, impact=impact, urgency=urgency)

    return report


@pytest.fixture
def in_order(agent):
    """The references of the whole queue at noon."""

    def look(view: str = "open") -> list[str]:
        return [row.incident.reference for row in queries.queue(agent, view, NOON)]

    return look


def promised_for(incident, agent, said: str, due: str) -> Incident:
    with moment.travel(at(f"Mon {said}")):
        return conversation.update(incident, by=agent, text="We look.", next_update_at=at(due))


def test_a_major_comes_before_everything(opened, in_order) -> None:
    urgent, major = opened("09:00", 1, 1), opened("11:00")
    Incident.objects.filter(pk=major.pk).update(is_major=True)

    assert in_order() == [major.reference, urgent.reference]


def test_priority_comes_before_promises_and_age(opened, in_order, agent) -> None:
    old = promised_for(opened("08:00", 3, 2), agent, "08:30", "Mon 12:05")
    urgent = promised_for(opened("11:00", 2, 2), agent, "11:30", "Mon 15:00")

    assert in_order() == [urgent.reference, old.reference]


@pytest.mark.parametrize(
    ("due", "comes_first"), [("Mon 11:50", True), ("Mon 12:00", True), ("Mon 12:15", True), ("Mon 12:16", False)]
)
def test_a_promise_lifts_from_fifteen_minutes_before_it_is_due(opened, in_order, agent, due, comes_first) -> None:
    old = promised_for(opened("08:00"), agent, "11:00", "Mon 16:00")
    young = promised_for(opened("10:00"), agent, "11:00", due)

    assert in_order() == ([young.reference, old.reference] if comes_first else [old.reference, young.reference])


@pytest.mark.parametrize(("is_owned", "comes_first"), [(True, True), (False, False)])
def test_the_last_quarter_lifts_only_what_somebody_has(opened, in_order, agent, is_owned, comes_first) -> None:
    old = promised_for(opened("08:00"), agent, "11:00", "Mon 16:00")
    young = promised_for(opened("09:00"), agent, "11:00", "Mon 16:00")
    clock(young, "restore")  # three quarters of it are used:
    young.clocks.filter(kind="restore").update(at_risk_at=NOON - timedelta(minutes=1))
    Incident.objects.filter(pk=young.pk).update(owner=agent if is_owned else None)

    assert in_order() == ([young.reference, old.reference] if comes_first else [old.reference, young.reference])


@pytest.mark.parametrize("levels", [(1, 5), (5, 1)])
def test_the_level_plays_no_part(opened, in_order, levels) -> None:
    """An L5 P2 owes its repair in half the time of an L1 P2; unowned, the older one is first all the same."""
    older = opened("11:30", 2, 1, level=levels[0])
    younger = opened("11:31", 2, 1, level=levels[1])

    assert in_order() == [older.reference, younger.reference]


def test_else_the_oldest_is_first(opened, in_order) -> None:
    references = [opened(time).reference for time in ("11:58", "11:57", "11:59")]

    assert in_order() == [references[1], references[0], references[2]]


def test_views_hold_what_they_say(opened, in_order, agent) -> None:
    unowned, mine = opened("11:50", 2, 2), opened("11:51", 2, 2)
    waiting = opened("11:52", 2, 2)
    with moment.travel(at("Mon 11:55")):
        conversation.update(mine, by=agent, text="We look.", next_update_at=at("Mon 12:10"))
        lifecycle.ask(waiting, by=agent, question="Which?", next_update_at=at("Mon 13:30"))
    mine.clocks.filter(kind="restore").update(at_risk_at=NOON)

    lists = {view: set(in_order(view)) for view in queries.VIEWS}

    assert lists["mine"] == {mine.reference, waiting.reference}
    assert lists["unowned"] == {unowned.reference}
    assert lists["promises"] >= {mine.reference}
    assert waiting.reference not in lists["promises"]
    assert lists["risk"] == {mine.reference}
    assert lists["waiting"] == {waiting.reference}
    assert lists["majors"] == set()


def test_the_face_of_a_promise_is_full_when_it_is_given(opened, agent) -> None:
    incident = promised_for(opened("11:00"), agent, "12:00", "Mon 12:30")

    face = queries.face(clock(incident, "update"), queries.policy.terms(incident.policy), at("Mon 12:15"))

    assert (face.remaining_s, face.share_left, face.meaning) == (900, 0.5, "calm")


@pytest.mark.parametrize(
    ("time", "remaining", "meaning"),
    [("Mon 12:25", 300, "attention"), ("Mon 12:30", 0, "attention"), ("Mon 12:33", -180, "late")],
)
def test_the_face_of_a_clock_says_how_it_stands(opened, agent, time, remaining, meaning) -> None:
    incident = promised_for(opened("11:00"), agent, "12:00", "Mon 12:30")

    face = queries.face(clock(incident, "update"), queries.policy.terms(incident.policy), at(time))

    assert (face.remaining_s, face.meaning, face.is_late) == (remaining, meaning, meaning == "late")


def test_the_face_of_a_paused_clock_names_its_question(opened, agent) -> None:
    with moment.travel(at("Mon 12:00")):
        incident = lifecycle.ask(opened("11:00"), by=agent, question="Which printer?")

    face = queries.face(clock(incident, "restore"), queries.policy.terms(incident.policy), at("Mon 15:00"))

    assert (face.meaning, face.paused_reason) == ("paused", "Which printer?")
    assert face.remaining_s == clock(incident, "restore").target_s - 3600


def test_a_stopped_clock_keeps_its_verdict(opened, agent) -> None:
    with moment.travel(at("Mon 12:00")):
        incident = factories.restored(opened("11:00"), agent)

    face = queries.face(clock(incident, "restore"), queries.policy.terms(incident.policy), at("Wed 15:00"))

    assert face.meaning == "done"


def test_since_tells_what_is_newer_than_a_form(opened, agent) -> None:
    incident = promised_for(opened("11:00"), agent, "11:30", "Mon 13:00")
    version = incident.version
    later = promised_for(incident, agent, "11:45", "Mon 13:00")

    assert [event.message.body for event in queries.since(later, agent, version)] == ["We look."]
    assert queries.since(later, agent, later.version) == []


def test_people_are_found_by_every_word(agent, reporter, colleague, contact, stranger) -> None:
    assert queries.people(agent, "rosa ostermoor") == [reporter]
    assert queries.people(agent, "sam") == []
    assert queries.people(agent, "") == [contact, colleague, reporter]
