"""Followers are told like whoever reported it; one person gets one message, and nobody hears of their own act."""

import pytest

from customers.models import ContactRole
from incidents import conversation, following, lifecycle
from incidents.models import IncidentEvent
from itsm import events
from notifications import letters
from notifications.audience import audience
from notifications.models import Delivery
from notifications.wanted import why_not_wanted
from tests import factories

Kind = IncidentEvent.Kind


def told(incident, kind: str) -> dict[str, tuple[str, str]]:
    event = incident.events.filter(kind=kind).order_by("-pk")[0]
    return {each.person.name: (each.kind, each.reason) for each in audience(event)}


@pytest.fixture
def followed(incident, colleague, contact):
    following.join(incident, by=colleague)
    following.join(incident, by=contact, why="follows")
    return incident


def test_of_updates_and_of_the_end(followed, agent) -> None:
    incident = factories.taken(followed, agent)
    incident = factories.answered(incident, agent)
    incident = lifecycle.ask(incident, by=agent, question="Which counter?")
    incident = factories.resolved(incident, agent)

    for kind, text in [(Kind.UPDATED, "update"), (Kind.RESTORED, "restored"), (Kind.RESOLVED, "resolved")]:
        assert told(incident, kind) == {
            "Rosa Reporter": (text, "reporter"), "Carl Colleague": (text, "me_too"),
            "Birte Brandt": (text, "follower"),
        }  # fmt: skip
    assert set(told(incident, Kind.TAKEN)) == set(told(incident, Kind.ASKED)) == {"Rosa Reporter"}


def test_that_it_was_withdrawn(followed, agent) -> None:
    lifecycle.cancel(followed, by=agent, reason="Nothing was wrong.")

    assert set(told(followed, Kind.CANCELLED)) == {"Rosa Reporter", "Carl Colleague", "Birte Brandt"}


def test_not_of_words_among_the_desk(followed, agent) -> None:
    conversation.note(followed, by=agent, text="They forgot to pay.")

    assert told(followed, Kind.NOTED) == {}


def test_several_roles_are_one_message_the_richest(town, followed, reporter, colleague, contact, agent) -> None:
    town.level = 5
    town.save()
    ContactRole.objects.create(customer=town, kind="named_contact", person=contact)
    ContactRole.objects.create(customer=town, kind="stakeholder", person=colleague)
    incident = factories.open_incident(reporter, impact=1, urgency=1)
    following.join(incident, by=colleague)
    following.join(incident, by=contact)
    factories.answered(incident, agent)
    events.relay()

    rows = Delivery.objects.filter(incident=incident, kind="update", channel="portal")
    assert {(row.recipient.name, row.reason, row.audience) for row in rows} == {
        ("Rosa Reporter", "reporter", "affected"), ("Carl Colleague", "me_too", "affected"),
        ("Birte Brandt", "named_contact", "stakeholders"),
    }  # fmt: skip


def test_who_withdraws_it_hears_nothing_of_it(followed, contact) -> None:
    lifecycle.cancel(followed, by=contact, reason="We found it.")

    assert "Birte Brandt" not in told(followed, Kind.CANCELLED)


def test_who_has_moved_to_another_customer_is_not_told(followed, colleague, agent, stranger) -> None:
    colleague.customer = stranger.customer
    colleague.save()

    assert "Carl Colleague" not in told(factories.answered(followed, agent), Kind.UPDATED)


def test_who_leaves_while_it_waits_gets_nothing(followed, colleague, agent) -> None:
    factories.answered(followed, agent)
    events.relay()
    mail = Delivery.objects.outside().get(recipient=colleague)
    assert why_not_wanted(mail) == ""

    following.leave(followed, by=colleague)

    assert why_not_wanted(mail) != ""


def test_their_letter_says_why_and_leads_to_the_page(followed, colleague, contact, agent, client) -> None:
    factories.answered(followed, agent)
    events.relay()

    for person, words in ((colleague, "it hits you too"), (contact, "you follow it")):
        text = str(letters.write(Delivery.objects.outside().get(recipient=person)).body)
        assert f"You get this because {words}." in text
        assert "http://localhost:8000/t/" in text


@pytest.mark.parametrize("language", ["en-gb", "de", "fr"])
def test_whom_the_desk_added_gets_a_letter(incident, colleague, agent, language) -> None:
    colleague.language = language
    colleague.save()
    following.join(incident, by=agent, person=colleague)
    events.relay()

    letter = letters.write(Delivery.objects.outside().get(kind="joined"))

    assert incident.reference in letter.subject
    assert "Ines" in letter.body
    assert "{{" not in letter.body
