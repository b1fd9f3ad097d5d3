"""The lane that takes mail in, as a process: killed, fed with what is broken, flooded."""

import contextlib
import smtplib
import socket
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from incidents.models import Incident
from notifications.inbound import store, work
from notifications.models import InboundMail
from tests import factories
from tests.faults.stack import Stack, free_port, stack, wait_for
from tests.notifications.inbound import corpus, imap_server
from tests.notifications.inbound.writing import DESK, mail

State = InboundMail.State
UNREAD = (State.STORED, State.LEASED)


@pytest.fixture
def reporter():
    return factories.UserFactory(email="rosa@town.example", customer=factories.CustomerFactory(served=True))


@pytest.fixture
def neighbour():
    return factories.UserFactory(email="sam@else.example", customer=factories.CustomerFactory(served=True))


@contextlib.contextmanager
def lane(**env: str) -> Iterator[Stack]:
    with stack(EVENKEEL_MAIL_FROM=f"Evenkeel <{DESK}>", **env) as running:
        yield running


def receive(running: Stack, *options: str):
    return running.run("mail-in", "manage", "receive_mail", *options)


def all_are_read(count: int) -> bool:
    rows = InboundMail.objects.all()
    return rows.count() >= count and not rows.filter(state__in=UNREAD).exists()


def test_killed_between_fetching_and_marking_each_mail_is_one_incident(reporter) -> None:
    """F-28, with kill -9."""
    with imap_server.serving() as server, lane() as running:
        server.put(*[mail(reporter, f"Trouble {n}").as_bytes() for n in range(3)])
        for _kill in range(2):
            wire = imap_server.Wire(server.port)
            wire.at = lambda data: "hold" if b"STORE" in data else None
            process = receive(running, "--imap", server.url(wire.port))
            assert wire.held.wait(40), "stored, and about to be marked"
            process.kill()
            wire.close()
            # What it was reading is read by the next one when the lease is over: not waited for here.
            InboundMail.objects.filter(state=State.LEASED).update(lease_until=Now())
        receive(running, "--imap", server.url())
        wait_for(lambda: server.flags() == [{b"\\Seen", b"$Evenkeel"}] * 3, 40)
        wait_for(lambda: all_are_read(3), 40)

    assert sorted(Incident.objects.values_list("messages__body", flat=True)) == [f"Trouble {n}" for n in range(3)]


class TestLmtp:
    @pytest.fixture
    def port(self, reporter) -> Iterator[int]:
        port = free_port()
        with lane(EVENKEEL_INBOUND_MAX_MB="1") as running:
            receive(running, "--lmtp", f"127.0.0.1:{port}")
            wait_for(lambda: _listens(port), 40)
            yield port

    def test_yes_means_that_it_is_in_the_database(self, port, reporter) -> None:
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.ehlo()
            client.mail(reporter.email)
            for receiver in (DESK, f"desk+x@{DESK[5:]}"):
                client.rcpt(receiver)
            answers = [client.data(mail(reporter).as_bytes())[0], client.getreply()[0]]
            stored = InboundMail.objects.get()

            assert (answers, stored.mailbox, stored.envelope_from) == ([250, 250], "lmtp", reporter.email)
            assert stored.envelope_to == "desk+x@desk.example", "the one that may say more"
        wait_for(lambda: all_are_read(1), 30)
        assert InboundMail.objects.get().state == "opened"

    def test_others_mail_and_too_much_of_it_is_refused(self, port, reporter) -> None:
        with smtplib.LMTP("127.0.0.1", port) as client:
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("a@b.example", ["somebody@else.example"], b"x")
            with pytest.raises(smtplib.SMTPException) as error:
                client.sendmail("a@b.example", [DESK], b"Subject: x\r\n\r\n" + b"x\r\n" * 500_000)

        assert "552" in str(error.value)
        assert not InboundMail.objects.exists()

    def test_an_empty_envelope_wants_no_answer(self, port, reporter) -> None:
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.sendmail("", [DESK], mail(reporter, "I am a machine").as_bytes())
        wait_for(lambda: all_are_read(1), 30)

        assert (InboundMail.objects.get().state, InboundMail.objects.get().kind) == ("kept", "auto_reply")


