"""What the mails say, in whose words and zone, and how they thread."""

import html
import re
import zoneinfo
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client

from incidents import links
from incidents.models import Incident, IncidentEvent, Message
from notifications import letters
from notifications.audience import RULES
from notifications.letters import one_line
from notifications.models import Delivery
from notifications.wording import TEXTS
from tests import factories

DUE = "2026-11-23T13:00:00+00:00"
TO_CUSTOMERS = [
    "received", "taken", "update", "question", "restored", "resolved", "withdrawn", "reported", "asked_them",
]  # fmt: skip
SAID = {
    "update", "question", "restored", "still_broken", "customer_wrote", "urgent", "received", "withdrawn", "reported",
    "asked_them",
}  # fmt: skip


@pytest.fixture
def letter(incident, agent, reporter):
    """letter("update") -> that mail as a mail program gets it, with its text and its html."""

    def write(kind: str, recipient=None, **data):
        data = {"next_update_at": DUE, "clock": "update", "due_at": DUE} | data
        recipient = recipient or (reporter if kind in TO_CUSTOMERS else agent)
        return read(letters.write(delivery(incident, kind, agent, recipient, **data)))

    return write


def delivery(incident: Incident, kind: str, actor, recipient, **data) -> Delivery:
    said = {"incident": incident, "customer": incident.customer, "author": actor, "said_at": incident.opened_at}
    message = Message.objects.create(is_public=True, body="Printing works over printer 2.\nTray 1.", **said)
    values = {"incident": incident, "customer": incident.customer, "occurred_at": incident.opened_at, "actor": actor}
    event = IncidentEvent.objects.create(kind="updated", message=message if kind in SAID else None, data=data, **values)
    values = {"incident": incident, "customer": incident.customer, "event": event, "recipient": recipient}
    return Delivery.objects.create(kind=kind, address=recipient.email, reason="reporter", **values)


def read(message):
    return message_from_bytes(message.message().as_bytes(), policy=default)


def text(mail) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def words(mail) -> str:
    """What one reads of the html part."""
    shown = re.sub(r"<head>.*?</head>|<[^>]+>", " ", mail.get_body(("html",)).get_content(), flags=re.S)
    return " ".join(html.unescape(shown).split())


def lines(mail) -> list[str]:
    """The lines of the text part, without the addresses, which are behind buttons in the other."""
    return [re.sub(r"https?://\S+", "", line).strip() for line in text(mail).splitlines() if line.strip()]


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_both_parts_say_the_same(letter, kind) -> None:
    mail = letter(kind)

    missing = [line for line in lines(mail) if " ".join(line.split()) not in words(mail)]
    assert missing == []
    for link in re.findall(r"https?://\S+", text(mail)):
        assert f'href="{link}"' in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_each_letter_is_short_and_complete(letter, kind) -> None:
    mail = letter(kind)

    own = [line for line in lines(mail) if not line.startswith(("Printing works", "Tray"))]
    assert 3 <= len(own) <= 6
    assert "INC-" in own[-1]
    assert "Documents at counter 2 won't print" in own[-1]
    assert "http://localhost:8000/" in text(mail)
    assert re.fullmatch(r".+: \[INC-\d+\] Documents at counter 2 won't print", mail["Subject"])
    for unwanted in ("UNKNOWN_TEMPLATE_VARIABLE", "&#x27;", "{{", "{%", "None"):
        assert unwanted not in mail["Subject"] + text(mail) + words(mail)


@pytest.mark.parametrize("kind", sorted(SAID))
def test_the_words_stand_as_they_were_said(letter, kind) -> None:
    assert "\nPrinting works over printer 2.\nTray 1.\n" in text(letter(kind))


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_nothing_is_fetched_from_elsewhere_and_nothing_runs(letter, kind) -> None:
    content = letter(kind).get_body(("html",)).get_content()

    assert not re.search(r"<(img|script|link|iframe|svg|style)\b|\bsrc=|url\(|@import|\son\w+=", content, re.I)
    assert 'style="' in content


@pytest.mark.parametrize("kind", ["update", "question", "restored"])
def test_next_news_is_in_the_readers_zone_and_names_it(letter, reporter, kind) -> None:
    assert "Next news by Mon 23 Nov, 14:00 (Berlin time)." in text(letter(kind))

    reporter.time_zone = "America/New_York"

    assert "Next news by Mon 23 Nov, 08:00 (New York time)." in text(letter(kind))


def test_the_receipt_says_until_when_a_person_answers(letter) -> None:
    assert "A person answers by Mon 23 Nov, 14:00 (Berlin time)." in text(letter("received"))
    assert "Is it urgent? Call 555 0142." in text(letter("received"))


def test_times_come_from_the_event_and_not_from_how_things_stand(incident, agent, reporter, team) -> None:
    factories.answered(incident, agent)
    event = incident.events.get(kind="updated")
    promised = event.next_update_at.astimezone(zoneinfo.ZoneInfo("Europe/Berlin"))
    values = {"incident": incident, "customer": incident.customer, "recipient": reporter, "reason": "reporter"}
    late = Delivery.objects.create(event=event, kind="update", address=reporter.email, **values)

    factories.restored(incident, agent)

    assert f"{promised:%H:%M}" in text(read(letters.write(late)))
    assert event.next_update_at != incident.clocks.get(kind="update", state="running").due_at


@pytest.mark.parametrize("kind", ["restored", "resolved"])
def test_still_not_working_is_one_click_away(letter, incident, agent, kind) -> None:
    factories.resolved(incident, agent)
    link = re.search(r"Still not working\? .*: http://localhost:8000(/t/\S+/)#actions\n", text(letter(kind))).group(1)

    page = Client().get(link).content.decode()

    assert 'id="actions"' in page
    assert "Still not working" in page


