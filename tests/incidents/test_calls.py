"""Calls: who is owed one, until when, and what a try changes."""

from datetime import timedelta

import pytest

from customers.models import ContactRole
from incidents import calls, corrections, lifecycle
from incidents.models import CallTask
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.crowd import at_once
from tests.incidents.moments import at, clock, states

pytestmark = pytest.mark.usefixtures("monday")
P1, P2 = {"impact": 1, "urgency": 1}, {"impact": 1, "urgency": 2}


def made(incident) -> list[tuple[str, str, str]]:
    """(why, whom, outcome), in the order in which they were planned."""
    return [(call.why, call.called, call.outcome) for call in incident.calls.order_by("pk")]


@pytest.fixture
def named(town):
    """Hanna has no log-in; she is the named contact, and has a mobile that works when nothing else does."""
    return ContactRole.objects.create(
        customer=town, kind="named_contact", name="Hanna Holm", phone="555 0191", out_of_band="0170 555 01"
    )


def test_the_named_contact_is_called_about_an_urgent_report(reporter, team, contact, named) -> None:
    incident = factories.open_incident(reporter, **P1)

    call = incident.calls.get()
    assert (call.why, call.called, call.number) == ("urgent", "Hanna Holm", "0170 555 01")
    assert call.due_at == at("Mon 10:15")


def test_who_speaks_for_the_service_comes_first(reporter, team, town, named) -> None:
    service = factories.ServiceFactory(customer=town)
    own = {"service": service, "name": "Sven Sol", "phone": "555 0199"}
    ContactRole.objects.create(customer=town, kind="named_contact", **own)

    assert made(factories.open_incident(reporter, service=service, **P1)) == [("urgent", "Sven Sol", "")]
    assert made(factories.open_incident(reporter, **P1)) == [("urgent", "Hanna Holm", "")]


def test_without_a_named_contact_it_is_the_contact(reporter, team, contact) -> None:
    assert made(factories.open_incident(reporter, **P1)) == [("urgent", contact.name, "")]


def test_with_nobody_to_call_there_is_no_call(reporter, team) -> None:
    assert made(factories.open_incident(reporter, **P1)) == []


def test_who_is_on_the_telephone_is_not_called(contact, team, agent) -> None:
    incident = lifecycle.open_incident(by=agent, reporter=contact, text="All is down", origin="phone", **P1)

    assert made(incident) == []


def test_raised_to_urgent_calls_as_if_it_had_been_reported_so(incident, agent, contact) -> None:
    lifecycle.prioritise(incident, by=agent, impact=1, urgency=1)
    lifecycle.prioritise(incident, by=agent, impact=1, urgency=2)
    lifecycle.prioritise(incident, by=agent, impact=1, urgency=1)

    assert made(incident) == [("urgent", contact.name, "")]


def test_works_again_asks_the_reporter_instead(reporter, team, agent, contact) -> None:
    incident = factories.restored(factories.open_incident(reporter, **P2), agent)

    assert made(incident) == [("urgent", contact.name, "not_needed"), ("confirm", reporter.name, "")]
    assert incident.calls.get(why="confirm").owner == agent


def test_resolved_at_once_is_confirmed_too(reporter, team, agent) -> None:
    incident = factories.taken(factories.open_incident(reporter, **P2), agent)
    lifecycle.resolve(incident, by=agent)

    assert made(incident) == [("confirm", reporter.name, "")]


def test_a_relapse_and_an_end_need_no_call(reporter, team, agent) -> None:
    incident = factories.restored(factories.open_incident(reporter, **P2), agent)
    lifecycle.still_broken(incident, by=reporter)
    assert made(incident) == [("confirm", reporter.name, "not_needed")]

    calls.promise_call(incident, by=agent, due_at=at("Mon 11:00"))
    lifecycle.cancel(incident, by=agent, reason="It was the test system.")

    assert made(incident)[1:] == [("call_back", reporter.name, "not_needed")]


def test_a_call_that_reached_the_reporter_is_a_first_answer(incident, agent) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))

    with moment.travel(at("Mon 10:20")):
        call = calls.record_call(incident.calls.get(), by=agent, outcome="reached")

    assert (call.done_at, call.done_by, call.tries) == (at("Mon 10:20"), agent, 1)
    assert states(incident) == {"response": "stopped", "restore": "running", "update": "running"}
    assert clock(incident, "response").stopped_at == at("Mon 10:20")
    assert incident.events.get(kind="called").next_update_at == clock(incident, "update").due_at


@pytest.mark.parametrize("outcome", ["voicemail", "no_answer"])
def test_a_call_that_did_not_reach_them_answers_nobody(incident, agent, outcome) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:01"))

    call = calls.record_call(incident.calls.get(), by=agent, outcome=outcome)

    assert states(incident) == {"response": "running", "restore": "running"}
    assert (call.done_at, call.due_at) == (None, at("Mon 10:15"))


def test_whoever_else_was_told_the_reporter_waits(reporter, team, agent, contact) -> None:
    incident = factories.open_incident(reporter, **P1)

    calls.record_call(incident.calls.get(), by=agent, outcome="reached")

    assert states(incident)["response"] == "running"


def test_after_the_first_answer_a_call_moves_no_promise(incident, agent) -> None:
    incident = factories.answered(incident, agent)
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))
    promised = clock(incident, "update").due_at

    calls.record_call(incident.calls.get(), by=agent, outcome="reached")

    assert (clock(incident, "update").due_at, clock(incident, "update").cycle) == (promised, 1)


