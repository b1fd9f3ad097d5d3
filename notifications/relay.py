"""From what happened to who is told: each event becomes its deliveries, in the transaction that hands it on."""

from itsm.events import Event
from notifications import endpoints, fanning, lanes, outages, routing
from notifications.models import Delivery


def consume(event: Event) -> None:
    """Writes what each person is to get; the event handed on twice writes nothing new."""
    deliveries = routing.deliveries_for(event) + endpoints.deliveries_for(event)
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        lanes.wake(delivery.channel for delivery in deliveries if delivery.state == Delivery.State.QUEUED)
    fanning.begin(event)
    outages.after(event, routing.unreached(event, deliveries))
