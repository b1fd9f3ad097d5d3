"""Mail servers that misbehave, with real workers: nothing is lost, nothing comes twice without need, others go on."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from incidents import clocks
from incidents.models import ClockAlert, IncidentEvent
from itsm import events, moment
from notifications import letters, sending
from notifications.models import Attempt, Delivery
from tests import factories
from tests.faults.stack import stack, wait_for
from tests.notifications import smtp

State = Delivery.State


@pytest.fixture
def post(settings):
    with smtp.serving() as (post, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield post


def receipts(number: int) -> list[Delivery]:
    """So many reports of as many people, each to be answered with a receipt."""
    customer = factories.CustomerFactory(served=True)
    for n in range(number):
        factories.open_incident(factories.UserFactory(customer=customer), text=f"Printer {n}")
    while events.relay():
        pass
    Delivery.objects.exclude(channel="email").delete()
    return list(Delivery.objects.select_related("incident"))


def time_passes(span: timedelta) -> None:
    Delivery.objects.filter(state=State.QUEUED).update(next_try_at=F("next_try_at") - span)


def test_greylisting_delays_each_mail_and_doubles_none(post) -> None:
    """F-11: refused at first, taken after five minutes."""
    rows, opened = receipts(10), False
    for row in rows:
        post.refuse[row.address] = "450 4.2.0 greylisted, please come back in 5 minutes"

    for minute in range(8):
        sending.send_due()
        time_passes(timedelta(minutes=1))
        if minute >= 5 and not opened:
            post.refuse.clear()
            opened = True
    time_passes(timedelta(minutes=2))
    sending.send_due()

    arrived = Counter(mail["Message-ID"] for mail in post.mails)
    assert arrived == Counter(letters.message_id(row) for row in rows)
    assert max(Delivery.objects.values_list("attempts", flat=True)) <= 3
    assert Attempt.objects.filter(code=450).count() >= len(rows)


def test_refused_addresses_are_not_tried_again_and_the_others_are_untouched(post) -> None:
    """F-12: one in ten is refused."""
    rows = receipts(20)
    gone = {rows[3].address, rows[13].address}
    for address in gone:
        post.refuse[address] = "550 5.1.1 no such person"

    for _ in range(3):
        sending.send_due()
        time_passes(timedelta(days=1))

    assert {row.address for row in Delivery.objects.filter(state=State.BOUNCED)} == gone
    assert Attempt.objects.filter(outcome="refused").count() == len(gone)
    assert len(post.mails) == len(rows) - len(gone)


def test_taken_and_not_said_so_comes_again_with_the_same_id(post) -> None:
    """F-13: as many doubles as dropped answers, each to be known by its Message-ID."""
    rows, drops = receipts(12), []

    def drop_some(server) -> None:
        if len(drops) < 4:
            drops.append(True)
            smtp.drop(server)

    post.on_data = drop_some
    for _ in range(4):
        sending.send_due()
        time_passes(timedelta(days=1))

    arrived = Counter(mail["Message-ID"] for mail in post.mails)
    assert set(arrived) == {letters.message_id(row) for row in rows}
    assert sum(arrived.values()) - len(arrived) <= len(drops)
    assert not Delivery.objects.exclude(state=State.SENT).exists()


def test_pulling_the_plug_on_the_mail_server_loses_nothing(settings) -> None:
    rows = receipts(5)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.free_port()
    for _ in range(4):
        sending.send_due()
        time_passes(timedelta(hours=2))
    assert {row.state for row in Delivery.objects.all()} == {State.QUEUED}

    with smtp.serving() as (post, port):
        settings.EMAIL_PORT = port
        time_passes(timedelta(hours=5))
        sending.send_due()
        assert {mail["Message-ID"] for mail in post.mails} == {letters.message_id(row) for row in rows}


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_and_four_senders_tell_each_miss_once(transactional_db, post) -> None:
    """F-16, in small: many due clocks, all at work at once."""
    customer = factories.CustomerFactory(served=True)
    factories.UserFactory(lead=True, leads=customer.teams.get())
    begun = moment.now() - timedelta(days=3)
    with moment.travel(begun):
        for n in range(40):
            factories.open_incident(factories.UserFactory(customer=customer), text=f"Printer {n}")
    while events.relay():
        pass
    Delivery.objects.all().delete()

    def work() -> None:
        clocks.sweep(moment.now())
        events.relay()
        sending.send_due()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    _all_at_once(threads)

    missed = IncidentEvent.objects.filter(kind="deadline_missed")
    pairs = list(ClockAlert.objects.values_list("clock", "threshold"))
    assert len(pairs) == len(set(pairs)) >= missed.count() >= 40
    ids = [mail["Message-ID"] for mail in post.mails]
    assert len(ids) == len(set(ids)) == Delivery.objects.filter(state=State.SENT, channel="email").count()
    assert not Delivery.objects.filter(channel="email", attempts__gt=1).exists()


def _all_at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while events.relay():
        pass
    sending.send_due()


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_hangs_holds_up_no_other_channel(transactional_db) -> None:
    """F-14: the workers of the other channels do not even notice."""
    texts = Delivery.objects.filter(pk__in=[row.pk for row in receipts(6)[3:]])
    texts.update(channel="sms", next_try_at=Now() + timedelta(hours=1))
    with stack() as running:
        running.catch_mail(delay=120)
        running.work("mail", queues="mail")
        running.work("hooks", queues="hooks")
        running.work("rest", queues="default,sweep")
        running.beat()
        wait_for(Delivery.objects.filter(channel="email", state=State.LEASED, attempts=1).exists, 60)
        texts.update(next_try_at=Now())
        began = time.monotonic()
        wait_for(lambda: texts.filter(state=State.SENT).count() == 3, 40, each=0.1)
        took = time.monotonic() - began
        print(f"the other channel was served within {took:.1f} s while mail hangs")
        assert not Attempt.objects.filter(delivery__channel="email").exists(), "mail still hangs"

        wait_for(Attempt.objects.filter(outcome="not_now").exists, 60, each=0.2)
        assert Attempt.objects.filter(outcome="not_now")[0].took_ms < 30_000
