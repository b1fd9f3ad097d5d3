"""Rooms of a customer's chat, by the incoming webhooks of Slack and Teams, and of what is compatible with them.

What people wrote is never taken for markup: for Slack it is escaped, for Teams it stands in runs of plain text.
"""

import json
import re
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from itsm.middleware import zone
from notifications import payloads
from notifications.channels import calls
from notifications.channels.base import NotNow, Receipt
from notifications.channels.webhook import WebhookSender
from notifications.models import Delivery, Endpoint
from notifications.payloads import News
from notifications.phrases import time_words

SHORT = 500  # characters of what was said; the page has the rest
PARAGRAPHS = 6
CARD = "application/vnd.microsoft.card.adaptive"
TEAMS_TROUBLE = re.compile(r"HTTP error (\d{3})")  # Teams may say 200 and mean this


class ChatSender(WebhookSender):
    """Called and remembered like a webhook; the room's address is its secret, so nothing is signed."""

    def _call(self, url: str, delivery: Delivery, endpoint: Endpoint) -> Receipt:
        body = json.dumps(message(delivery, endpoint), ensure_ascii=False).encode()
        receipt = calls.post(url, body, {"Content-Type": "application/json"}, limit=self._limit)
        trouble = TEAMS_TROUBLE.search(receipt.answer) if endpoint.kind == Endpoint.Kind.TEAMS else None
        if trouble:
            raise NotNow(receipt.answer, int(trouble[1]))
        return receipt


def open_chat(limit: float) -> ChatSender:
    return ChatSender(limit)


def message(delivery: Delivery, endpoint: Endpoint) -> dict[str, Any]:
    """In the customer's language and time zone: who reads it is nobody in particular."""
    customer = endpoint.customer
    with translation.override(customer.language), timezone.override(zone(customer.time_zone)):
        news = payloads.news(delivery)
        return slack(news) if endpoint.kind == Endpoint.Kind.SLACK else teams(news)


# --- Slack: https://docs.slack.dev/messaging/formatting-message-text


def slack(news: News) -> dict[str, Any]:
    name = f"{news.reference} {news.title}".strip()
    first = f"*{_escaped(news.headline)}*: <{_escaped(news.link)}|{_escaped(name)}>"
    blocks = [_section(first)]
    if news.said:
        blocks.append(_section(_escaped(_short(news.said))))
    if facts := _facts(news):
        blocks.append({"type": "context", "elements": [_mrkdwn(_escaped(facts))]})
    return {"text": _escaped(f"{news.headline}: {name}"), "blocks": blocks}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> dict[str, Any]:
    """`verbatim`: no name and no address in it comes alive."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str) -> str:
    """So that nobody calls a whole room (<!channel>) or plants a link by what they report."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- Teams: https://adaptivecards.io


def teams(news: News) -> dict[str, Any]:
    name = f"{news.reference} {news.title}".strip()
    body = [_runs(news.headline, weight="Bolder", size="Medium"), _runs(name)]
    body += [_runs(line) for line in _short(news.said).splitlines() if line.strip()][:PARAGRAPHS]
    if facts := _facts(news):
        body.append(_runs(facts, isSubtle=True))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _plain(f"{news.headline}: {name}"),
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": _("Open"), "url": news.link}],
    }
    return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}]}


def _runs(text: str, **look: Any) -> dict[str, Any]:
    """Plain text: unlike a TextBlock it knows no Markdown."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": _plain(text)} | look]}


def _plain(text: str) -> str:
    """Dates in double braces would come alive all the same."""
    return text.replace("{{", "{\u200b{")


# --- both


def _short(text: str) -> str:
    if len(text) <= SHORT:
        return text
    return text[:SHORT].rsplit(None, 1)[0] + " …"


def _facts(news: News) -> str:
    promise = _("Next news by %(time)s") % {"time": time_words(news.next_update_at)} if news.next_update_at else ""
    return " · ".join(each for each in (news.priority, news.service, promise) if each)
