"""Letters about customers and people: who gets them, what they say, and who does not any more."""

import html
import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from customers import people, personal_data
from customers.history import record
from customers.models import CustomerEvent, StaffEvent, User
from itsm import events, moment
from notifications import letters
from notifications.audience import RULES_OF_CUSTOMERS, RULES_OF_STAFF, audience
from notifications.models import Delivery
from notifications.wanted import why_not_wanted
from notifications.wording import TEXTS_OF_PEOPLE
from tests import factories

Kind = CustomerEvent.Kind
LEVEL = {"level": 2, "effective_on": "2026-12-07"}


def happened(town, kind, by=None, **data) -> CustomerEvent:
    return record(town, kind, by=by, at=moment.now(), **data)


def told(event) -> set[tuple[User, str]]:
    return {(each.person, each.kind) for each in audience(event)}


def read(message):
    return message_from_bytes(message.message().as_bytes(), policy=default)


def text(mail) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def words(mail) -> str:
    content = mail.get_body(("html",)).get_content()
    return " ".join(html.unescape(re.sub(r"<head>.*?</head>|<[^>]+>", " ", content, flags=re.S)).split())


def test_levels_are_told_to_contacts_and_managers(town, team, contact, manager, lead, agent, reporter) -> None:
    assert told(happened(town, Kind.LEVEL_PROPOSED, lead)) == {(contact, "level_proposed")}
    assert told(happened(town, Kind.LEVEL_ACCEPTED, lead)) == {
        (contact, "level_accepted"), (manager, "level_accepted_desk"),
    }  # fmt: skip
    assert told(happened(town, Kind.LEVEL_CHANGED)) == {(contact, "level_changed"), (manager, "level_changed_desk")}
    assert told(happened(town, Kind.ASSESSMENT_DUE)) == {(manager, "assessment_due")}


def test_who_did_it_and_who_left_and_strangers_are_not_told(town, team, contact, manager, stranger) -> None:
    factories.UserFactory(customer=stranger.customer, role=User.Role.CONTACT)
    factories.UserFactory(manager=True, member_of=stranger.customer.teams.get())
    assert told(happened(town, Kind.LEVEL_ACCEPTED, contact)) == {(manager, "level_accepted_desk")}

    User.objects.filter(pk=manager.pk).update(is_active=False)

    assert told(happened(town, Kind.LEVEL_ACCEPTED, contact)) == set()


@pytest.mark.parametrize("kind", sorted(set(Kind) - set(RULES_OF_CUSTOMERS)))
def test_the_rest_is_told_to_nobody(town, team, contact, manager, kind) -> None:
    assert told(happened(town, kind, person=contact)) == set()


def test_every_rule_has_its_texts_and_its_words() -> None:
    rules = [*RULES_OF_CUSTOMERS.values(), *RULES_OF_STAFF.values()]

    assert {kind for each in rules for kind, _reason, _who in each} == set(TEXTS_OF_PEOPLE)


@pytest.fixture
def letter(town, team, contact, manager, lead, agent):
    """letter("invitation") -> that mail as a mail program gets it."""

    def write(kind: str, recipient=None, **data):
        if kind == "colleague_left":
            factories.taken(factories.open_incident(contact), agent)
            people.deactivate(agent, by=manager)
            events.relay()
            return read(letters.write(Delivery.objects.outside().get(kind=kind)))
        event = happened(town, Kind.IMPORTED, lead, **(LEVEL | data))
        recipient = recipient or (manager if "desk" in kind or kind == "assessment_due" else contact)
        values = {"customer_event": event, "customer": town, "recipient": recipient, "reason": "contact"}
        return read(letters.write(Delivery.objects.create(kind=kind, address=recipient.email, **values)))

    return write


@pytest.mark.parametrize("kind", sorted(TEXTS_OF_PEOPLE))
def test_each_letter_is_short_and_both_parts_say_the_same(letter, kind) -> None:
    mail = letter(kind)

    lines = [re.sub(r"https?://\S+", "", line).strip() for line in text(mail).splitlines() if line.strip()]
    assert [line for line in lines if " ".join(line.split()) not in words(mail)] == []
    assert 3 <= len(lines) <= 5
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(rf"<{kind}\.[0-9a-f-]+@localhost>", mail["Message-ID"].strip())  # long ones are folded
    assert "http://localhost:8000/" in text(mail)
    for unwanted in ("UNKNOWN_TEMPLATE_VARIABLE", "&#x27;", "{{", "{%", "None", "Imported"):
        assert unwanted not in mail["Subject"] + text(mail) + words(mail)


