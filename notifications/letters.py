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
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from incidents import links, update_texts
from incidents.models import Clock
from itsm.middleware import zone
from notifications import digests, own_words, plain_words, replies, unsubscribe
from notifications.models import Delivery
from notifications.phrases import one_line, time_words
from notifications.wanted import may_open
from notifications.wording import YOUR_ROLE

# The rest is written by the system.
BY_A_PERSON = {"update", "question", "asked_them", "restored", "resolved", "withdrawn", "cause_gone", "report"}
ACKNOWLEDGES = {"received"}  # an answer by machine: whatever comes back of it is for nobody to read
__all__ = ["message_id", "one_line", "time_words", "write"]
REFERENCES = 10
SAID_AT_MOST, SAID_AMONG_OTHERS = 4000, 1000  # characters; the page has the rest
_inliner = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def write(delivery: Delivery) -> EmailMultiAlternatives:
    """The whole message, ready to send."""
    with _as_read_by(delivery):
        kind, words = digests.KIND if digests.is_digest(delivery) else delivery.kind, _all_words(delivery)
        message = EmailMultiAlternatives(
            subject=one_line(_render(kind, "subject.txt", words)),
            body=_tidy(_render(kind, "txt", words)),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[delivery.address],
            headers=_headers(delivery),
            reply_to=[address] if (address := replies.address_for(delivery)) else None,
        )
        message.attach_alternative(_inliner.inline(_render(kind, "html", words)), "text/html")
    return message


def as_sent(letter: EmailMessage) -> bytes:
    """As it goes over the line."""
    content: bytes = letter.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own
    return content


def message_id(delivery: Delivery) -> str:
    """The same on each attempt: whoever gets it twice, or gets it back, knows it again."""
    about = [delivery.incident.reference.lower()] if delivery.incident else []
    return f"<{'.'.join([delivery.kind, *about, str(delivery.public_id)])}@{settings.MAIL_HOST}>"


@contextmanager
def _as_read_by(delivery: Delivery) -> Iterator[None]:
    reader = delivery.reader
    with translation.override(reader.speaks()), timezone.override(zone(reader.reads_clocks_in())):
        yield


def _all_words(delivery: Delivery) -> dict[str, Any]:
    if digests.is_digest(delivery):
        return _digest_words(delivery)
    return _words(delivery) if delivery.incident else plain_words.of(delivery)


def _digest_words(delivery: Delivery) -> dict[str, Any]:
    chapters = digests.chapters(delivery)
    return {
        "number": digests.number_of(chapters),
        "chapters": [_chapter(chapter) for chapter in chapters],
        "one": chapters[0].incident if len(chapters) == 1 else None,
        "title": one_line(delivery.incident.title) if delivery.incident else "",
        "customer": delivery.customer,
        "reader": delivery.reader,
        "link": settings.BASE_URL + "/",
    }


def _chapter(chapter: digests.Chapter) -> dict[str, Any]:
    incident, newest = chapter.incident, chapter.newest
    return {
        "reference": incident.reference if incident else "",
        "title": one_line(incident.title) if incident else "",
        "state": newest.told_of.get_kind_display(),
        "next_news": time_words(newest.event.next_update_at) if newest.event else "",
        "link": _link(newest) if incident else plain_words.of(newest)["link"],
        "news": [_piece(each) for each in chapter.news],
    }


def _piece(delivery: Delivery) -> dict[str, Any]:
    told_of = delivery.told_of
    return {
        "at": time_words(told_of.occurred_at),
        "what": told_of.get_kind_display(),
        "by": one_line(str(told_of.actor.name)) if told_of.actor else "",
        "said": _said(delivery, SAID_AMONG_OTHERS),
    }


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
        "duty": one_line(str(event.data.get("name", ""))),
        "is_missed": event.data.get("did") == "missed",
        "priority": f"P{incident.priority}",
        "people": event.data.get("reporters", ""),
        "minutes": event.data.get("minutes", ""),
        "aim": one_line(str(event.data.get("aim", ""))),
        "reporter_name": one_line(incident.reporter.name),
        "your_role": YOUR_ROLE[delivery.reason] % {"customer": incident.customer}
        if delivery.reason in YOUR_ROLE
        else "",
    } | own_words.of(delivery)


def _said(delivery: Delivery, most: int = SAID_AT_MOST) -> str:
    """The words as they were said; what the desk says among itself never leaves it, whatever a rule says."""
    message = delivery.event.message if delivery.event else None
    if message is None or (delivery.reader.is_customer_side and not message.is_public):
        return ""
    if delivery.incident:
        message.incident = delivery.incident  # at hand already
    promised = delivery.event.next_update_at if delivery.event else None
    said = update_texts.for_audience(message, delivery.audience, promised)
    return said if len(said) <= most else said[:most] + " …"


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


def _render(kind: str, ending: str, words: dict[str, Any]) -> str:
    template = get_template(f"notifications/email/{kind}.{ending}")
    # HTML is escaped, plain text is not: there "won't" stays "won't".
    text: str = template.template.render(Context(words, autoescape=ending == "html"))  # type: ignore[attr-defined]  # Django's own
    return text


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _headers(delivery: Delivery) -> dict[str, str]:
    headers = {"Message-ID": message_id(delivery)} | _automatic(delivery)
    if answers_to := replies.address_for(delivery):
        headers["Reply-To"] = answers_to
    if leave := unsubscribe.address_for(delivery):
        headers["List-Unsubscribe"] = f"<{leave}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    earlier = []
    if digests.is_of_one(delivery):
        earlier = [*replies.first_mail(delivery), *(message_id(each) for each in _thread(delivery))]
    if earlier:
        headers["In-Reply-To"] = earlier[-1]
        headers["References"] = " ".join(earlier[:1] + earlier[1:][-REFERENCES:])
    return headers


def _automatic(delivery: Delivery) -> dict[str, str]:
    """What a machine says is marked as that, so that no machine answers; what a person says is not."""
    if digests.is_digest(delivery):
        return {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Precedence": "bulk"}
    if delivery.kind in BY_A_PERSON:
        return {}
    how = "auto-replied" if delivery.kind in ACKNOWLEDGES else "auto-generated"
    return {"Auto-Submitted": how, "X-Auto-Response-Suppress": "All"}


def _thread(delivery: Delivery) -> list[Delivery]:
    for each in delivery.earlier:
        each.incident = delivery.incident
    return delivery.earlier
