"""Machines that write: kept, never answered, start no clock, change no state."""

from datetime import timedelta

import pytest

from incidents import lifecycle
from incidents.models import Clock, Incident
from itsm import events, moment
from notifications import letters, loops, sending
from notifications.models import Address, Delivery, InboundMail
from tests import factories
from tests.notifications.inbound.writing import DESK, answer, mail

MACHINES = [
    ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
    ({"Auto_Submitted": "auto-generated; owner=x"}, "auto_reply"),
    ({"X_Auto_Response_Suppress": "All"}, "auto_reply"),
    ({"Precedence": "auto_reply"}, "auto_reply"),
    ({"X_Autoreply": "yes"}, "auto_reply"),
    ({"X_Loop": "desk"}, "auto_reply"),
    ({"Return_Path": "<>"}, "auto_reply"),
    ({"Subject": "Automatische Antwort: Scanner"}, "auto_reply"),
    ({"Subject": "Réponse automatique : absence"}, "auto_reply"),
    ({"From": "no-reply@shop.example"}, "auto_reply"),
    ({"From": "MAILER-DAEMON@mx.example"}, "bounce"),
    ({"Precedence": "bulk"}, "list"),
    ({"List_Id": "<news.example>"}, "list"),
    ({"List_Unsubscribe": "<https://news.example/>"}, "list"),
]


@pytest.fixture
def receipt(incident):
    events.relay()
    Delivery.objects.outside().update(state="sent", sent_at=moment.database_now() - timedelta(hours=2))
    return Delivery.objects.outside().get(recipient=incident.reporter)


def report(delivery: Delivery, action: str = "failed") -> bytes:
    """What a mail server writes when it could not deliver."""
    return f"""From: MAILER-DAEMON@mx.example
To: {DESK}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-{action}@mx.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

It could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {delivery.address}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such person

--B
Content-Type: message/rfc822

Message-ID: {letters.message_id(delivery)}
Subject: Receipt

Words
--B--
""".encode()


@pytest.mark.parametrize(("headers", "kind"), MACHINES, ids=str)
def test_a_new_mail_of_a_machine_is_kept_and_opens_nothing(headers, kind, reporter, team, receive) -> None:
    row = receive(mail(reporter, **headers))

    assert (row.state, row.kind) == ("kept", kind)
    assert not Incident.objects.exists()


def test_an_ordinary_mail_says_no_to_auto_submitted(reporter, team, receive) -> None:
    assert receive(mail(reporter, Auto_Submitted="no")).state == "opened"


@pytest.mark.parametrize(("headers", "kind"), [MACHINES[0], MACHINES[7], MACHINES[11]], ids=str)
def test_in_a_known_thread_it_can_be_read_and_moves_nothing(headers, kind, receipt, agent, receive) -> None:
    lifecycle.ask(receipt.incident, by=agent, question="Which printer?")
    before = list(Clock.objects.order_by("pk").values())
    events.relay()
    told = Delivery.objects.count()

    row = receive(answer(receipt, "I am back on Monday.", **headers))
    events.relay()

    receipt.incident.refresh_from_db()
    assert (row.state, row.kind, row.message.body) == ("kept", kind, "I am back on Monday.")
    assert receipt.incident.status == "pending"
    assert list(Clock.objects.order_by("pk").values()) == before
    assert Delivery.objects.count() == told, "nobody is woken by a machine"


def test_the_same_machine_is_read_once_a_day(receipt, receive) -> None:
    rows = [receive(answer(receipt, f"I am away {n}.", Auto_Submitted="auto-replied")) for n in range(3)]

    assert [bool(row.message) for row in rows] == [True, False, False]
    assert {row.incident for row in rows} == {receipt.incident}


def test_a_bounce_finds_the_message_and_flags_the_address(receipt, receive) -> None:
    row = receive(report(receipt))

    receipt.refresh_from_db()
    assert (row.state, row.kind, row.bounced, row.incident) == ("kept", "bounce", receipt, receipt.incident)
    assert (receipt.state, receipt.last_error) == ("bounced", "550 5.1.1 no such person")
    assert Address.objects.get().state == "refuses"
    assert Incident.objects.count() == 1


def test_a_delay_is_no_bounce(receipt, receive) -> None:
    receive(report(receipt, action="delayed"))

    receipt.refresh_from_db()
    assert receipt.state == "sent"
    assert not Address.objects.exists()


