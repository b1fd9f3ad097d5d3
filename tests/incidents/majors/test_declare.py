"""Anybody at the desk declares a major incident, nobody approves it, and it is taken back as easily."""

from functools import partial

import pytest

from incidents import calls, conversation, corrections, lifecycle, majors
from incidents.models import Incident, MajorIncident
from incidents.moves import MoveRefused
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.crowd import at_once
from tests.incidents.moments import at, clock, history

pytestmark = pytest.mark.usefixtures("monday")


def test_who_declares_it_runs_it(incident, agent) -> None:
    declared = majors.declare(incident, by=agent, reason="  All three sites are down. ")

    incident.refresh_from_db()
    assert (incident.is_major, incident.owner, incident.status) == (True, agent, "assigned")
    assert (declared.declared_by, declared.declared_at, declared.reason) == (
        agent, at("Mon 10:00"), "All three sites are down.",
    )  # fmt: skip
    assert (majors.manager_of(incident).person, declared.handover_due_at) == (agent, at("Mon 14:00"))
    assert history(incident) == ["opened", "declared"]


def test_who_has_it_keeps_it(incident, agent, mate) -> None:
    factories.taken(incident, agent)
    majors.declare(incident, by=mate)

    incident.refresh_from_db()
    assert (incident.owner, majors.manager_of(incident).person) == (agent, mate)


def test_declared_twice_it_is_one(major, agent, mate) -> None:
    again = majors.declare(major, by=mate, reason="Me too.")

    assert (again.declared_by, again.reason) == (agent, "All three sites are down.")
    assert history(major).count("declared") == 1
    assert major.major_roles.count() == 1


def test_a_flag_without_a_declaration_can_still_be_declared(incident, agent) -> None:
    Incident.objects.filter(pk=incident.pk).update(is_major=True)

    assert majors.declare(incident, by=agent).declared_by == agent


@pytest.mark.parametrize("who", ["reporter", "contact"])
def test_the_customers_people_ask_the_desk(incident, request, who) -> None:
    for verb in (majors.declare, partial(majors.downgrade, reason="No.")):
        with pytest.raises(MoveRefused, match="Only the people at the desk"):
            verb(incident, by=request.getfixturevalue(who))


def test_a_report_that_joined_another_is_not_declared(major, agent, colleague) -> None:
    child = factories.open_incident(colleague)
    Incident.objects.filter(pk=child.pk).update(parent=major, joined_at=moment.now())

    with pytest.raises(MoveRefused, match=f"belongs to {major.reference}. Please declare that one"):
        majors.declare(child, by=agent)


@pytest.mark.parametrize("status", ["resolved", "closed", "cancelled"])
def test_what_is_over_is_not_declared(in_state, agent, status) -> None:
    with pytest.raises(MoveRefused, match="Not possible now"):
        majors.declare(in_state(status), by=agent)


def test_the_first_word_is_due_within_a_quarter_of_an_hour(major, agent) -> None:
    assert clock(major, "update").due_at == at("Mon 10:15")

    with moment.travel(at("Mon 10:05")):
        conversation.update(major, by=agent, text="Mail is down everywhere. We are on it.")

    assert clock(major, "update").due_at == at("Mon 10:35")  # half an hour, whatever the priority
    assert clock(major, "update").cycle == 2


def test_a_word_that_was_promised_later_comes_earlier(reporter, team, agent) -> None:
    incident = factories.answered(factories.open_incident(reporter), agent)
    assert clock(incident, "update").due_at > at("Mon 10:15")

    majors.declare(incident, by=agent)

    assert (clock(incident, "update").due_at, clock(incident, "update").cycle) == (at("Mon 10:15"), 1)


def test_one_that_is_due_earlier_stays(incident, agent) -> None:
    conversation.update(incident, by=agent, text="We look at it.", next_update_at=at("Mon 10:10"))
    majors.declare(incident, by=agent)

    assert clock(incident, "update").due_at == at("Mon 10:10")


