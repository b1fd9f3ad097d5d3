"""Five kinds of message for three audiences, in the reader's language and zone."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from incidents import conversation, ready_texts, update_texts
from incidents.models import Incident, Message
from itsm import moment
from tests import factories
from tests.incidents.moments import at

PARTS = {
    "notice": "E-mail is not working at all three sites.",
    "affected": "4,200 people cannot send or receive mail",
    "doing": "Suspected: an expired certificate (unconfirmed).",
    "meanwhile": "use the ward phones",
}
Phase = Message.Phase


@pytest.fixture
def mail(reporter, team, agent):
    """A P1 about Mail of Monday, 07:40."""
    service = factories.ServiceFactory(customer=reporter.customer, name="Mail")
    with moment.travel(at("Mon 07:40")):
        incident = factories.open_incident(reporter, "No mail", service=service, impact=1, urgency=1)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)
    return incident


@pytest.fixture(autouse=True)
def _in_berlin():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        yield


def said(incident, agent, when="Mon 08:00", due="Mon 08:30", **more) -> Message:
    with moment.travel(at(when)):
        conversation.update(incident, by=agent, next_update_at=at(due), **({"said": PARTS} | more))
    return incident.messages.select_related("incident__service", "incident__owner").order_by("-pk")[0]


def read(message, audience, due="Mon 08:30") -> str:
    return update_texts.for_audience(message, audience, at(due))


def test_stakeholders_read_one_dense_text(mail, agent) -> None:
    text = read(said(mail, agent, phase=Phase.INVESTIGATING), "stakeholders")

    assert text == (
        "[INVESTIGATING] Mail, P1 major, since 07:40 CET. E-mail is not working at all three sites. 4,200 people cannot"
        " send or receive mail.\nAction: Suspected: an expired certificate (unconfirmed).\n"
        "Workaround: use the ward phones."
    )


def test_executives_read_what_it_means_and_what_they_must_decide(mail, agent) -> None:
    message = said(mail, agent, phase=Phase.IDENTIFIED)

    whole = update_texts.framed(update_texts.Said.of(message, at("Mon 08:30")), "executives")

    assert whole == (
        "Impact: E-mail is not working at all three sites. 4,200 people cannot send or receive mail. Since 07:40 CET.\n"
        "Status: the cause is known. Suspected: an expired certificate (unconfirmed).\n"
        "Work goes on: use the ward phones.\nYour decision: none now.\n"
        f"Next: 08:30 CET.\n(As of 08:00 CET, ref {mail.reference})"
    )


@pytest.mark.parametrize("phase", Phase.values)
@pytest.mark.parametrize("audience", ["affected", "stakeholders", "executives"])
def test_each_kind_of_message_has_words_for_each_audience(mail, agent, phase, audience) -> None:
    text = read(said(mail, agent, phase=phase), audience)

    assert text
    assert "%(" not in text
    assert ("[" in text) is (audience == "stakeholders")
    assert ("Your decision" in text) is (audience == "executives")


def test_words_written_for_an_audience_are_its_words(mail, agent) -> None:
    message = said(mail, agent, for_others={"executives": "Please approve the public notice.", "stakeholders": " "})

    assert read(message, "executives") == "Please approve the public notice."
    assert read(message, "stakeholders").startswith("[ACKNOWLEDGED] Mail")
    assert read(message, "affected").startswith("E-mail is not working")


def test_a_text_alone_stays_as_it_is_for_those_affected(mail, agent) -> None:
    message = said(mail, agent, said=None, text="Both servers are back.")

    assert read(message, "affected") == "Both servers are back."
    assert "Both servers are back." in read(message, "stakeholders")


def test_what_is_ours_in_it_is_in_the_readers_language_and_zone(mail, agent) -> None:
    message = said(mail, agent, when="Mon 23:50", due="Tue 00:20")
    with timezone.override(ZoneInfo("Asia/Tokyo")), translation.override("en-gb"):
        text = update_texts.framed(update_texts.Said.of(message, at("Tue 00:20")), "affected")

    assert "Next news by 08:20 JST." in text
    assert "(As of 07:50 JST" in text


def test_a_text_message_fits_and_names_the_reference(mail, agent) -> None:
    message = said(mail, agent, said=PARTS | {"doing": "word " * 100})

    text = update_texts.short(update_texts.Said.of(message, at("Mon 08:30")))

    assert len(text) <= 300
    assert text.endswith(f"… Next news by 08:30 CET. Ref {mail.reference}.")


@pytest.mark.parametrize("language", ["en-gb", "de", "fr", "it"])
@pytest.mark.parametrize("tone", ["plain", "plain_line", "summary", "technical", "structured"])
def test_ready_texts_are_there_for_each_kind_language_and_tone(language, tone) -> None:
    texts = ready_texts.offered(language, tone)

    assert [ready.phase for ready in texts] == Phase.values
    known = {"service": "Mail", "next_update": "08:30", "hotline": "555 0142"}
    filled = [ready.filled(known) for ready in texts]
    assert all("{" not in " ".join(words.values()) and "|" not in " ".join(words.values()) for words in filled)


def test_a_sentence_whose_variable_is_not_known_is_left_out() -> None:
    (first, *_rest) = ready_texts.offered("en", "plain")

    assert first.filled({"service": "Mail"})["text"] == "We know about it and have begun."
