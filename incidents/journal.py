"""Writes down what happened: one row for the timeline, the audit trail and the outbox."""

from datetime import datetime
from typing import Any

from customers.models import User
from incidents.models import Attachment, Incident, IncidentEvent, Message
from itsm import events

Kind = IncidentEvent.Kind


def record(
    incident: Incident,
    kind: IncidentEvent.Kind,
    *,
    by: User | None,
    at: datetime,
    message: Message | None = None,
    attachment: Attachment | None = None,
    **data: Any,
) -> IncidentEvent:
    """Records one event under the lock of its incident; `data` holds small facts for display only."""
    event = IncidentEvent.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        kind=kind,
        actor=by,
        occurred_at=at,
        message=message,
        attachment=attachment,
        data={"version": incident.version} | {name: _plain(value) for name, value in data.items()},
    )
    events.announce()
    return event


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
