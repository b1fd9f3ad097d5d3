"""Files, quoted history and senders that are not believed."""

from email.message import EmailMessage

import pytest

from incidents.models import Incident
from itsm import events
from notifications.inbound import fold, html_text, trust
from notifications.inbound.reading import Reading
from notifications.models import Delivery
from tests.notifications.inbound.corpus import by_hand
from tests.notifications.inbound.writing import answer, mail

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + bytes(600)


def test_files_are_kept_pictures_in_the_text_too_and_refused_ones_named(reporter, team, receive) -> None:
    message = mail(reporter)
    message.add_attachment(PIXEL, maintype="image", subtype="png", filename="screen.png", disposition="inline")
    message.add_attachment(b"tiny", maintype="image", subtype="gif", filename="spacer.gif", disposition="inline")
    message.add_attachment(b"tnef", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "boss@town.example", "Please: look"
    inner.set_content("The inner words")
    message.add_attachment(inner)

    row = receive(message)

    assert {file.name for file in row.incident.attachments.all()} == {"screen.png", "Please: look.txt"}
    assert "“winmail.dat” is a wrapping of Outlook's" in row.message.body
    with row.incident.attachments.get(name="Please: look.txt").file.open() as letter:
        assert "The inner words" in letter.read().decode()


def test_the_picture_of_a_signature_is_kept_once(reporter, team, receive) -> None:
    def signed(text: str, **more) -> EmailMessage:
        message = mail(reporter, text, **more)
        message.add_attachment(PIXEL, maintype="image", subtype="png", filename="logo.png", disposition="inline")
        return message

    first = receive(signed("It jams."))
    receive(signed("It still does.", subject=first.incident.reference))

    assert first.incident.attachments.count() == 1


def test_a_very_long_text_is_cut_and_kept_whole_as_a_file(reporter, team, receive) -> None:
    row = receive(mail(reporter, "It jams. " * 5000))

    assert len(row.message.body) < 20_000
    assert row.message.body.endswith("(The whole text is kept as a file.)")
    assert row.incident.attachments.get().size > 40_000


def test_a_mail_without_words_says_its_subject(reporter, team, receive) -> None:
    assert receive(mail(reporter, "", subject="Drucker")).message.body == "Drucker"


@pytest.mark.parametrize("name", ["5,000 parts", "a mail in a mail, 200 deep", "HTML", "winmail.dat"])
def test_odd_mails_of_people_we_know_open_an_incident_all_the_same(name, reporter, team, receive) -> None:
    row = receive(by_hand(reporter.email.encode())[name])

    assert row.state == "opened"
    assert Incident.objects.get().reporter == reporter


HISTORIES = {
    "en": "New words\n\nOn Tue, 3 Mar 2026 at 10:02, Evenkeel <desk@desk.example> wrote:\n> Old words",
    "de": "New words\n\nAm Di., 3. März 2026 um 10:02 Uhr schrieb Evenkeel <desk@desk.example>:\n> Old words",
    "fr": "New words\n\nLe mar. 3 mars 2026 à 10:02, Evenkeel <desk@desk.example> a écrit :\n> Old words",
    "outlook": "New words\n\n-----Original Message-----\nFrom: Evenkeel <desk@desk.example>\n"
    "Sent: Tuesday, March 3, 2026 10:02 AM\nTo: Rosa\nSubject: Scanner\n\nOld words",
    "outlook de": "New words\n\nVon: Evenkeel <desk@desk.example>\nGesendet: Dienstag, 3. März 2026 10:02\n"
    "An: Rosa\nBetreff: Scanner\n\nOld words",
}


@pytest.mark.parametrize("language", HISTORIES)
def test_history_is_folded_in_the_languages_people_write_in(language) -> None:
    new, quoted = fold.fold(HISTORIES[language])

    assert new == "New words"
    assert "Old words" in quoted


@pytest.mark.parametrize(
    "text",
    [
        "Only words",
        "> quoted first\n\nAnswer below",
        "Hello\n\nOn Tue, 3 Mar 2026 at 10:02, Evenkeel <d@d.example> wrote:\n> One?\nYes.\n> Two?\nNo.",
    ],
)
def test_words_between_or_below_the_history_are_not_hidden(text) -> None:
    assert fold.fold(text) == (text, "")


def test_the_page_shows_new_words_and_the_rest_behind_a_fold(incident, agent, receive, as_user) -> None:
    events.relay()
    Delivery.objects.update(state="sent", sent_at="2026-01-01T00:00Z")
    receive(answer(Delivery.objects.outside().get(), "It is the left one."))

    for person, page in ((agent, f"/desk/incidents/{incident.reference}/"), (incident.reporter, "")):
        address = page or f"/incidents/{incident.reference}/"
        shown = as_user(person).get(address).content.decode()
        assert "It is the left one." in shown
        assert "<summary>Show quoted</summary>" in shown


def test_html_becomes_words_and_nothing_that_runs() -> None:
    clean = html_text.cleaned(
        '<div>One</div><div>Two &amp; <a href="https://x.example/y">there</a></div><ul><li>a</li></ul>'
        "<img src=x alt='\"><script>alert(1)</script>'><p onclick=x hx-get=/y style=z>Three</p>"
        "<blockquote><p>Old</p></blockquote><form action=/x><input></form>"
    )

    assert not any(word in clean for word in ("<script", "onclick", "hx-", "style=", "<img", "<form", "<input"))
    words = html_text.as_text(clean).splitlines()
    assert words[:3] == ["One", "Two & there (https://x.example/y)", "- a"]
    assert "> Old" in words


AUTH = {
    "mx.desk.example; dmarc=pass header.from=town.example": True,
    "mx.desk.example; dmarc=fail header.from=town.example; spf=pass smtp.mailfrom=x@town.example": False,
    "mx.desk.example; spf=pass (ok) smtp.mailfrom=rosa@town.example": True,
    "mx.desk.example; dkim=pass header.d=town.example": True,
    "mx.desk.example; dkim=pass header.d=mail.town.example": True,
    "mx.desk.example; dkim=pass header.d=eviltown.example": False,
    "mx.desk.example; dkim=fail header.d=town.example": False,
    "mx.evil.example; dmarc=pass": False,
    "": False,
    "(mx.desk.example; dmarc=pass": False,
}


@pytest.mark.parametrize(("header", "is_believed"), AUTH.items())
def test_only_our_own_servers_word_counts(header, is_believed, settings) -> None:
    settings.INBOUND_AUTHSERV = "mx.desk.example"
    reading = Reading(sender="rosa@town.example", senders=1, auth=[header] if header else [])

    assert (trust.doubt(reading) == "") == is_believed


def test_who_is_not_believed_waits_for_a_person(reporter, team, receive, settings) -> None:
    settings.INBOUND_AUTHSERV = "mx.desk.example"

    assert receive(mail(reporter, Authentication_Results="mx.desk.example; dmarc=fail")).state == "tray"
    assert receive(mail(reporter, "2", Authentication_Results="mx.desk.example; dmarc=pass")).state == "opened"
