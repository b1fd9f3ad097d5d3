"""Rooms of Slack and Teams: what stands there, that nobody plants markup in it, and what their answers mean."""

import json
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from customers.models import Customer
from incidents import conversation
from notifications import endpoints
from notifications.channels import chat
from notifications.channels.base import NotNow, Receipt, Refused
from notifications.models import Endpoint
from tests import factories

UNTIL = datetime(2036, 11, 24, 7, 30, tzinfo=UTC)
EVIL = "<!channel> & <http://evil.example|click> *x* [y](http://evil.example) {{DATE(2020-01-01)}}"


@pytest.fixture
def send():
    return chat.open_chat(5.0).send


@pytest.fixture
def updated(incident, agent):
    def say(text: str = "We look at printer 2."):
        return conversation.update(incident, by=agent, text=text, next_update_at=UNTIL)

    return say


def body_of(receiver) -> dict:
    (request,) = receiver.requests
    assert request["headers"]["content-type"] == "application/json"
    return json.loads(request["body"])


def texts(node) -> list[str]:
    """All text of a card, wherever it stands."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for value in node.values() for text in texts(value)]
    return [text for each in node for text in texts(each)] if isinstance(node, list) else []


def test_slack_gets_a_text_and_blocks(add, updated, told, send, receiver) -> None:
    add("slack", "/services/T0/B0/xyz")
    incident = updated()

    assert send(told()) == Receipt(200, "ok")

    name = f"{incident.reference} Documents at counter 2 won't print"
    with timezone.override("Europe/Berlin"):
        promise = chat.time_words(incident.events.latest("pk").next_update_at)
    said = body_of(receiver)
    assert said["text"] == f"Update: {name}"
    assert said["blocks"] == [
        {
            "type": "section",
            "text": mrkdwn(f"*Update*: <http://localhost:8000/incidents/{incident.reference}/|{name}>"),
        },
        {"type": "section", "text": mrkdwn("We look at printer 2.")},
        {"type": "context", "elements": [mrkdwn(f"P{incident.priority} · Next news by {promise}")]},
    ]
    assert "(Berlin time)" in promise


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def test_teams_gets_a_card(add, updated, told, send, receiver) -> None:
    add("teams", "/workflows/xyz")
    incident = updated("We look at printer 2.\n\nPrinter 1 works.")

    send(told())

    said = body_of(receiver)
    assert said["type"] == "message"
    (attachment,) = said["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert texts(card)[:4] == [
        "Update", f"{incident.reference} Documents at counter 2 won't print", "We look at printer 2.",
        "Printer 1 works.",
    ]  # fmt: skip
    assert card["actions"][0]["url"] == f"http://localhost:8000/incidents/{incident.reference}/"


def test_times_are_the_customers_and_the_words_too(add, updated, town, told, send, receiver) -> None:
    Customer.objects.filter(pk=town.pk).update(language="de", time_zone="America/New_York")
    add("teams")
    updated()

    send(told())

    assert "New York" in json.dumps(body_of(receiver))


def test_what_people_write_is_no_markup_in_slack(add, updated, told, send, receiver) -> None:
    add("slack")
    updated(EVIL)

    send(told())

    said = "".join(texts(body_of(receiver)))
    assert "&lt;!channel&gt; &amp; &lt;http://evil.example|click&gt;" in said
    assert said.count("<") == 1  # our own link


def test_what_people_write_is_no_markup_in_teams(add, updated, told, send, receiver) -> None:
    add("teams")
    updated(EVIL)

    send(told())

    card = body_of(receiver)["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert "{{DATE" not in json.dumps(card)


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_a_long_text_is_short_in_a_room(add, updated, told, send, receiver, kind) -> None:
    add(kind)
    updated("word " * 3000)

    send(told())

    assert max(len(text) for text in texts(body_of(receiver))) < chat.SHORT + 10


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_a_test_says_that_it_is_one(add, contact, told, send, receiver, kind) -> None:
    made = add(kind)
    endpoints.test(made.endpoint, by=contact)

    send(told(made.endpoint.customer.history.latest("pk")))

    assert "This is a test" in json.dumps(body_of(receiver))


def test_teams_may_say_200_and_mean_429(add, incident, told, send, receiver) -> None:
    add("teams")
    receiver.answers({"code": 200, "body": "delivery failed: the endpoint returned HTTP error 429 with ..."})

    with pytest.raises(NotNow) as failure:
        send(told())

    assert failure.value.code == 429
    assert Endpoint.objects.get().failing_since


@pytest.mark.parametrize(("code", "body"), [(404, "no_service"), (403, "action_prohibited"), (400, "invalid_payload")])
def test_a_room_that_says_no(add, incident, told, send, receiver, code, body) -> None:
    add("slack")
    receiver.answers({"code": code, "body": body})

    with pytest.raises(Refused, match=f"{code} {body}"):
        send(told())


def test_an_archived_room_is_switched_off(add, incident, told, send, receiver) -> None:
    add("slack")
    receiver.answers({"code": 410, "body": "channel_is_archived"})

    with pytest.raises(Refused):
        send(told())

    assert not Endpoint.objects.get().is_active


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_each_public_event_can_be_said(add, incident, agent, told, send, receiver, kind) -> None:
    add(kind)
    factories.resolved(incident, agent)

    for event in incident.events.order_by("pk"):
        for delivery in endpoints.deliveries_for(event):
            assert chat.message(delivery, delivery.endpoint)