def test_a_workaround_is_for_now_and_in_plain_words(letter) -> None:
    assert "It works again, for now." in text(letter("restored", restored_by="workaround"))
    assert "for now" not in text(letter("restored", restored_by="fix"))
    assert "workaround" not in text(letter("restored", restored_by="workaround"))


def test_agents_are_sent_to_the_desk_and_not_by_a_signed_link(letter, incident) -> None:
    assert f"http://localhost:8000/desk/incidents/{incident.reference}/" in text(letter("late"))
    assert "/t/" not in text(letter("late"))
    assert "“Next update” was due Mon 23 Nov, 13:00 (UTC)." in text(letter("late"))


def test_internal_words_never_reach_the_customer(incident, agent, reporter) -> None:
    wrong = delivery(incident, "update", agent, reporter)
    Message.objects.filter(event=wrong.event).update(is_public=False)
    wrong.event.message.refresh_from_db()

    mail = read(letters.write(wrong))

    assert "printer 2" not in text(mail) + words(mail)


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_automatic_mail_says_so_and_human_words_do_not(letter, kind) -> None:
    mail = letter(kind)

    automatic = kind not in {
        "update", "question", "asked_them", "restored", "resolved", "withdrawn", "cause_gone", "report",
    }  # fmt: skip
    how = "auto-replied" if kind == "received" else "auto-generated"
    assert mail["Auto-Submitted"] == (how if automatic else None)
    assert mail["X-Auto-Response-Suppress"] == ("All" if automatic else None)


def test_message_id_is_the_same_on_each_attempt(incident, agent, reporter) -> None:
    row = delivery(incident, "update", agent, reporter)

    first, second = letters.write(row), letters.write(Delivery.objects.get(pk=row.pk))

    wanted = f"<update.{incident.reference.lower()}.{row.public_id}@localhost>"
    assert first.message()["Message-ID"] == second.message()["Message-ID"] == wanted


def test_letters_of_an_incident_to_one_person_are_one_thread(incident, agent, reporter, lead) -> None:
    rows = [delivery(incident, "update", agent, reporter) for _ in range(14)]
    delivery(incident, "late", agent, lead)
    Delivery.objects.filter(pk=rows[12].pk).update(state="bounced")
    ids = [letters.message_id(row) for row in rows]

    first, second, last = (letters.write(rows[i]).extra_headers for i in (0, 1, 13))

    assert "In-Reply-To" not in first
    assert (second["In-Reply-To"], second["References"]) == (ids[0], ids[0])
    assert last["In-Reply-To"] == ids[11]
    assert last["References"].split() == [ids[0], *ids[2:12]]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Printer\nBcc: all@example.com", "Printer Bcc: all@example.com"),
        ("a\r\n\r\nb", "a b"),
        ("\u202egpj.exe\u2066", "gpj.exe"),
        ("nul\0 and \ud800 lone \x1b[31m", "nul and lone [31m"),
        ("שלום \u200fעולם", "שלום \u200fעולם"),
        ("x" * 500, "x" * 200),
        ("\u2028line\u2029paragraph\x85next", "line paragraph next"),
    ],
)
def test_one_line_makes_any_title_fit_for_a_header(title, shown) -> None:
    assert one_line(title) == shown


@pytest.mark.parametrize(
    "title", ["a\nb", "\u202eb", "ünï \u200f🎉", "<b>&amp;", "x" * 200, "{{ 7|add:7 }}", "é" * 199]
)
def test_no_title_poisons_a_mail(incident, agent, reporter, title) -> None:
    Incident.objects.filter(pk=incident.pk).update(title=title)
    incident.refresh_from_db()

    mail = read(letters.write(delivery(incident, "update", agent, reporter)))

    assert mail["Subject"].strip() == f"Update: [{incident.reference}] {one_line(title)}"[:200]
    assert one_line(title) in text(mail)
    assert not mail.defects


def test_words_are_escaped_in_html_only(incident, agent, reporter) -> None:
    row = delivery(incident, "update", agent, reporter)
    row.event.message.body = "Use <b>printer 2</b> & 'tray 1' <script>alert(1)</script>"

    mail = read(letters.write(row))

    assert "Use <b>printer 2</b> & 'tray 1'" in text(mail)
    assert "<script" not in mail.get_body(("html",)).get_content()
    assert "Use <b>printer 2</b> & 'tray 1'" in words(mail)


def test_a_very_long_text_is_cut(incident, agent, reporter) -> None:
    row = delivery(incident, "update", agent, reporter)
    row.event.message.body = "x " * 10_000

    assert len(text(read(letters.write(row)))) < 5_000


@pytest.mark.parametrize("language", ["en-gb", "de", "fr"])
def test_letters_are_written_in_the_readers_language(incident, agent, reporter, language) -> None:
    reporter.language = language

    mail = read(letters.write(delivery(incident, "update", agent, reporter, next_update_at=DUE)))

    assert f'<html lang="{language}"' in mail.get_body(("html",)).get_content()


def test_time_words_without_a_time() -> None:
    assert letters.time_words(None) == ""
    assert letters.time_words(datetime(2026, 11, 23, 13, tzinfo=UTC)) == "Mon 23 Nov, 13:00 (UTC)"


def test_every_rule_has_its_texts_and_its_words(incident) -> None:
    kinds = {kind for rules in RULES.values() for kind, _reason, _who in rules}

    assert kinds == set(TEXTS)


def test_a_link_in_a_letter_opens_the_incident(letter, incident, reporter) -> None:
    token = re.search(r"/t/([^/]+)/", text(letter("update"))).group(1)

    assert links.read(token) == (incident, reporter)
