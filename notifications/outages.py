"""What an outage of a channel leaves to do: call whom no message reaches, and then send what was kept."""

from customers.models import User
from incidents import calls, moves
from incidents.journal import record
from incidents.models import IncidentEvent
from itsm import moment
from itsm.events import Event
from notifications import availability, held
from notifications.availability import NO_MAIL
from notifications.models import Delivery

Kind, Channel = IncidentEvent.Kind, Delivery.Channel
# With these a channel may be back, or the trouble with it may have turned out to be none, or somebody else's.
OVER = (
    Kind.RESTORED, Kind.RESOLVED, Kind.CANCELLED, Kind.MERGED, Kind.CUSTOMER_CORRECTED, Kind.PRIORITISED,
)  # fmt: skip


def after(event: Event, unreached: list[User]) -> None:
    """Called once the deliveries of this event are written, in the same transaction."""
    if not isinstance(event, IncidentEvent):
        return
    if unreached:
        calls.cannot_reach(event.incident, people=unreached, at=moment.now())
    if event.kind in OVER and Delivery.objects.held().filter(**_kept_for(event.customer_id)).exists():
        availability.lock(event.customer_id)
        if not NO_MAIL & availability.down_at(event.customer_id):
            released = held.release(event.customer_id, Channel.EMAIL)
            record(moves.locked(event.incident), Kind.REACHED_AGAIN, by=None, at=moment.now(),
                   channel=Channel.EMAIL.value, messages=released)  # fmt: skip


def _kept_for(customer: int) -> dict[str, object]:
    return {"customer": customer, "held_for": Delivery.Held.DOWN}
