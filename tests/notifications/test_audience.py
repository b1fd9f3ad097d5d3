"""Who is told of what."""

import pytest

from customers.models import User
from incidents import conversation, lifecycle
from incidents.models import Incident, IncidentEvent
from notifications.audience import RULES, audience
from tests import factories

Kind = IncidentEvent.Kind
CUSTOMER_SIDE = {
    Kind.OPENED: "received", Kind.TAKEN: "taken", Kind.UPDATED: "update", Kind.ASKED: "question",
    Kind.RESTORED: "restored", Kind.RESOLVED: "resolved", Kind.CANCELLED: "withdrawn",
}  # fmt: skip


def event_of(incident: Incident, kind: str, actor: User | None = None, **data) -> IncidentEvent:
    """An event without the verb that would cause it: the rules look at nothing else."""
    event = IncidentEvent(incident=incident, customer=incident.customer, kind=kind, actor=actor, data=data)
    event.incident.refresh_from_db()
    return event


def told(incident: Incident, kind: str, actor: User | None = None) -> set[tuple[User, str, str]]:
    return {(each.person, each.kind, each.reason) for each in audience(event_of(incident, kind, actor))}


@pytest.mark.parametrize(("kind", "text"), CUSTOMER_SIDE.items())
def test_the_reporter_is_told(incident, reporter, agent, kind, text) -> None:
    assert told(incident, kind, agent) == {(reporter, text, "reporter")}


def test_who_reports_gets_a_receipt_though_it_was_their_own_act(incident, reporter) -> None:
    assert told(incident, Kind.OPENED, reporter) == {(reporter, "received", "reporter")}


def test_who_withdraws_is_not_told(incident, reporter) -> None:
    assert told(incident, Kind.CANCELLED, reporter) == set()


@pytest.mark.parametrize("kind", sorted(set(Kind) - set(RULES)))
def test_the_rest_is_told_to_nobody(incident, agent, lead, kind) -> None:
    assert told(factories.taken(incident, agent), kind, lead) == set()


def test_leads_hear_of_an_urgent_report(reporter, team, lead, agent) -> None:
    incident = factories.open_incident(reporter, impact=1, urgency=1)

    assert told(incident, Kind.OPENED, reporter) == {
        (reporter, "received", "reporter"),
        (lead, "urgent", "lead_of_the_team"),
    }


@pytest.mark.parametrize(
    ("before", "after", "hears"), [(3, 1, True), (2, 1, True), (1, 1, False), (1, 2, False), (4, 2, False)]
)
def test_leads_hear_of_what_becomes_urgent_later(incident, reporter, lead, before, after, hears) -> None:
    event = event_of(incident, Kind.PRIORITISED, reporter, before=before, after=after)

    assert [(each.person, each.kind) for each in audience(event)] == [(lead, "raised")] * hears


def test_still_broken_goes_to_the_owner(incident, reporter, agent, lead) -> None:
    factories.taken(incident, agent)

    assert told(incident, Kind.RELAPSED, reporter) == {(agent, "still_broken", "owner_or_team")}


def test_still_broken_goes_to_the_team_when_nobody_has_it(incident, reporter, agent, lead) -> None:
    assert told(incident, Kind.RELAPSED, reporter) == {
        (agent, "still_broken", "owner_or_team"),
        (lead, "still_broken", "owner_or_team"),
    }


def test_an_owner_who_writes_down_what_the_customer_says_is_not_told(incident, agent) -> None:
    factories.taken(incident, agent)

    assert told(incident, Kind.RELAPSED, agent) == set()
    assert told(incident, Kind.ADDED, agent) == set()


def test_the_customers_words_go_to_the_owner(incident, reporter, agent, lead) -> None:
    assert told(incident, Kind.ADDED, reporter) == set()

    factories.taken(incident, agent)

    assert told(incident, Kind.ADDED, reporter) == {(agent, "customer_wrote", "owner")}


def told_of(incident: Incident, kind: str, *rungs: str) -> set[tuple[User, str, str]]:
    return {(each.person, each.kind, each.reason) for each in audience(event_of(incident, kind, tell=list(rungs)))}


@pytest.mark.parametrize("kind", [Kind.DEADLINE_MISSED, Kind.ESCALATED])
def test_late_goes_to_those_on_the_ladder(incident, agent, lead, manager, contact, kind) -> None:
    factories.taken(incident, agent)

    assert told_of(incident, kind, "owner", "lead") == {(agent, "late", "owner"), (lead, "late", "lead_of_the_team")}
    assert told_of(incident, kind, "manager", "contact") == {
        (manager, "late", "manager"),
        (contact, "late_contact", "contact"),
    }


def test_that_time_is_short_goes_to_those_on_the_ladder(incident, agent, lead, manager, contact) -> None:
    factories.taken(incident, agent)

    assert told_of(incident, Kind.CLOCK_WARNED, "owner", "contact") == {
        (agent, "time_short", "owner"),
        (contact, "short_contact", "contact"),
    }


def test_late_goes_to_the_leads_when_nobody_has_it(incident, agent, lead) -> None:
    assert told_of(incident, Kind.DEADLINE_MISSED, "owner") == {(lead, "late", "owner")}


def test_two_roles_are_one_message(incident, lead) -> None:
    factories.taken(incident, lead)

    assert told_of(incident, Kind.DEADLINE_MISSED, "owner", "lead") == {(lead, "late", "owner")}


def test_managers_and_contacts_of_others_are_not_told(incident, stranger) -> None:
    factories.UserFactory(manager=True, member_of=stranger.customer.teams.get())
    factories.UserFactory(customer=stranger.customer, role=User.Role.CONTACT)

    assert told_of(incident, Kind.DEADLINE_MISSED, "manager", "contact") == set()


def test_who_left_is_not_told(incident, reporter, agent, lead) -> None:
    factories.taken(incident, agent)
    User.objects.update(is_active=False)

    assert all(told(incident, kind) == set() for kind in Kind)


def test_leads_of_other_teams_are_not_told(incident, stranger) -> None:
    factories.UserFactory(lead=True, leads=stranger.customer.teams.get())

    assert told(incident, Kind.DEADLINE_MISSED) == set()


def test_the_verbs_record_what_the_rules_know(incident, agent, reporter) -> None:
    """The whole way of an incident: each public word reaches the reporter."""
    incident = factories.answered(factories.taken(incident, agent), agent)
    incident = lifecycle.ask(incident, by=agent, question="Which counter?")
    incident = conversation.add(incident, by=reporter, text="Counter 2.")
    incident = lifecycle.still_broken(factories.resolved(incident, agent), by=reporter)

    kinds = [each.kind for event in incident.events.order_by("pk") for each in audience(event)]

    assert kinds == [
        "received", "taken", "update", "question", "customer_wrote", "restored", "resolved", "still_broken",
    ]  # fmt: skip