def test_the_contact_is_called_whatever_the_priority(reporter, team, agent, contact) -> None:
    incident = factories.open_incident(reporter, impact=3, urgency=3)
    majors.declare(incident, by=agent)

    call = incident.calls.to_make().get()
    assert (call.why, call.person) == (calls.Why.URGENT, contact)


def test_taken_back_with_a_reason(major, agent, mate, reporter) -> None:
    majors.give_role(major, by=agent, role="technical", person=mate)
    with moment.travel(at("Mon 10:20")):
        majors.downgrade(major, by=mate, reason="Only one site after all.")

    major.refresh_from_db()
    declared = MajorIncident.objects.get(incident=major)
    assert (major.is_major, declared.downgraded_by, declared.downgraded_at) == (False, mate, at("Mon 10:20"))
    assert not major.major_roles.filter(until__isnull=True).exists()
    assert major.events.get(kind="downgraded").data["reason"] == "Only one site after all."
    assert clock(major, "update").due_at == at("Mon 10:15")  # what was promised stands


def test_taken_back_twice_is_once_and_needs_a_reason(major, agent) -> None:
    with pytest.raises(Refused, match="in one sentence"):
        majors.downgrade(major, by=agent, reason=" ")
    for _ in range(2):
        majors.downgrade(major, by=agent, reason="A mistake.")

    assert history(major) == ["opened", "declared", "downgraded"]


def test_declared_again_it_begins_anew(major, agent, mate) -> None:
    majors.downgrade(major, by=agent, reason="A mistake.")
    with moment.travel(at("Mon 11:00")):
        declared = majors.declare(major, by=mate)

    assert (declared.declared_by, declared.downgraded_at, declared.handover_due_at) == (mate, None, at("Mon 15:00"))
    assert majors.manager_of(major).person == mate


def test_too_long_a_reason_is_said(incident, agent) -> None:
    with pytest.raises(Refused, match="301 characters; at most 300"):
        majors.declare(incident, by=agent, reason="x" * 301)

    assert not MajorIncident.objects.exists()


@pytest.mark.parametrize("url", ["https://meet.example/war?x=1", "http://10.0.0.4:8443/room"])
def test_the_call_is_any_web_address(major, agent, url) -> None:
    assert majors.set_call(major, by=agent, url=url).call_url == url
    majors.set_call(major, by=agent, url=url)
    assert major.events.get(kind="noted").data["call"] == url
    assert majors.set_call(major, by=agent, url="").call_url == ""


@pytest.mark.parametrize("url", ["javascript:alert(1)", "meet", "ftp://x.example/", "https://x.example/" + "y" * 500])
def test_other_addresses_are_refused(major, agent, url) -> None:
    with pytest.raises(Refused):
        majors.set_call(major, by=agent, url=url)


def test_another_customer_takes_all_of_it_along(major, agent, team) -> None:
    other = factories.UserFactory(customer=factories.CustomerFactory(name="Mill"))
    team.customers.add(other.customer)
    corrections.correct_customer(major, by=agent, reporter=other)

    assert MajorIncident.objects.get().customer == major.major_roles.get().customer == other.customer


@pytest.mark.django_db(transaction=True)
def test_two_declare_at_once_and_it_is_one(incident, agent, mate) -> None:
    outcomes = at_once(*(partial(majors.declare, incident, by=who) for who in (agent, mate) * 3))

    assert {type(outcome) for outcome in outcomes} == {MajorIncident}
    assert len({outcome.declared_by for outcome in outcomes}) == 1
    assert history(incident) == ["opened", "declared"]
    assert incident.major_roles.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_declares_while_another_restores(incident, agent, mate) -> None:
    at_once(
        partial(majors.declare, incident, by=agent),
        partial(lifecycle.restore, incident, by=mate, outcome="Works.", restored_by="fix"),
    )

    incident.refresh_from_db()
    assert (incident.is_major, incident.status) == (True, "restored")
    assert incident.major.watch_until is not None  # whichever came first
