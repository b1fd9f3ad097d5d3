"""Those whom the customer named for news: who of them is told, once each, and what they may open."""

import re

import pytest

from customers.models import ContactRole, User
from incidents import conversation, lifecycle
from incidents.models import Incident, IncidentEvent
from notifications import letters
from notifications.audience import FOLLOWING, IN_A_ROLE, audience
from notifications.models import Delivery
from notifications.relay import consume
from notifications.wanted import why_not_wanted
from notifications.wording import RULES, YOUR_ROLE
from tests import factories

Kind = IncidentEvent.Kind
P1, P3 = {"impact": 1, "urgency": 1}, {"impact": 2, "urgency": 2}


@pytest.fixture
def integrated(town, team):
    town.level = 5
    town.save()
    return town


@pytest.fixture
def named(town):
    """named("deputy") -> somebody at the town who has that role; by default without seeing all incidents."""

    def make(kind: str, role: str = User.Role.REPORTER, **values) -> User:
        person = factories.UserFactory(customer=town, name=f"Their {kind}", role=role)
        ContactRole.objects.create(customer=town, kind=kind, person=person, **values)
        return person

    return make


def told(incident: Incident, kind: str) -> dict[str, tuple[str, str]]:
    """Name -> text and rule, of the last event of this kind."""
    event = incident.events.filter(kind=kind).order_by("-pk")[0]
    return {each.person.name: (each.kind, each.reason) for each in audience(event)}


def written(incident: Incident, kind: str, person: User) -> Delivery:
    consume(incident.events.filter(kind=kind).order_by("-pk")[0])
    return Delivery.objects.outside().get(recipient=person, event__kind=kind)


def text(delivery: Delivery) -> str:
    return str(letters.write(delivery).body)


def test_each_role_is_told_of_what_is_urgent_from_the_beginning(integrated, reporter, agent, named) -> None:
    for kind in IN_A_ROLE:
        named(kind)
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)
    incident = lifecycle.ask(incident, by=agent, question="Which counter?")
    incident = factories.resolved(incident, agent)

    for kind, theirs in [
        (Kind.OPENED, "reported"), (Kind.UPDATED, "update"), (Kind.ASKED, "asked_them"), (Kind.RESTORED, "restored"),
        (Kind.RESOLVED, "resolved"),
    ]:  # fmt: skip
        others = {name: why for name, why in told(incident, kind).items() if name.startswith("Their")}
        assert others == {f"Their {role}": (theirs, role) for role in IN_A_ROLE}


def test_of_the_rest_they_hear_when_there_is_news_not_of_each_step(integrated, reporter, agent, named) -> None:
    named("service_owner")
    named("deputy")
    incident = factories.answered(factories.taken(factories.open_incident(reporter, **P3), agent), agent)
    incident = lifecycle.ask(incident, by=agent, question="Which counter?")

    heard = {kind: sorted(told(incident, kind)) for kind in (Kind.OPENED, Kind.TAKEN, Kind.UPDATED, Kind.ASKED)}

    assert heard == {
        Kind.OPENED: ["Rosa Reporter"], Kind.TAKEN: ["Rosa Reporter"],
        Kind.UPDATED: ["Rosa Reporter", "Their service_owner"], Kind.ASKED: ["Rosa Reporter"],
    }  # fmt: skip


def test_a_major_is_urgent_whatever_its_priority(integrated, reporter, agent, named) -> None:
    named("duty_manager")
    incident = factories.open_incident(reporter, **P3)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)

    assert "Their duty_manager" in told(factories.answered(incident, agent), Kind.UPDATED)


def test_a_contact_is_the_named_contact_where_nobody_is_named(reporter, team, agent, contact, named) -> None:
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)
    assert told(incident, Kind.UPDATED)[contact.name] == ("update", "named_contact")

    named("named_contact")

    assert contact.name not in told(incident, Kind.UPDATED)
    assert "Their named_contact" in told(incident, Kind.UPDATED)