def test_reached_to_confirm_stands_in_the_history(reporter, team, agent) -> None:
    incident = factories.restored(factories.open_incident(reporter, **P2), agent)

    calls.record_call(incident.calls.get(why="confirm"), by=agent, outcome="reached")

    assert incident.events.get(kind="called").call_outcome == "reached: asked whether it works"


def test_two_tries_suggest_another_way(incident, agent) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))
    call = calls.record_call(incident.calls.get(), by=agent, outcome="no_answer")
    assert not call.wants_another_way

    call = calls.record_call(call, by=agent, outcome="voicemail")
    assert call.wants_another_way

    call = calls.record_call(call, by=agent, outcome="other_way")
    assert (call.done_by, call.tries, call.wants_another_way) == (agent, 2, False)


@pytest.mark.parametrize("outcome", ["", "not_needed", "shouted"])
def test_what_cannot_come_of_a_call_is_refused(incident, agent, outcome) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))

    with pytest.raises(Refused, match="say what came of the call"):
        calls.record_call(incident.calls.get(), by=agent, outcome=outcome)


def test_a_call_is_recorded_once(incident, agent) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))
    call = incident.calls.get()
    calls.record_call(call, by=agent, outcome="no_answer", expected_tries=0)

    with pytest.raises(lifecycle.MoveRefused, match="recorded this call meanwhile"):
        calls.record_call(call, by=agent, outcome="no_answer", expected_tries=0)

    assert incident.calls.get().tries == 1


def test_a_promised_call_is_one_however_often_it_is_promised(incident, agent) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))
    calls.promise_call(incident, by=agent, due_at=at("Mon 11:30"), name="The porter", number="555 01")

    call = incident.calls.to_make().get()
    assert (call.called, call.number, call.due_at) == ("The porter", "555 01", at("Mon 11:30"))


def test_a_call_is_not_promised_for_yesterday(incident, agent) -> None:
    with pytest.raises(Refused, match="has passed"):
        calls.promise_call(incident, by=agent, due_at=moment.now() - timedelta(days=1))


def test_nor_to_people_of_others(incident, agent, stranger) -> None:
    with pytest.raises(Refused, match="another customer"):
        calls.promise_call(incident, by=agent, due_at=at("Mon 11:00"), person=stranger)


def test_the_customers_people_record_no_calls(incident, agent, contact) -> None:
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))

    with pytest.raises(lifecycle.MoveRefused):
        calls.record_call(incident.calls.get(), by=contact, outcome="reached")
    assert not CallTask.objects.visible_to(contact).exists()


def test_calls_to_the_wrong_customer_are_not_made(reporter, team, agent, contact) -> None:
    incident = factories.open_incident(reporter, **P1)
    right = factories.CustomerFactory(name="The right one", level=5)
    team.customers.add(right)

    corrections.correct_customer(incident, by=agent, reporter=factories.UserFactory(customer=right))

    assert made(incident) == [("urgent", contact.name, "not_needed")]
    assert incident.calls.get().customer == right


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_record_the_same_try_record_one(reporter, team, agent) -> None:
    incident = factories.open_incident(reporter)
    calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(hours=1))
    call = incident.calls.get()

    def attempt():
        return calls.record_call(call, by=agent, outcome="no_answer", expected_tries=0)

    results = at_once(attempt, attempt, attempt)

    assert sorted(type(result).__name__ for result in results) == ["CallTask", "MoveRefused", "MoveRefused"]
    assert incident.calls.get().tries == 1


# --- late calls


def late(incident) -> list[tuple]:
    events = incident.events.filter(kind="escalated").order_by("pk")
    return [(event.data["tell"], event.data["whom"]) for event in events]


@pytest.fixture
def promised(incident, agent):
    """A call that is due at 10:30."""
    calls.promise_call(incident, by=agent, due_at=at("Mon 10:30"))
    return incident.calls.get()


def test_a_late_call_is_brought_up_with_whoever_has_it_and_then_with_the_lead(incident, reporter, promised) -> None:
    for when in ("Mon 10:30", "Mon 10:30:01", "Mon 10:34", "Mon 10:35", "Mon 11:00"):
        calls.sweep_late(at(when))

    assert late(incident) == [(["call_owner"], reporter.name), (["call_lead"], reporter.name)]


def test_noticed_very_late_both_hear_of_it_at_once(incident, reporter, promised) -> None:
    assert calls.sweep_late(at("Mon 12:00")) == 1
    assert late(incident) == [(["call_owner", "call_lead"], reporter.name)]


def test_a_try_in_time_makes_it_due_anew(incident, agent, promised) -> None:
    calls.sweep_late(at("Mon 10:31"))
    with moment.travel(at("Mon 10:32")):
        calls.record_call(promised, by=agent, outcome="no_answer")

    assert calls.sweep_late(at("Mon 10:40")) == 0
    assert calls.sweep_late(at("Mon 10:48")) == 1


def test_a_call_that_was_made_is_not_late(incident, agent, promised) -> None:
    calls.record_call(promised, by=agent, outcome="reached")

    assert calls.sweep_late(at("Mon 12:00")) == 0


@pytest.mark.django_db(transaction=True)
def test_many_sweepers_bring_it_up_once(incident, promised) -> None:
    at_once(*[lambda: calls.sweep_late(at("Mon 10:31"))] * 4)

    assert len(late(incident)) == 1