def test_the_level_is_called_by_its_name_and_its_day(letter) -> None:
    assert "We propose the support model “Supported” for you." in text(letter("level_proposed"))
    assert "It is in force from Mon 7 Dec 2026." in text(letter("level_accepted"))
    assert "We propose another support model for you." in text(letter("level_proposed", level=None))


def test_what_a_colleague_left_is_listed(letter) -> None:
    mail = letter("colleague_left")

    assert mail["Subject"] == "Ines Keller has left: 1 incident needs somebody"
    assert re.search(r"\nINC-\d+: Documents at counter 2 won't print\n", text(mail))


@pytest.mark.parametrize("language", ["en-gb", "de", "fr"])
def test_letters_are_written_in_the_readers_language(letter, contact, language) -> None:
    contact.language = language

    assert f'<html lang="{language}"' in letter("level_changed", contact).get_body(("html",)).get_content()


def test_an_invitation_goes_all_the_way(post, hand_on, lead, town, team) -> None:
    people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")
    hand_on()

    mail = read_one(post)
    assert mail["To"] == "nora@town.example"
    assert mail["Subject"] == "Your access to the IT support of Town of Ostermoor"
    assert "Lena Lund has invited you" in text(mail)
    link = re.search(r"http://localhost:8000(/welcome/\S+)", text(mail)).group(1)
    assert "Welcome, Nora New" in Client().get(link).content.decode()
    assert Delivery.objects.outside().get().state == "sent"


def test_staff_are_invited_without_a_customer(post, hand_on, manager, team) -> None:
    people.invite(by=manager, email="nils@desk.example", name="Nils", role="agent", teams=[team])
    hand_on()

    assert "Mona Mayer has invited you to the support desk." in text(read_one(post))
    assert (Delivery.objects.outside().get().customer, Delivery.objects.outside().get().staff_event) == (
        None,
        StaffEvent.objects.get(),
    )


def read_one(post):
    (mail,) = post.mails
    return mail


@pytest.mark.parametrize("end", ["deactivate", "erase", "accept", "again"])
def test_nobody_gets_a_mail_that_makes_no_sense_any_more(post, hand_on, lead, town, team, end) -> None:
    person = people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")
    events.relay()
    if end == "deactivate":
        people.deactivate(person, by=lead)
    elif end == "erase":
        personal_data.erase(person, by=lead, typed="Nora New")
    elif end == "accept":
        people.accept(person, password="a-calm-long-word", invited_at=person.invited_at)

    hand_on()

    assert Delivery.objects.outside().get().state == ("sent" if end == "again" else "skipped")


def test_who_left_while_the_message_waited_in_its_batch_gets_none(lead, town, team) -> None:
    person = people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")
    events.relay()
    claimed = Delivery.objects.outside().select_related("recipient").get()

    people.deactivate(person, by=lead)

    assert claimed.recipient.is_active, "as the worker read it"
    assert why_not_wanted(claimed) == "this person has left"


def test_a_manager_who_moved_on_is_not_written_to(post, hand_on, town, team, manager) -> None:
    happened(town, Kind.ASSESSMENT_DUE)
    events.relay()
    manager.memberships.all().delete()

    hand_on()

    assert Delivery.objects.outside().get().last_error == "this person may not see the customer any more"


def test_a_delivery_tells_of_exactly_one_event(incident, town, lead) -> None:
    event = happened(town, Kind.LEVEL_CHANGED)
    common = {"recipient": lead, "kind": "x", "address": "x", "reason": "x"}
    of_incident = {"event": incident.events.get(), "incident": incident, "customer": town}
    wrong = [
        {"customer": town},
        of_incident | {"customer_event": event},
        {"event": incident.events.get(), "customer": town},
        {"customer_event": event, "customer": town, "incident": incident},
        {"customer_event": event},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(**common, **values)
    Delivery.objects.create(**common, **of_incident)
    Delivery.objects.create(**common, customer_event=event, customer=town)


def test_handed_on_twice_is_told_once(lead, town, team) -> None:
    people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")
    events.relay()
    CustomerEvent.objects.update(relayed_at=None)

    events.relay()

    assert Delivery.objects.outside().count() == 1


def test_a_second_invitation_is_another_mail(lead, town, team) -> None:
    person = people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")
    people.invite_again(person, by=lead)
    events.relay()

    assert Delivery.objects.outside().count() == 2
    assert timezone.now() - person.invited_at < timedelta(minutes=1)
