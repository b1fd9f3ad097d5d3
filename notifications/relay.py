"""From what happened to who is told: each event becomes its deliveries, in the transaction that hands it on."""

from typing import Any

from customers.models import CustomerEvent, StaffEvent
from incidents.models import IncidentEvent
from itsm.events import Event
from notifications import lanes
from notifications.audience import audience
from notifications.models import Delivery


def consume(event: Event) -> None:
    """Writes one delivery per person told; the event handed on twice writes nothing new."""
    deliveries = [
        Delivery(recipient=told.person, address=told.person.email, kind=told.kind, reason=told.reason, **_about(event))
        for told in audience(event)
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        lanes.wake(delivery.channel for delivery in deliveries if delivery.state == Delivery.State.QUEUED)


def _about(event: Event) -> dict[str, Any]:
    if isinstance(event, IncidentEvent):
        return {"event": event, "incident_id": event.incident_id, "customer_id": event.customer_id}
    if isinstance(event, CustomerEvent):
        return {"customer_event": event, "customer_id": event.customer_id}
    assert isinstance(event, StaffEvent)  # of other events nobody is told
    return {"staff_event": event}