def test_while_the_database_is_away_nobody_is_told_yes(reporter) -> None:
    port = free_port()
    nowhere = f"postgres://n@127.0.0.1:{free_port()}/n"
    with lane(DATABASE_URL=nowhere) as running:
        process = receive(running, "--smtp", f"127.0.0.1:{port}")
        wait_for(lambda: _listens(port), 40)
        with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPDataError) as error:
            client.sendmail(reporter.email, [DESK], mail(reporter).as_bytes())

        assert error.value.smtp_code == 451
        assert process.is_running


@pytest.mark.timeout(600)
def test_a_thousand_broken_mails_are_stored_or_set_aside_and_nobody_waits(reporter, neighbour) -> None:
    """F-24, F-36: the corpus, chance, and 25 MB in 5,000 parts; a mail of somebody else among them is read at once."""
    sender = reporter.email.encode()
    by_hand = corpus.by_hand(sender)
    by_chance = corpus.by_chance(sender, 250) + corpus.by_chance(b"nobody@nowhere.example", 750)
    rows = [store.keep(raw, mailbox="corpus").pk for raw in [*by_hand.values(), *by_chance, corpus.large(sender)]]
    # Decided, so that the cap on floods does not spare the lane the work.
    InboundMail.objects.update(settled_by=factories.UserFactory(agent=True))
    with lane(EVENKEEL_VAR=_where_the_suite_keeps_files()) as running:
        process = receive(running)
        wait_for(lambda: InboundMail.objects.exclude(state__in=UNREAD).count() > 20, 60)
        other = store.keep(mail(neighbour).as_bytes(), mailbox="corpus")
        wait_for(lambda: InboundMail.objects.filter(pk=other.pk).exclude(state__in=UNREAD).exists(), 60)
        wait_for(lambda: all_are_read(len(set(rows))), 420, each=0.5)

        assert process.is_running
        assert "Traceback" not in (running.folder / "mail-in.log").read_text()
    assert InboundMail.objects.get(pk=other.pk).state == "opened"
    assert not InboundMail.objects.filter(attempts__gt=1).exclude(state=State.QUARANTINED).exists()
    waited = InboundMail.objects.filter(pk=other.pk).annotate(waited=F("settled_at") - F("received_at")).get().waited
    assert waited.total_seconds() < 60
    quarantined = InboundMail.objects.filter(state=State.QUARANTINED)
    assert quarantined.count() < 30, list(quarantined.values_list("why", flat=True)[:10])


def test_a_flood_is_held_back_and_delays_nobody_else(reporter, neighbour) -> None:
    """F-30: 5,000 mails of one sender."""
    row = store.keep(mail(reporter, "Flood").as_bytes(), mailbox="corpus")
    template = {
        each.name: getattr(row, each.name) for each in InboundMail._meta.fields if each.name not in ("id", "sha256")
    }
    InboundMail.objects.bulk_create(InboundMail(**template, sha256=f"{n:064}") for n in range(4999))
    with lane(EVENKEEL_VAR=_where_the_suite_keeps_files()) as running:
        receive(running)
        wait_for(lambda: InboundMail.objects.exclude(state__in=UNREAD).count() > 3, 60)
        began = time.monotonic()
        other = store.keep(mail(neighbour).as_bytes(), mailbox="corpus")
        wait_for(lambda: InboundMail.objects.filter(pk=other.pk, state="opened").exists(), 60)
        took = time.monotonic() - began
        wait_for(lambda: all_are_read(5001), 120)

    assert took < 30
    held = InboundMail.objects.filter(state="tray", kind="")
    assert held.count() >= 5000 - work.CAP - 2
    assert {row.customer for row in held[:10]} == {reporter.customer}


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def _where_the_suite_keeps_files() -> str:
    return str(settings.MEDIA_ROOT.parent)
