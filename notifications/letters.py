"""A delivery as an e-mail: words in the reader's language and zone, headers that make one thread of an incident.

Everything said here comes from the event, not from how things stand now: a message sent late still says what was
promised then.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from incidents import links, update_texts
from incidents.models import Clock, Incident
from itsm.middleware import zone
from notifications import own_words, plain_words, replies
from notifications.loops import RECEIPT
from notifications.models import Delivery
from notifications.phrases import one_line, time_words
from notifications.wanted import may_open
from notifications.wording import YOUR_ROLE

# The rest is written by the system.
BY_A_PERSON = {"update", "question", "asked_them", "restored", "resolved", "withdrawn", "cause_gone", "report"}
__all__ = ["message_id", "one_line", "time_words", "write"]
REFERENCES = 10
SAID_AT_MOST = 4000  # characters; the page has the rest
_inliner = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def write(delivery: Delivery) -> EmailMultiAlternatives:
    """The whole message, ready to send."""
    with _as_read_by(delivery):
        words = _words(delivery) if delivery.incident else plain_words.of(delivery)
        message = EmailMultiAlternatives(
            subject=one_line(_render(delivery, "subject.txt", words)),
            body=_tidy(_render(delivery, "txt", words)),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[delivery.address],
            headers=_headers(delivery),
            reply_to=[address] if (address := replies.address_for(delivery)) else None,
        )
        message.attach_alternative(_inliner.inline(_render(delivery, "html", words)), "text/html")
    return message


def message_id(delivery: Delivery) -> str:
    """The same on each attempt: whoever gets it twice, or gets it back, knows it again."""
    about = [delivery.incident.reference.lower()] if delivery.incident else []
    return f"<{'.'.join([delivery.kind, *about, str(delivery.public_id)])}@{settings.MAIL_HOST}>"


@contextmanager
def _as_read_by(delivery: Delivery) -> Iterator[None]:
    reader = delivery.reader
    with translation.override(reader.speaks()), timezone.override(zone(reader.reads_clocks_in())):
        yield


def _words(delivery: Delivery) -> dict[str, Any]:
    event, incident = delivery.event, delivery.incident
    assert event is not None  # of an incident
    assert incident is not None
    return {
        "reference": incident.reference,
        "title": one_line(incident.title),
        "customer": incident.customer,
        "reader": delivery.reader,
        "actor": one_line(event.actor.first_name) if event.actor else "",
        "actor_name": one_line(event.actor.name) if event.actor else "",
        "said": _said(delivery),
        "as_of": time_words(event.message.said_at) if event.message else "",
        "next_news": time_words(event.next_update_at),
        "link": _link(delivery),
        "hotline": incident.customer.hotline,
        "by_workaround": event.data.get("restored_by") == "workaround",
        "clock": Clock.Kind(event.data["clock"]).label if "clock" in event.data else "",
        "due": time_words(_due_at(delivery)),
        "share": event.data.get("threshold", ""),
        "priority": f"P{incident.priority}",
        "people": event.data.get("reporters", ""),
        "minutes": event.data.get("minutes", ""),
        "reporter_name": one_line(incident.reporter.name),
        "your_role": YOUR_ROLE[delivery.reason] % {"customer": incident.customer}
        if delivery.reason in YOUR_ROLE
        else "",
    } | own_words.of(delivery)


def _said(delivery: Delivery) -> str:
    """The words as they were said; what the desk says among itself never leaves it, whatever a rule says."""
    message = delivery.event.message if delivery.event else None
    if message is None or (delivery.reader.is_customer_side and not message.is_public):
        return ""
    if delivery.incident:
        message.incident = delivery.incident  # at hand already
    promised = delivery.event.next_update_at if delivery.event else None
    said = update_texts.for_audience(message, delivery.audience, promised)
    return said if len(said) <= SAID_AT_MOST else said[:SAID_AT_MOST] + " …"


def _due_at(delivery: Delivery) -> datetime | None:
    due_at = delivery.told_of.data.get("due_at")
    return datetime.fromisoformat(due_at) if due_at else None


def _link(delivery: Delivery) -> str:
    """Customers come in by their signed link; staff sign in. Who may not see the incident has none."""
    incident = delivery.incident
    assert incident is not None
    if not may_open(delivery):
        return ""
    if delivery.kind == "report" and delivery.reader.role == delivery.reader.Role.CONTACT:
        return settings.BASE_URL + reverse("problems:portal_report", args=[delivery.told_of.data["report"]])
    if delivery.reader.is_customer_side:
        return links.url(incident, delivery.reader)
    return settings.BASE_URL + reverse("incidents:desk_incident", args=[incident.reference])


def _render(delivery: Delivery, ending: str, words: dict[str, Any]) -> str:
    template = get_template(f"notifications/email/{delivery.kind}.{ending}")
    # HTML is escaped, plain text is not: there "won't" stays "won't".
    text: str = template.template.render(Context(words, autoescape=ending == "html"))  # type: ignore[attr-defined]  # Django's own
    return text


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _headers(delivery: Delivery) -> dict[str, str]:
    headers = {"Message-ID": message_id(delivery), "X-Auto-Response-Suppress": "All"}
    if delivery.kind not in BY_A_PERSON:
        is_answer = delivery.kind == RECEIPT and delivery.incident and delivery.incident.origin == Incident.Origin.EMAIL
        headers["Auto-Submitted"] = "auto-replied" if is_answer else "auto-generated"
    earlier = [*replies.first_mail(delivery), *(message_id(each) for each in _thread(delivery))]
    if earlier:
        headers["In-Reply-To"] = earlier[-1]
        headers["References"] = " ".join(earlier[:1] + earlier[1:][-REFERENCES:])
    return headers


def _thread(delivery: Delivery) -> list[Delivery]:
    earlier = list(Delivery.objects.earlier_to_the_same_person(delivery).only("kind", "public_id"))
    for each in earlier:
        each.incident = delivery.incident
    return earlier
