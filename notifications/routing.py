"""By which way a person is told."""

from notifications.audience import PRESSING
from notifications.models import Delivery

Channel = Delivery.Channel


def next_way(delivery: Delivery) -> Delivery | None:
    """After a way has failed: the next one for the same person and event, not saved yet; only of what is urgent."""
    person, incident = delivery.recipient, delivery.incident
    if person is None or incident is None or not (incident.priority <= PRESSING or incident.is_major):
        return None
    if delivery.channel != Channel.EMAIL or not person.phone:
        return None
    return Delivery(
        event_id=delivery.event_id, incident_id=delivery.incident_id, customer_id=delivery.customer_id,
        recipient=person, channel=Channel.SMS, address=person.phone, kind=delivery.kind, reason=delivery.reason,
        audience=delivery.audience, rank=delivery.rank, instead_of=delivery,
    )  # fmt: skip
