"""The demo story, top floor: who was told of the last two days, so that bells and panels are not empty.

Nothing goes out: that is over. What was written then stands there as sent, and what is older than half a day as read.
"""

from datetime import datetime, timedelta

from customers.demo import customers
from incidents.models import IncidentEvent
from itsm import moment
from notifications import routing
from notifications.models import Delivery

LOOKS_BACK, READ_AFTER = timedelta(days=2), timedelta(hours=12)
State, Channel = Delivery.State, Delivery.Channel


def seed() -> None:
    """Does nothing when somebody at the demo's customers has been told of something already."""
    ours = list(customers())
    if Delivery.objects.filter(customer__in=ours).exists():
        return
    now = moment.now()
    happened = IncidentEvent.objects.filter(customer__in=ours, occurred_at__gt=now - LOOKS_BACK)
    for event in happened.select_related("incident__customer", "incident__policy").order_by("occurred_at", "pk"):
        with moment.travel(event.occurred_at):
            Delivery.objects.bulk_create([_as_it_was(row, event, now) for row in routing.deliveries_for(event)])


def _as_it_was(row: Delivery, event: IncidentEvent, now: datetime) -> Delivery:
    row.state, row.held_for = State.SENT, ""
    row.created_at = row.next_try_at = row.sent_at = event.occurred_at
    if row.channel == Channel.PORTAL and event.occurred_at < now - READ_AFTER:
        row.read_at = event.occurred_at + timedelta(minutes=20)
    return row
