"""From what happened to who is told: each event becomes its deliveries, in the transaction that hands it on."""

from incidents.models import IncidentEvent
from itsm import wakeup
from itsm.events import Event
from notifications.audience import audience
from notifications.models import Delivery


def consume(event: Event) -> None:
    """Writes one delivery per person told; the event handed on twice writes nothing new."""
    if not isinstance(event, IncidentEvent):
        return
    deliveries = [
        Delivery(
            event=event,
            incident_id=event.incident_id,
            customer_id=event.customer_id,
            recipient=told.person,
            address=told.person.email,
            kind=told.kind,
            reason=told.reason,
        )
        for told in audience(event)
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        wakeup.after_commit("notifications.tasks.send_due")
