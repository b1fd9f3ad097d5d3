"""Claiming, sending over a real SMTP server, and what becomes of each message."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from customers.models import User
from incidents import clocks, lifecycle
from incidents.models import Incident
from itsm import events
from notifications import claiming, letters, sending, settling
from notifications.models import Delivery
from tests import factories
from tests.notifications import smtp

State = Delivery.State


@pytest.fixture
def queued(incident):
    """The receipt of a fresh report, waiting."""
    events.relay()
    return Delivery.objects.outside().get()


@pytest.fixture
def three(reporter, colleague, contact, team):
    """Three receipts for three people, in this order."""
    incidents = [factories.open_incident(person) for person in (reporter, colleague, contact)]
    events.relay()
    rows = [Delivery.objects.outside().get(incident=incident) for incident in incidents]
    for place, row in enumerate(rows):
        Delivery.objects.outside().filter(pk=row.pk).update(next_try_at=Now() - timedelta(seconds=10 - place))
    return rows


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.outside().get(pk=delivery.pk)


def lease(delivery: Delivery, seconds: float = 60, **values) -> Delivery:
    until = Now() + timedelta(seconds=seconds)
    Delivery.objects.outside().filter(pk=delivery.pk).update(
        state=State.LEASED, lease_until=until, fence=F("fence") + 1, **values
    )
    return fresh(delivery)


def wait_of(delivery: Delivery) -> timedelta:
    """How long until its next try, by the database's clock."""
    return Delivery.objects.outside().annotate(wait=F("next_try_at") - Now()).get(pk=delivery.pk).wait


def test_send_due_sends_and_settles(queued, post) -> None:
    assert sending.send_due() == 1

    sent = fresh(queued)
    assert (sent.state, sent.attempts, sent.fence, sent.lease_until, sent.last_error) == (State.SENT, 1, 1, None, "")
    assert sent.sent_at
    assert [mail["Message-ID"] for mail in post.to(queued.address)] == [letters.message_id(queued)]


def test_send_due_twice_sends_once(queued, post) -> None:
    sending.send_due()

    assert sending.send_due() == 0
    assert len(post.mails) == 1


def test_one_connection_serves_many(three, post) -> None:
    sending.send_due()

    assert [mail["To"] for mail in post.mails] == [row.address for row in three]
    assert post.connections == 1


def test_what_is_not_due_waits(queued, post) -> None:
    Delivery.objects.outside().update(next_try_at=Now() + timedelta(seconds=60))

    assert sending.send_due() == 0
    assert fresh(queued).state == State.QUEUED


@pytest.mark.parametrize("answer", ["550 no such person", "551 gone", "521 does not take mail"])
def test_a_refused_address_bounces_and_the_others_go_on(three, post, answer) -> None:
    post.refuse[three[1].address] = answer

    sending.send_due()

    assert [fresh(row).state for row in three] == [State.SENT, State.BOUNCED, State.SENT]
    assert fresh(three[1]).last_error == answer


def test_a_refused_message_bounces(queued, post) -> None:
    post.on_data = lambda server: "554 looks like spam"

    sending.send_due()

    assert (fresh(queued).state, fresh(queued).last_error) == (State.BOUNCED, "554 looks like spam")


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 720)])
def test_a_server_that_asks_for_patience_gets_it(queued, post, attempt, minutes) -> None:
    post.refuse[queued.address] = "451 come back later"
    Delivery.objects.outside().update(attempts=attempt - 1)

    sending.send_due()

    assert (fresh(queued).state, fresh(queued).attempts) == (State.QUEUED, attempt)
    assert fresh(queued).last_error == "451 come back later"
    assert timedelta(minutes=0.75 * minutes) < wait_of(queued) < timedelta(minutes=1.25 * minutes)


def test_after_the_last_try_it_is_given_up_and_counted(queued, post) -> None:
    post.refuse[queued.address] = "451 come back later"
    Delivery.objects.outside().update(attempts=6)

    sending.send_due()

    assert fresh(queued).state == State.DEAD
    assert sending.given_up() == 1
    assert Client().get("/readyz").json()["checks"]["due_work"]["given_up"]["deliveries"] == 1


