"""Writes down what happened: one row for the timeline, the audit trail and the outbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from customers.models import User
from incidents.models import Attachment, Incident, IncidentEvent, Message
from itsm import events

Kind = IncidentEvent.Kind


def record(incident: Incident, kind: IncidentEvent.Kind, **what: Any) -> IncidentEvent:
    """Records one event under the lock of its incident; what it takes is what `event` takes."""
    recorded = event(incident, kind, **what)
    recorded.save(force_insert=True)
    events.announce()
    return recorded


def record_all(happened: Iterable[IncidentEvent]) -> None:
    """Records what `event` made, in this order, under the locks of their incidents."""
    if IncidentEvent.objects.bulk_create(happened):
        events.announce()


def event(
    incident: Incident,
    kind: IncidentEvent.Kind,
    *,
    by: User | None,
    at: datetime,
    message: Message | None = None,
    attachment: Attachment | None = None,
    **data: Any,
) -> IncidentEvent:
    """An event that is not recorded yet; `data` holds small facts for display only."""
    return IncidentEvent(
        incident=incident,
        customer_id=incident.customer_id,
        kind=kind,
        actor=by,
        occurred_at=at,
        message=message,
        attachment=attachment,
        data={"version": incident.version} | {name: _plain(value) for name, value in data.items()},
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
