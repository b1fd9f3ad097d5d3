"""A message reached nobody, or not soon. Of what is urgent the next way is tried; when none is left, a person calls."""

from django.db import transaction
from django.db.models import Q

from incidents import calls, moves
from itsm import moment
from notifications import lanes, routing
from notifications.audience import is_pressing
from notifications.models import Delivery

State, Channel = Delivery.State, Delivery.Channel
LOST = (State.BOUNCED, State.DEAD, State.SKIPPED)
IMPATIENT = 2  # tries that came to nothing: the next way is tried besides, while this one goes on


def is_urgent(delivery: Delivery) -> bool:
    """About a P1, a P2 or a major incident, and for a person or a number that a person answers."""
    incident = delivery.incident
    return bool(incident and not delivery.endpoint_id and is_pressing(incident))


def lock(delivery: Delivery) -> None:
    """The incident, where `after` will need it."""
    if is_urgent(delivery) and delivery.incident:
        moves.locked(delivery.incident)


@transaction.atomic
def after(delivery: Delivery) -> Delivery | None:
    """Called once the failure is written down, in its transaction. Returns the message that goes out instead.

    Called again for the same message it does nothing new.
    """
    if not is_urgent(delivery):
        return None
    way = routing.next_way(delivery)
    if way is not None:
        if _write(way):
            return way
    elif not _is_told_otherwise(delivery) and delivery.incident:
        calls.unreached(
            delivery.incident, at=moment.now(), since=delivery.told_of.occurred_at, person=delivery.recipient,
            name=delivery.name, number="" if delivery.recipient else delivery.address,
        )  # fmt: skip
    return None


def _write(way: Delivery) -> bool:
    """Unless the same news stands there for this channel already."""
    same = Delivery.objects.filter(event=way.event_id, recipient=way.recipient_id, channel=way.channel)
    if same.exists():
        return False
    Delivery.objects.bulk_create([way], ignore_conflicts=True)
    lanes.wake([way.channel])
    return True


def _is_told_otherwise(delivery: Delivery) -> bool:
    """By another way outside the portal the same news has reached them, or is on its way and not in trouble yet."""
    same = Delivery.objects.filter(event=delivery.event_id, recipient=delivery.recipient_id, name=delivery.name)
    others = same.filter(endpoint__isnull=True).exclude(pk=delivery.pk).exclude(channel=Channel.PORTAL)
    return others.exclude(state__in=LOST).filter(Q(state=State.SENT) | Q(attempts__lt=IMPATIENT)).exists()