def test_a_bounce_in_plain_words_is_understood(receipt, receive) -> None:
    text = f"Hi. This is the mail program. No such user.\n\nMessage-ID: {letters.message_id(receipt)}\n"
    receive(mail("MAILER-DAEMON@mx.example", text, subject="failure notice"))

    receipt.refresh_from_db()
    assert receipt.state == "bounced"


def test_our_own_mail_that_comes_back_is_a_loop(receipt, receive) -> None:
    own = letters.write(receipt).message()

    assert receive(own.as_bytes()).kind == "loop"
    assert receive(mail(f"Evenkeel <{DESK}>")).kind == "loop"
    assert receive(mail("x <desk+inc1@desk.example>")).kind == "loop"


def test_a_receipt_by_mail_says_that_it_is_an_answer_and_joins_the_thread(
    reporter, team, receive, post, hand_on
) -> None:
    words = mail(reporter)
    receive(words)
    hand_on()

    (sent,) = post.mails
    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["In-Reply-To"] == words["Message-ID"]
    assert sent["Reply-To"].startswith("desk+inc")


def test_one_receipt_in_ten_minutes(reporter, team, receive, post, hand_on) -> None:
    for number in range(5):
        receive(mail(reporter, f"Trouble number {number}"))
        hand_on()

    assert Incident.objects.count() == 5
    assert len(post.mails) == 1
    skipped = Delivery.objects.filter(kind="received", state="skipped")
    assert {row.last_error for row in skipped} == {"they had a receipt a moment ago"}
    Delivery.objects.filter(state="sent").update(sent_at=moment.database_now() - timedelta(minutes=11))
    receive(mail(reporter, "Trouble later"))
    hand_on()
    assert len(post.mails) == 2


def test_three_receipts_an_hour_then_the_address_is_suspended(reporter, team, receive, post, hand_on) -> None:
    for number in range(6):
        receive(mail(reporter, f"Trouble number {number}"))
        hand_on()
        Delivery.objects.filter(state="sent").update(sent_at=moment.database_now() - timedelta(minutes=11))

    assert len(post.mails) == loops.MOST
    assert (Address.objects.get().state, Address.objects.get().customer) == ("suspended", reporter.customer)


def test_what_people_write_goes_to_a_suspended_address(incident, reporter, agent, post, hand_on) -> None:
    loops.suspend(reporter, "It answers by machine.")
    factories.answered(incident, agent)
    hand_on()

    assert [mail["Subject"][:6] for mail in post.mails] != []
    assert {row.kind for row in Delivery.objects.outside().filter(recipient=reporter, state="sent")} == {"update"}


@pytest.mark.parametrize(
    "signs", [{}, {"signed": False}, {"signed": False, "In_Reply_To": "", "References": ""}], ids=str
)
def test_two_machines_that_answer_each_other_fall_silent(signs, reporter, agent, team, receive, post, hand_on) -> None:
    """F-29: whoever answers every mail at once, without saying that it is a machine."""
    first = receive(mail(reporter, "It jams."))
    answered = 0
    for turn in range(12):
        if turn in (2, 4, 6):
            lifecycle.take(first.incident, by=factories.UserFactory(agent=True, member_of=team))
        hand_on()
        for got in post.to(reporter.email)[answered:]:
            answered += 1
            sent = Delivery.objects.filter(state="sent", recipient=reporter).order_by("sent_at").last()
            receive(answer(sent, f"Ticket {answered} created, thank you.", subject=f"Re: {got['Subject']}", **signs))

    assert len(post.to(reporter.email)) <= loops.MOST
    assert Incident.objects.count() == 1
    assert loops.is_suspended(reporter.email)
    assert InboundMail.objects.order_by("pk").last().state == "kept"


def test_who_is_suspended_is_used_again_when_a_person_says_so(reporter) -> None:
    loops.suspend(reporter, "It answers by machine.")
    loops.use_again(Address.objects.get())

    assert not loops.is_suspended(reporter.email)


def test_a_bounce_is_nothing_before_it_was_sent(receipt) -> None:
    Delivery.objects.update(state="queued", sent_at=None)
    sending.bounced(receipt, "550")

    receipt.refresh_from_db()
    assert receipt.state == "queued"