def test_the_owner_of_the_service_is_told_and_of_no_other(integrated, reporter, agent, named) -> None:
    owner = factories.UserFactory(customer=integrated, name="Olga Owner")
    service = factories.ServiceFactory(customer=integrated, owner=owner)
    named("stakeholder", service=factories.ServiceFactory(customer=integrated))

    mine = factories.answered(factories.open_incident(reporter, service=service, **P3), agent)
    other = factories.answered(factories.open_incident(reporter, **P3), agent)

    assert told(mine, Kind.UPDATED) == {
        "Rosa Reporter": ("update", "reporter"), "Olga Owner": ("update", "service_owner"),
    }  # fmt: skip
    assert told(other, Kind.UPDATED) == {"Rosa Reporter": ("update", "reporter")}


def test_two_roles_are_one_message_and_the_reporters_is_the_richest(integrated, reporter, agent, named) -> None:
    for kind in ("named_contact", "stakeholder"):
        ContactRole.objects.create(customer=integrated, kind=kind, person=reporter)
    deputy = named("deputy")
    ContactRole.objects.create(customer=integrated, kind="stakeholder", person=deputy)
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)

    assert told(incident, Kind.OPENED)["Rosa Reporter"] == ("received", "reporter")
    assert told(incident, Kind.UPDATED) == {
        "Rosa Reporter": ("update", "reporter"), deputy.name: ("update", "deputy"),
    }  # fmt: skip


def test_who_did_it_is_not_told(integrated, team, named) -> None:
    deputy = named("deputy")
    incident = factories.open_incident(deputy, **P1)

    assert told(incident, Kind.OPENED) == {deputy.name: ("received", "reporter")}


def test_notes_never_leave_the_desk(integrated, reporter, agent, named) -> None:
    for kind in IN_A_ROLE:
        named(kind)
    incident = conversation.note(factories.open_incident(reporter, **P1), by=agent, text="They forgot to pay.")

    assert told(incident, Kind.NOTED) == {}


def test_people_of_others_and_who_left_hold_no_role(integrated, reporter, agent, stranger, named) -> None:
    ContactRole.objects.create(customer=integrated, kind="deputy", person=stranger)
    gone = named("stakeholder")
    gone.is_active = False
    gone.save()
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)

    assert sorted(told(incident, Kind.UPDATED)) == ["Rosa Reporter"]


def test_a_contact_opens_it_by_a_link_of_their_own(integrated, reporter, agent, named, client) -> None:
    named("named_contact")
    deputy = named("deputy", User.Role.CONTACT)
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)

    said = text(written(incident, Kind.UPDATED, deputy))

    (link,) = re.findall(r"http://localhost:8000(/t/\S+/)", said)
    assert client.get(link).status_code == 200
    assert "You get this as the deputy at Town of Ostermoor." in said


def test_who_may_not_see_it_gets_the_words_without_a_link(integrated, reporter, agent, named) -> None:
    lead = named("site_lead")
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)

    delivery = written(incident, Kind.UPDATED, lead)

    assert why_not_wanted(delivery) == ""
    assert "We are looking at the printer." in text(delivery)
    assert "http" not in text(delivery)
    assert "site lead of Town of Ostermoor" in text(delivery)


def test_who_moved_to_another_customer_gets_nothing_any_more(integrated, reporter, agent, named, stranger) -> None:
    deputy = named("deputy")
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)
    delivery = written(incident, Kind.UPDATED, deputy)

    deputy.customer = stranger.customer
    deputy.save()
    delivery.refresh_from_db()

    assert why_not_wanted(delivery) == "this person may not see the incident any more"


def test_the_reporters_letter_says_nothing_of_roles(integrated, reporter, agent) -> None:
    incident = factories.answered(factories.open_incident(reporter, **P1), agent)

    assert "You get this" not in text(written(incident, Kind.UPDATED, reporter))


def test_each_role_has_words_for_both_sides() -> None:
    assert {*IN_A_ROLE, *FOLLOWING} == YOUR_ROLE.keys()
    assert YOUR_ROLE.keys() <= RULES.keys()
