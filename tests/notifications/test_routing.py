"""By which way each person is told: rule, wish, and what works just now."""

import pytest

from customers import people
from customers.models import ContactRole, User
from incidents import conversation, following, lifecycle
from incidents.models import Follow, Incident, IncidentEvent
from itsm import events
from notifications import preferences, routing
from notifications.models import Address, Delivery
from notifications.relay import consume
from tests import factories

Kind, Channel, State = IncidentEvent.Kind, Delivery.Channel, Delivery.State
P1 = {"impact": 1, "urgency": 1}
GATEWAY = "http://127.0.0.1:9/sms"


@pytest.fixture
def gateway(settings):
    """Text messages can be sent."""
    settings.SMS_URL = GATEWAY


@pytest.fixture
def supported(town):
    """A customer whose policy puts e-mail before text messages."""
    town.level = 2
    town.save()
    return town


def written(incident: Incident, kind: str) -> list[Delivery]:
    """What the last event of this kind has become."""
    events.relay()
    return list(Delivery.objects.filter(event__incident=incident, event__kind=kind).order_by("pk"))


def ways(rows: list[Delivery], person: User) -> set[tuple[str, str]]:
    return {(row.channel, row.state) for row in rows if row.recipient_id == person.pk}


def wish(person: User, about: str, **channels: bool) -> None:
    for channel, is_wanted in channels.items():
        preferences.wish(person, about, channel, is_wanted=is_wanted)


def numbered(person: User, number: str = "+49 151 5550142") -> User:
    person.phone = number
    person.save()
    return person


def test_each_has_a_line_in_the_portal_and_a_mail(incident, reporter, agent) -> None:
    rows = written(factories.answered(incident, agent), Kind.UPDATED)

    assert ways(rows, reporter) == {("portal", "sent"), ("email", "queued")}
    (portal,) = [row for row in rows if row.channel == Channel.PORTAL]
    assert (portal.sent_at is None, portal.read_at, portal.address) == (False, None, "")


def test_an_invitation_is_a_mail_and_nothing_else(town, team, lead) -> None:
    """Who has no password yet reads no portal, and nobody can switch it off."""
    person = people.invite(by=lead, customer=town, email="nora@town.example", name="Nora New", role="reporter")
    for about in preferences.About.values:
        wish(person, about, email=False)
    events.relay()

    assert ways(list(Delivery.objects.all()), person) == {("email", "queued")}


@pytest.mark.parametrize(
    ("email", "sms", "expected"),
    [(True, True, {"email", "sms"}), (False, True, {"sms"}), (True, False, {"email"}), (False, False, set())],
)
def test_wishes_decide_about_what_is_outside(
    gateway, supported, incident, reporter, agent, email, sms, expected
) -> None:
    numbered(reporter)
    wish(reporter, "own", email=email, sms=sms)

    rows = written(factories.answered(incident, agent), Kind.UPDATED)

    assert {channel for channel, _state in ways(rows, reporter)} == expected | {"portal"}


def test_a_wish_is_for_its_kind_of_news_only(incident, reporter, agent) -> None:
    wish(reporter, "followed", email=False)

    assert ("email", "queued") in ways(written(factories.answered(incident, agent), Kind.UPDATED), reporter)


@pytest.mark.parametrize(
    ("level", "values", "expected"), [(1, P1, "sms"), (1, {}, "email"), (2, P1, "email"), (3, P1, "email")]
)
def test_the_policy_puts_text_messages_first_for_what_is_urgent(
    gateway, town, reporter, agent, level, values, expected
) -> None:
    town.level = level
    town.save()
    numbered(reporter)
    factories.TeamFactory(customers=[town])

    rows = written(factories.answered(factories.open_incident(reporter, **values), agent), Kind.UPDATED)

    assert ways(rows, reporter) == {("portal", "sent"), (expected, "queued")}
    assert {row.address for row in rows if row.channel == "sms"} <= {reporter.phone}


@pytest.mark.parametrize("number", ["", "radio, channel 4"])
def test_without_a_number_that_takes_one_it_is_a_mail(gateway, reporter, agent, team, number) -> None:
    numbered(reporter, number)

    rows = written(factories.answered(factories.open_incident(reporter, **P1), agent), Kind.UPDATED)

    assert ways(rows, reporter) == {("portal", "sent"), ("email", "queued")}


def test_without_a_gateway_it_is_a_mail(reporter, agent, team) -> None:
    wish(numbered(reporter), "own", email=False, sms=True)

    rows = written(factories.answered(factories.open_incident(reporter, **P1), agent), Kind.UPDATED)

    assert ways(rows, reporter) == {("portal", "sent"), ("email", "queued")}


