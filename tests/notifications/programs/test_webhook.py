"""Webhooks as their receivers get them, verified with the library of the specification (F-15)."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from customers.models import CustomerEvent
from incidents import conversation, lifecycle
from notifications import endpoints, payloads
from notifications.channels.base import NotNow, Receipt, Refused
from notifications.channels.webhook import open_webhook
from notifications.models import Delivery, Endpoint
from tests import factories


@pytest.fixture
def send():
    sender = open_webhook(5.0)
    yield sender.send
    sender.close()


@pytest.fixture
def made(add):
    return add()


def fresh(made: endpoints.Made) -> Endpoint:
    return Endpoint.objects.get(pk=made.endpoint.pk)


def test_a_webhook_arrives_signed_and_says_what_is_public(made, incident, agent, told, send, receiver) -> None:
    until = datetime(2036, 11, 24, 7, 30, tzinfo=UTC)
    conversation.note(incident, by=agent, text="internal: the admin forgot to pay")
    incident = conversation.update(incident, by=agent, text="Grüße: we look at printer 2 ✓", next_update_at=until)
    delivery = told()

    assert send(delivery) == Receipt(200, "ok")

    (request,) = receiver.requests
    body = Webhook(made.secret).verify(request["body"], request["headers"])
    assert (request["method"], request["headers"]["content-type"]) == ("POST", "application/json")
    assert request["headers"]["webhook-id"] == str(delivery.public_id)
    event = delivery.event
    assert body == {
        "type": "incident.updated",
        "version": 1,
        "timestamp": event.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {
            "id": event.pk,
            "reference": incident.reference,
            "title": "Documents at counter 2 won't print",
            "customer": "Town of Ostermoor",
            "status": "in_progress",
            "priority": f"P{incident.priority}",
            "major": False,
            "service": None,
            "text": "Grüße: we look at printer 2 ✓",
            "next_update_at": event.next_update_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "link": f"http://localhost:8000/incidents/{incident.reference}/",
        },
    }


def test_what_the_desk_says_among_itself_never_leaves(made, incident, agent) -> None:
    conversation.note(incident, by=agent, text="internal: the admin forgot to pay")
    note = incident.events.get(kind="noted")
    assert endpoints.deliveries_for(note) == []

    note.kind = "updated"  # whatever a rule says one day
    (delivery,) = endpoints.deliveries_for(note)
    assert payloads.webhook(delivery)["data"]["text"] is None


def test_another_secret_and_another_body_are_not_verified(made, incident, told, send, receiver) -> None:
    send(told())

    (request,) = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(request["body"], request["headers"])
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(request["body"].replace("P", "Q"), request["headers"])


def test_each_try_has_the_same_id_and_a_time_of_its_own(made, incident, told, send, receiver) -> None:
    receiver.answers({"code": 500}, {"code": 200})
    delivery = told()

    with pytest.raises(NotNow):
        send(delivery)
    send(delivery)

    first, second = (request["headers"] for request in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"] == str(delivery.public_id)
    assert int(second["webhook-timestamp"]) >= int(first["webhook-timestamp"]) > time.time() - 60


def test_for_a_day_both_secrets_work(made, incident, contact, told, send, receiver) -> None:
    second = endpoints.rotate(made.endpoint, by=contact)
    delivery = told()
    delivery.endpoint = second.endpoint

    send(delivery)

    (request,) = receiver.requests
    for secret in (made.secret, second.secret):
        Webhook(secret).verify(request["body"], request["headers"])
    assert len(request["headers"]["webhook-signature"].split(" ")) == 2


def test_after_a_day_only_the_new_secret_works(made, contact, monkeypatch) -> None:
    second = endpoints.rotate(made.endpoint, by=contact)
    later = timezone.now() + timedelta(hours=25)

    monkeypatch.setattr(timezone, "now", lambda: later)

    assert endpoints.signing_secrets(second.endpoint) == [second.secret]


def test_a_secret_that_was_given_out_is_not_used_for_longer_because_of_two_new_ones(made, contact) -> None:
    second = endpoints.rotate(made.endpoint, by=contact)
    third = endpoints.rotate(second.endpoint, by=contact)

    assert endpoints.signing_secrets(third.endpoint) == [third.secret, second.secret]


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_two_hundred_and_some_is_taken(made, incident, told, send, receiver, code) -> None:
    receiver.answers({"code": code, "body": "" if code == 204 else "thanks"})

    assert send(told()).code == code


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_who_is_broken_or_busy_is_asked_again(made, incident, told, send, receiver, code) -> None:
    receiver.answers({"code": code, "body": "busy"})

    with pytest.raises(NotNow) as failure:
        send(told())

    assert (failure.value.code, failure.value.again_in, str(failure.value)) == (code, None, f"{code} busy")


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 413, 422, 451])
def test_a_no_is_a_no(made, incident, told, send, receiver, code) -> None:
    receiver.answers({"code": code, "body": "no such\n  room"})

    with pytest.raises(Refused) as refusal:
        send(told())

    assert (refusal.value.code, str(refusal.value)) == (code, f"{code} no such room")
    assert fresh(made).is_active


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), ("0", 0), (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True), 90),
     ("99999999", 43200), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None), ("-5", None), ("", None), ("²", None)],
)  # fmt: skip
def test_retry_after_is_respected_within_reason(made, incident, told, send, receiver, code, said, seconds) -> None:
    receiver.answers({"code": code, "headers": {"Retry-After": said if isinstance(said, str) else said()}})

    with pytest.raises(NotNow) as failure:
        send(told())

    wait = failure.value.again_in
    assert wait is None if seconds is None else abs(wait - timedelta(seconds=seconds)) < timedelta(seconds=5)


def test_a_redirect_to_a_private_address_is_a_no(made, incident, told, send, receiver) -> None:
    receiver.answers({"code": 301, "headers": {"Location": "http://169.254.169.254/latest/meta-data/"}})

    with pytest.raises(Refused, match="301 redirects are not followed"):
        send(told())

    assert len(receiver.requests) == 1


@pytest.mark.parametrize(("path", "kind"), [("/drip", "time"), ("/hang", "time"), ("/cut", "answer")])
def test_a_server_that_does_not_finish_is_asked_again(add, incident, told, path, kind) -> None:
    add(path=path)
    begun = time.monotonic()

    with pytest.raises(NotNow, match=f"^{kind}: "):
        open_webhook(0.5).send(told())

    assert time.monotonic() - begun < 2


def test_ten_megabytes_are_taken_and_hardly_read(add, incident, told, send) -> None:
    add(path="/big")

    assert send(told()) == Receipt(200, "x" * 500)


def test_wrong_tls_is_seen_as_such(made, incident, told, send, receiver) -> None:
    delivery = told()
    delivery.endpoint.url = endpoints.seal(receiver.url().replace("http:", "https:"))

    with pytest.raises(NotNow, match=r"^tls: "):
        send(delivery)
    assert receiver.requests == []


def test_an_address_that_leads_inside_is_not_called(made, incident, told, send, settings, receiver) -> None:
    settings.OUTBOUND_LOOPBACK = False

    with pytest.raises(Refused, match=r"^address: "):
        send(told())
    assert receiver.requests == []


def test_what_the_receiver_repeats_of_its_address_is_not_kept(add, incident, told, send, receiver) -> None:
    receiver.answers({"code": 404, "body": "nothing at /T0SECRET/B1SECRET?key=s3cr3ts3cr3t"})
    add(path="/T0SECRET/B1SECRET?key=s3cr3ts3cr3t")

    with pytest.raises(Refused) as refusal:
        send(told())

    assert str(refusal.value) == "404 nothing at /…/…?key=…"


def test_a_lost_key_is_said_in_words(made, incident, told, send, settings, receiver) -> None:
    delivery, before = told(), settings.SECRET_KEY
    settings.SECRET_KEY = "another"

    with pytest.raises(Refused, match="cannot be read any more"):
        send(delivery)

    settings.SECRET_KEY_FALLBACKS = [before]
    assert send(delivery).code == 200


def test_gone_switches_it_off_at_once(made, incident, told, send, receiver) -> None:
    receiver.answers({"code": 410})

    with pytest.raises(Refused):
        send(told())

    off = fresh(made)
    assert (off.is_active, bool(off.switched_off_at)) == (False, True)
    event = CustomerEvent.objects.get(kind="endpoint_off")
    assert (event.actor, event.data["name"], event.data["gone"]) == (None, off.name, True)


def test_who_fails_for_days_is_switched_off(made, incident, told, send, receiver) -> None:
    receiver.answers({"code": 500})
    delivery = told()
    for days, is_on in ((0, True), (4.9, True), (5, False)):
        if days:
            Endpoint.objects.update(failing_since=Now() - timedelta(days=days))
        with pytest.raises(NotNow):
            send(delivery)
        assert fresh(made).is_active is is_on

    assert CustomerEvent.objects.filter(kind="endpoint_off").count() == 1
    assert endpoints.why_not_wanted(delivery) == "it is switched off"


def test_who_works_again_is_forgiven(made, incident, told, send, receiver) -> None:
    receiver.answers({"code": 500}, {"code": 200})
    delivery = told()
    with pytest.raises(NotNow):
        send(delivery)
    assert fresh(made).failing_since

    delivery.endpoint = fresh(made)
    send(delivery)

    assert (fresh(made).failing_since, fresh(made).rest_until) == (None, None)


@pytest.mark.parametrize(("hours", "rest"), [(0, 30), (0.5, 900), (10, 3600)])
def test_the_longer_it_fails_the_longer_it_is_left_in_peace(made, incident, told, send, receiver, hours, rest) -> None:
    receiver.answers({"code": 500})
    delivery = told()
    if hours:
        Endpoint.objects.update(failing_since=Now() - timedelta(hours=hours))

    with pytest.raises(NotNow):
        send(delivery)

    wait = fresh(made).rest_until - timezone.now()
    assert abs(wait - timedelta(seconds=rest)) < timedelta(seconds=10)


def test_who_asks_for_patience_is_left_in_peace_for_as_long(made, incident, told, send, receiver) -> None:
    receiver.answers({"code": 429, "headers": {"Retry-After": "120"}})

    with pytest.raises(NotNow):
        send(told())

    assert abs(fresh(made).rest_until - timezone.now() - timedelta(seconds=120)) < timedelta(seconds=10)


def test_every_public_event_has_a_type_and_a_text(
    made, incident, agent, reporter, contact, told, send, receiver
) -> None:
    lifecycle.take(incident, by=agent)
    lifecycle.ask(incident, by=agent, question="Which counter?")
    conversation.add(incident, by=reporter, text="Counter 2.")
    lifecycle.restore(incident, by=agent, outcome="It prints.", restored_by="fix")
    lifecycle.still_broken(incident, by=reporter, text="It does not.")
    factories.resolved(incident, agent)
    for event in incident.events.order_by("pk"):
        for delivery in endpoints.deliveries_for(event):
            Delivery.objects.bulk_create([delivery])
            send(delivery)

    said = [json.loads(request["body"]) for request in receiver.requests]
    assert [(body["type"], body["data"]["text"]) for body in said] == [
        ("incident.opened", "Documents at counter 2 won't print"), ("incident.taken", None),
        ("incident.asked", "Which counter?"), ("incident.added", "Counter 2."), ("incident.restored", "It prints."),
        ("incident.relapsed", "It does not."), ("incident.restored", "Printing works over printer 2."),
        ("incident.resolved", "The driver was replaced."),
    ]  # fmt: skip


def test_the_documentation_names_every_type() -> None:
    text = (Path(__file__).parents[3] / "docs/webhooks.md").read_text()

    missing = [name for name in endpoints.TYPES.values() if f"`{name.removeprefix('incident.')}`" not in text]
    assert missing == []
    assert endpoints.TEST in text
