"""What programs are told of an event: public words and facts, never a secret, and nothing that only the desk reads."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import CustomerEvent
from incidents.models import Incident, IncidentEvent
from notifications.models import Delivery
from notifications.phrases import one_line

VERSION = 1
SAID_AT_MOST = 4000  # characters; the page has the rest
Kind = IncidentEvent.Kind
# What an event says to whom reads it in a room; the rest is called as in the history.
HEADLINES = {
    Kind.OPENED: gettext_lazy("Reported"), Kind.TAKEN: gettext_lazy("Somebody has it"),
    Kind.ASKED: gettext_lazy("We have a question"), Kind.ADDED: gettext_lazy("The customer wrote"),
    Kind.WENT_ON: gettext_lazy("Work goes on"),
}  # fmt: skip


@dataclass(frozen=True)
class News:
    """One event in words, for a room of a chat."""

    headline: str
    reference: str
    title: str
    said: str
    priority: str
    service: str
    next_update_at: datetime | None
    link: str


def webhook(delivery: Delivery) -> dict[str, Any]:
    """The body of a webhook, as docs/webhooks.md describes it."""
    told_of = delivery.told_of
    return {
        "type": delivery.kind,
        "version": VERSION,
        "timestamp": _iso(told_of.occurred_at),
        "data": _of_incident(delivery.event) if delivery.event else _of_a_test(told_of),
    }


def news(delivery: Delivery) -> News:
    """The same for people who read it in their chat."""
    event = delivery.event
    if event is None:
        return News(_("This is a test"), "", _("News of your incidents will arrive here."), "", "", "", None, _home())
    incident = event.incident
    return News(
        headline=str(HEADLINES.get(Kind(event.kind), Kind(event.kind).label)),
        reference=incident.reference,
        title=one_line(incident.title),
        said=_said(event),
        priority=f"P{incident.priority}",
        service=one_line(incident.service.name) if incident.service else "",
        next_update_at=event.next_update_at,
        link=_link(incident),
    )


def _of_incident(event: IncidentEvent) -> dict[str, Any]:
    incident = event.incident
    return {
        "id": event.pk,
        "reference": incident.reference,
        "title": one_line(incident.title),
        "customer": incident.customer.name,
        "status": incident.status,
        "priority": f"P{incident.priority}",
        "major": incident.is_major,
        "service": incident.service.name if incident.service else None,
        "text": _said(event) or None,
        "next_update_at": _iso(event.next_update_at) if event.next_update_at else None,
        "link": _link(incident),
    }


def _of_a_test(event: Any) -> dict[str, Any]:
    assert isinstance(event, CustomerEvent)  # nothing else is told without an incident
    return {"customer": event.customer.name, "text": "This is a test.", "link": _home()}


def _said(event: IncidentEvent) -> str:
    """The words as they were said, if a customer may read them: whatever a rule says, others are not sent."""
    message = event.message
    if message is None or not message.is_public:
        return ""
    return message.body if len(message.body) <= SAID_AT_MOST else message.body[:SAID_AT_MOST] + " …"


def _link(incident: Incident) -> str:
    """The page, for whoever may sign in: who reads this is nobody in particular, so no signed link."""
    return settings.BASE_URL + reverse("incidents:portal_incident", args=[incident.reference])


def _home() -> str:
    return settings.BASE_URL + reverse("incidents:portal_home")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
