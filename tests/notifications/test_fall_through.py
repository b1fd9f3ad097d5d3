"""What reached nobody: the next way, and when there is none, a call."""

import pytest
from django.db.models.functions import Now

from incidents.models import CallTask, IncidentEvent
from itsm import events
from notifications import addresses, sending
from notifications.models import Address, Attempt, Delivery
from tests import factories

State, Channel = Delivery.State, Delivery.Channel


@pytest.fixture
def urgent(reporter, team, settings):
    """A P1, whose reporter has a number, where there is a gateway for text messages."""
    reporter.phone = "+49 555 0100"
    reporter.save()
    found = factories.open_incident(reporter, impact=1, urgency=1)
    events.relay()  # by mail, as no gateway is there yet
    settings.SMS_URL = "http://127.0.0.1:9/sms"
    Delivery.objects.exclude(recipient=reporter, channel=Channel.EMAIL).delete()
    return found


def mail(incident) -> Delivery:
    return Delivery.objects.get(incident=incident, channel=Channel.EMAIL, recipient=incident.reporter)


def text(incident) -> Delivery | None:
    return Delivery.objects.filter(incident=incident, channel=Channel.SMS).first()


def unreached(incident) -> list[CallTask]:
    return list(incident.calls.filter(why=CallTask.Why.UNREACHED))


def test_a_refused_address_is_flagged_and_a_text_message_goes_instead(urgent, post) -> None:
    post.refuse[urgent.reporter.email] = "550 no such person"

    sending.send_due()

    assert Address.objects.get().state == Address.State.REFUSES
    assert Address.objects.get().address == urgent.reporter.email
    assert (text(urgent).instead_of, text(urgent).address) == (mail(urgent), urgent.reporter.phone)
    assert unreached(urgent) == []


def test_without_a_next_way_a_person_calls_once(urgent, post) -> None:
    post.refuse[urgent.reporter.email] = "550 no such person"
    sending.send_due()
    Delivery.objects.filter(pk=text(urgent).pk).update(
        state=State.LEASED, lease_until=Now(), attempts=sending.MAX_ATTEMPTS
    )

    for _ in range(2):
        lost = Delivery.objects.get(pk=text(urgent).pk)
        lost.carries = []
        sending.settling.settle(lost, sending.Result(State.DEAD, "the gateway is gone"))

    (call,) = unreached(urgent)
    assert (call.person, call.number) == (urgent.reporter, urgent.reporter.phone)
    assert urgent.events.filter(kind=IncidentEvent.Kind.CANNOT_REACH).count() == 1


def test_two_people_who_cannot_be_reached_are_two_calls(urgent, contact, post) -> None:
    one = mail(urgent)
    Delivery.objects.create(
        event=one.event, incident=urgent, customer=one.customer, recipient=contact, address=contact.email,
        kind="received", reason="reporter",
    )  # fmt: skip
    urgent.reporter.phone = ""
    urgent.reporter.save()
    for person in (urgent.reporter, contact):
        post.refuse[person.email] = "550 gone"

    sending.send_due()

    assert {call.person for call in unreached(urgent)} == {urgent.reporter, contact}


def test_a_server_that_does_not_answer_twice_lets_the_next_way_go_besides(urgent, post, hand_on) -> None:
    post.refuse[urgent.reporter.email] = "451 come back later"
    sending.send_due()
    assert text(urgent) is None

    hand_on()

    assert text(urgent) is not None
    assert mail(urgent).state == State.QUEUED
    assert unreached(urgent) == []


def test_what_is_not_urgent_stays_with_its_mark(incident, post) -> None:
    events.relay()
    post.refuse[incident.reporter.email] = "550 gone"

    sending.send_due()

    assert mail(incident).state == State.BOUNCED
    assert text(incident) is None
    assert unreached(incident) == []
    assert sending.given_up() == 1


def test_a_flagged_address_is_not_written_to_until_it_works_again(urgent, post) -> None:
    Address.objects.create(
        channel="email", address=urgent.reporter.email.upper(), state=Address.State.REFUSES, reason="550 gone",
        since=Now(),
    )  # fmt: skip

    sending.send_due()

    assert mail(urgent).state == State.BOUNCED
    assert "550 gone" in mail(urgent).last_error
    assert (post.mails, Attempt.objects.count()) == ([], 0)
    assert text(urgent) is not None

    assert addresses.works_again("email", urgent.reporter.email)
    sending.send_again(mail(urgent))
    sending.send_due()

    assert mail(urgent).state == State.SENT


@pytest.mark.parametrize(("kind", "state"), [("received", State.SKIPPED), ("update", State.SENT)])
def test_who_answers_by_machine_hears_only_from_people(incident, post, kind, state) -> None:
    events.relay()
    Address.objects.create(channel="email", address=incident.reporter.email, state=Address.State.SUSPENDED, since=Now())
    Delivery.objects.update(kind=kind)

    sending.send_due()

    assert mail(incident).state == state


def test_our_own_fault_blames_no_address(urgent, post) -> None:
    post.refuse[urgent.reporter.email] = "550 5.7.1 relaying denied"

    sending.send_due()

    assert mail(urgent).state == State.BOUNCED
    assert Address.objects.count() == 0


def test_a_refused_text_blames_no_address(urgent, post) -> None:
    post.on_data = lambda server: "554 looks like spam"

    sending.send_due()

    assert mail(urgent).state == State.BOUNCED
    assert Address.objects.count() == 0


def test_a_changed_address_is_another_one(urgent, post) -> None:
    post.refuse[urgent.reporter.email] = "550 gone"
    sending.send_due()
    urgent.reporter.email = "new@example.com"
    urgent.reporter.save()

    sending.send_again(mail(urgent))
    sending.send_due()

    assert len(post.to("new@example.com")) == 1


def test_each_try_is_written_down(urgent, post, hand_on) -> None:
    post.refuse[urgent.reporter.email] = "451 come back later"
    sending.send_due()
    post.refuse.clear()
    hand_on()

    tries = list(Attempt.objects.order_by("id").values_list("number", "outcome", "code", "answer"))
    assert tries[0] == (1, "not_now", 451, "451 come back later")
    assert tries[1][:3] == (2, "taken", 250)
    assert set(Attempt.objects.values_list("customer", flat=True)) == {urgent.customer_id}