def test_a_server_that_is_away_costs_one_connection_and_no_message(three, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.free_port()

    sending.send_due()

    assert {(fresh(row).state, fresh(row).attempts) for row in three} == {(State.QUEUED, 1)}
    assert "no connection to the mail server" in fresh(three[0]).last_error


def test_a_dropped_connection_is_opened_again(three, post) -> None:
    dropped = []

    def drop_first(server) -> None:
        if not dropped:
            dropped.append(True)
            smtp.drop(server)

    post.on_data = drop_first

    sending.send_due()

    assert [fresh(row).state for row in three] == [State.QUEUED, State.SENT, State.SENT]
    assert post.connections == 2


def test_a_message_that_came_twice_has_the_same_id(queued, post, hand_on) -> None:
    post.on_data = smtp.drop
    sending.send_due()
    post.on_data = lambda server: None

    hand_on()

    assert fresh(queued).state == State.SENT
    assert len(post.mails) == 2
    assert len({mail["Message-ID"] for mail in post.mails}) == 1


def test_a_server_that_hangs_is_left_in_time(queued, post, settings) -> None:
    settings.DELIVERY_LEASE_SECONDS = 1.5  # a third of it for one message
    post.on_data = smtp.hang(1.0)

    sending.send_due()

    assert fresh(queued).state == State.QUEUED
    assert fresh(queued).attempts == 1


def test_a_message_that_cannot_be_written_does_not_stop_the_others(three, post, monkeypatch) -> None:
    Delivery.objects.outside().filter(pk=three[0].pk).update(kind="no-such-text")

    sending.send_due()

    assert [fresh(row).state for row in three] == [State.QUEUED, State.SENT, State.SENT]
    assert "TemplateDoesNotExist" in fresh(three[0]).last_error


def test_a_message_that_can_never_be_written_is_given_up(queued, post) -> None:
    Delivery.objects.outside().update(kind="no-such-text", attempts=6)

    sending.send_due()

    assert fresh(queued).state == State.DEAD


def test_an_expired_lease_is_taken_over(queued, post) -> None:
    lease(queued, seconds=-1, attempts=1)

    sending.send_due()

    assert (fresh(queued).state, fresh(queued).fence, fresh(queued).attempts) == (State.SENT, 2, 2)


def test_a_lease_that_runs_is_left_alone(queued, post) -> None:
    lease(queued)

    assert sending.send_due() == 0
    assert post.mails == []


def test_a_message_that_kills_its_worker_each_time_is_given_up(queued, post) -> None:
    lease(queued, seconds=-1, attempts=sending.MAX_ATTEMPTS)

    assert sending.send_due() == 1
    assert (fresh(queued).state, post.mails) == (State.DEAD, [])
    assert "died each time" in fresh(queued).last_error


def test_a_late_worker_cannot_settle_what_another_has_taken_over(queued) -> None:
    late = lease(queued)
    lease(queued)

    assert not settling.settle(late, settling.Result(State.SENT))
    assert fresh(queued).state == State.LEASED


def test_a_worker_does_not_begin_what_its_lease_may_not_cover(queued, post, settings) -> None:
    short = lease(queued, seconds=2)

    assert not claiming.begin(short, timedelta(seconds=1.5))
    assert claiming.begin(short, timedelta(seconds=0.5))


def test_what_is_not_begun_is_let_go_uncounted(three, post, monkeypatch) -> None:
    monkeypatch.setattr(claiming, "begin", lambda delivery, limit: delivery.pk == three[0].pk)
    monkeypatch.setattr(sending, "RUN_FOR", 0.05)

    sending.send_due()

    assert [(fresh(row).state, fresh(row).attempts) for row in three[1:]] == [(State.QUEUED, 0)] * 2


def test_who_left_is_not_written_to(queued, post) -> None:
    User.objects.update(is_active=False)

    sending.send_due()

    assert (fresh(queued).state, post.mails) == (State.SKIPPED, [])
    assert fresh(queued).last_error == "this person has left"


def test_who_may_not_see_the_incident_any_more_is_not_written_to(queued, post, stranger) -> None:
    User.objects.filter(pk=queued.recipient_id).update(customer=stranger.customer)

    sending.send_due()

    assert (fresh(queued).state, post.mails) == (State.SKIPPED, [])


@pytest.mark.parametrize(("answered", "state"), [(False, State.SENT), (True, State.SKIPPED)])
def test_the_alarm_is_not_raised_when_the_promise_was_kept_meanwhile(
    incident, agent, lead, post, hand_on, answered, state
) -> None:
    hand_on()
    due_at = incident.clocks.get(kind="response").due_at
    clocks.sweep(due_at + timedelta(seconds=2))
    events.relay()
    if answered:
        factories.answered(incident, agent)

    sending.send_due()

    assert Delivery.objects.outside().get(kind="late", recipient=lead).state == state
    assert len(post.to(lead.email)) == (not answered)


def test_oldest_due_sees_waiting_and_abandoned_messages(three) -> None:
    Delivery.objects.outside().update(next_try_at=Now() + timedelta(hours=1))
    assert sending.oldest_due() == timedelta()

    Delivery.objects.outside().filter(pk=three[0].pk).update(next_try_at=Now() - timedelta(minutes=3))
    assert timedelta(minutes=3) <= sending.oldest_due() < timedelta(minutes=4)

    lease(three[1], seconds=-600)
    assert timedelta(minutes=10) <= sending.oldest_due() < timedelta(minutes=11)


@pytest.mark.parametrize(("state", "again"), [("bounced", 1), ("dead", 1), ("queued", 0), ("skipped", 0)])
def test_send_again_is_for_what_was_given_up(queued, post, state, again) -> None:
    far = Now() + timedelta(hours=1)
    Delivery.objects.outside().update(state=state, attempts=7, address="old@example.com", next_try_at=far)

    assert sending.send_again(fresh(queued)) == bool(again)
    sending.send_due()

    assert len(post.to(queued.recipient.email)) == again


def test_the_claim_uses_its_indexes(queued) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    oldest = Delivery.objects.held().filter(channel="email", next_try_at__lte=Now()).order_by("next_try_at")

    assert "delivery_held" in oldest.explain()


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once(transactional_db, post) -> None:
    reporter = factories.UserFactory(customer=factories.CustomerFactory(served=True))
    with transaction.atomic():
        incidents = [factories.open_incident(reporter, text=f"Printer {n}") for n in range(30)]
    lifecycle.cancel(incidents[0], by=reporter, reason="It was a dream.")
    events.relay()

    def work() -> None:
        sending.send_due()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [mail["Message-ID"] for mail in post.mails]
    assert len(ids) == len(set(ids)) == Incident.objects.count() == 30
    assert set(Delivery.objects.outside().values_list("state", "attempts", "fence")) == {("sent", 1, 1)}