def test_an_address_that_refuses_is_passed_over(gateway, supported, incident, reporter, agent) -> None:
    numbered(reporter)
    Address.objects.create(
        channel="email", address=reporter.email.upper(), state="refuses", since=incident.opened_at, customer=supported
    )

    assert ways(written(factories.answered(incident, agent), Kind.UPDATED), reporter) == {
        ("portal", "sent"), ("sms", "queued"),
    }  # fmt: skip


def test_urgent_goes_first_and_a_crowd_last(reporter, agent, team) -> None:
    incident = factories.open_incident(reporter, **P1)
    for _ in range(routing.MANY):
        following.join(incident, by=agent, person=factories.UserFactory(customer=reporter.customer))

    rows = written(factories.answered(incident, agent), Kind.UPDATED)

    assert {(row.reason, row.rank) for row in rows} == {("reporter", 0), ("me_too", 2)}


@pytest.mark.parametrize(("values", "rank"), [(P1, 0), ({}, 1)])
def test_rank_by_urgency(reporter, agent, team, values, rank) -> None:
    rows = written(factories.answered(factories.open_incident(reporter, **values), agent), Kind.UPDATED)

    assert {row.rank for row in rows if row.recipient == reporter} == {rank}


def test_in_whose_words(supported, reporter, agent, lead, team) -> None:
    others = {}
    for kind in ("deputy", "site_lead"):
        others[kind] = factories.UserFactory(customer=supported)
        ContactRole.objects.create(customer=supported, kind=kind, person=others[kind])
    incident = factories.open_incident(reporter, **P1)
    following.join(incident, by=agent, person=factories.UserFactory(customer=supported), why=Follow.Why.FOLLOWS)

    rows = [*written(incident, Kind.OPENED), *written(factories.answered(incident, agent), Kind.UPDATED)]

    assert {(row.reason, row.audience) for row in rows} == {
        ("reporter", "affected"), ("follower", "affected"), ("deputy", "stakeholders"), ("site_lead", "executives"),
        ("lead_of_the_team", "desk"),
    }  # fmt: skip


@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_questions_do_not_grow_with_the_crowd(
    incident, reporter, agent, number, django_assert_max_num_queries
) -> None:
    for _ in range(number):
        following.join(incident, by=agent, person=factories.UserFactory(customer=reporter.customer))
    events.relay()
    conversation.update(incident, by=agent, text="We are on it.")
    event = IncidentEvent.objects.get(kind=Kind.UPDATED)

    with django_assert_max_num_queries(22):
        consume(event)


def next_of(row: Delivery) -> tuple[str, str] | None:
    found = routing.next_way(row)
    return (found.channel, found.address) if found else None


def test_after_a_failed_mail_comes_a_text_message_and_then_nothing(gateway, supported, reporter, agent, team) -> None:
    numbered(reporter)
    rows = written(factories.answered(factories.open_incident(reporter, **P1), agent), Kind.UPDATED)
    (mail,) = [row for row in rows if row.channel == "email"]

    text = routing.next_way(mail)
    text.save()

    assert (text.channel, text.address, text.instead_of, text.kind, text.reason, text.rank, text.state) == (
        "sms", reporter.phone, mail, "update", "reporter", 0, "queued",
    )  # fmt: skip
    assert next_of(text) is None


def test_after_a_failed_text_message_comes_a_mail(gateway, reporter, agent, team) -> None:
    numbered(reporter)
    rows = written(factories.answered(factories.open_incident(reporter, **P1), agent), Kind.UPDATED)
    (text,) = [row for row in rows if row.channel == "sms"]

    assert next_of(text) == ("email", reporter.email)


def test_what_is_not_urgent_does_not_fall_through(gateway, supported, incident, reporter, agent) -> None:
    numbered(reporter)
    rows = written(factories.answered(incident, agent), Kind.UPDATED)

    assert [next_of(row) for row in rows if row.channel == "email"] == [None]


def test_waiting_for_a_supplier_is_told(incident, reporter, agent) -> None:
    lifecycle.wait_for_supplier(incident, by=agent, text="The spare part comes tomorrow.")

    assert ("email", "queued") in ways(written(incident, Kind.WAITING), reporter)


def test_calls_are_planned_whatever_somebody_wishes(town, reporter, contact, agent, team) -> None:
    """A safety-relevant call is a task of ours and no message."""
    for about in ("own", "role"):
        wish(contact, about, email=False, sms=False)

    incident = factories.open_incident(reporter, **P1)

    assert [call.person for call in incident.calls.to_make()] == [contact]
