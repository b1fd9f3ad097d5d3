"""Text messages: what they say, in whose language, how short, and what a gateway's answers mean."""

import json
from datetime import timedelta

import pytest
from django.utils import translation

from customers.models import Customer
from incidents import conversation, lifecycle
from itsm import moment
from notifications import gsm, texts
from notifications.channels.base import NotNow, Receipt, Refused
from notifications.channels.sms import is_set_up, open_sms
from tests import factories

KINDS = [*texts.FIRST, "update", "something new"]


@pytest.fixture
def send():
    return open_sms(5.0).send


def test_a_message_reaches_the_gateway_with_its_id(by_sms, gateway, send, incident) -> None:
    delivery = by_sms("received")

    assert send(delivery).code == 201

    (kept,) = gateway.messages
    assert (kept["to"], kept["from"], kept["id"]) == ("+491705550142", "Evenkeel", str(delivery.public_id))
    assert kept["text"].startswith(f"{incident.reference}: We have your report. Documents at counter 2 won't print. ")
    assert kept["text"].endswith(" (Berlin time). Reply to this SMS to answer.")


def test_sent_twice_it_arrives_once(by_sms, gateway, send) -> None:
    delivery = by_sms("received")

    assert [send(delivery).code, send(delivery).code] == [201, 200]
    assert len(gateway.messages) == 1


def test_works_again_says_how_to_object(by_sms, incident, agent) -> None:
    factories.restored(incident, agent)

    text = texts.write(by_sms("restored"))

    assert text.startswith(f"{incident.reference}: It works again. Printing works over printer 2.")
    assert text.endswith("Still not working? Reply NO.")


def test_an_update_says_when_the_next_comes(by_sms, incident, agent, town, reporter) -> None:
    Customer.objects.filter(pk=town.pk).update(time_zone="Europe/Berlin")
    conversation.update(incident, by=agent, text="We look.", next_update_at=moment.now() + timedelta(minutes=5))

    text = texts.write(by_sms("update"))

    assert "We look. Next news: " in text
    assert "(Berlin time)." in text


@pytest.mark.parametrize("language", ["en-gb", "de", "fr"])
@pytest.mark.parametrize("said", ["Short.", "word " * 400, "Ž" * 900, "👩\u200d🔧" * 200, "x" * 3000, "“…” " * 300])
def test_never_longer_than_300(by_sms, incident, agent, reporter, said, language) -> None:
    incident = conversation.update(incident, by=agent, text=said)
    reporter.language = language
    delivery = by_sms("update", recipient=reporter)

    for delivery.kind in KINDS:
        text = texts.write(delivery)
        assert gsm.length(text) <= 300
        assert text.startswith(f"{incident.reference}: ")
        with translation.override(language):
            answer = str(texts.LAST.get(delivery.kind) or translation.gettext("Reply to this SMS to answer."))
        assert gsm.plain(answer) in text


def test_who_has_no_log_in_is_written_to_as_their_organisation(by_sms, town, incident, agent) -> None:
    Customer.objects.filter(pk=town.pk).update(time_zone="America/New_York")
    conversation.update(incident, by=agent, text="We look.")
    delivery = by_sms("update", recipient=None, name="Duty phone")
    delivery.refresh_from_db()

    assert "(New York time)" in texts.write(delivery)


def test_what_the_desk_says_among_itself_is_not_texted(by_sms, incident, agent) -> None:
    conversation.note(incident, by=agent, text="internal: unpaid")

    assert "internal" not in texts.write(by_sms("update"))


def test_the_gateways_own_words_for_its_fields(by_sms, receiver, send, settings) -> None:
    settings.SMS_URL, settings.SMS_FORMAT = receiver.url("/send"), "form"
    settings.SMS_FIELDS = ["Body=text", "To=to", "From=sender", "class=flash"]
    settings.SMS_TOKEN, settings.SMS_AUTH = "t0ken", "Token"
    delivery = by_sms("received")

    assert send(delivery) == Receipt(200, "ok")

    (request,) = receiver.requests
    assert request["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert request["headers"]["authorization"] == "Token t0ken"
    assert request["headers"]["idempotency-key"] == str(delivery.public_id)
    assert "To=%2B491705550142&From=Evenkeel&class=flash" in request["body"]


def test_json_says_umlauts_as_they_are(by_sms, receiver, send, settings, incident, agent) -> None:
    settings.SMS_URL = receiver.url("/send")
    conversation.update(incident, by=agent, text="Grüße ✓")

    send(by_sms("update"))

    assert "Grüße ✓" in json.loads(receiver.requests[0]["body"])["text"]


@pytest.mark.parametrize("code", [400, 410, 422])
def test_a_number_that_does_not_exist_is_refused(by_sms, receiver, send, settings, code) -> None:
    settings.SMS_URL = receiver.url(f"/{code}")

    with pytest.raises(Refused):
        send(by_sms("received"))


@pytest.mark.parametrize("code", [301, 401, 403, 404, 408, 429, 500, 503])
def test_what_is_not_the_telephones_fault_is_tried_again(by_sms, receiver, send, settings, code) -> None:
    settings.SMS_URL = receiver.url(f"/{code}")

    with pytest.raises(NotNow):
        send(by_sms("received"))


def test_the_gateways_no_is_told_in_its_words(by_sms, gateway, send) -> None:
    with pytest.raises(Refused, match="no such number"):
        send(by_sms("received", address="+49 170 5550404"))
    with pytest.raises(NotNow, match="out of reach"):
        send(by_sms("update", address="+49 170 5550503", recipient=None, name="Duty phone"))


@pytest.mark.parametrize("address", ["112", "0170 5550142", "radio", ""])
def test_what_the_world_cannot_dial_is_refused(by_sms, gateway, send, address) -> None:
    with pytest.raises(Refused, match="dial"):
        send(by_sms("received", address=address))


def test_numbers_at_home_get_the_country(by_sms, gateway, send, settings) -> None:
    settings.SMS_COUNTRY = "+49"

    send(by_sms("received", address="0170 5550142"))

    assert gateway.messages[0]["to"] == "+491705550142"


def test_without_a_gateway_nothing_is_tried(by_sms, send, settings) -> None:
    settings.SMS_URL = ""

    assert not is_set_up()
    with pytest.raises(Refused, match="no SMS gateway"):
        send(by_sms("received"))


def test_the_desk_is_not_asked_to_reply(by_sms, agent, incident) -> None:
    lifecycle.still_broken(factories.restored(incident, agent), by=incident.reporter)

    assert "Reply" not in texts.write(by_sms("still_broken", recipient=agent))
