"""What the people's coming and going means for incidents: whoever leaves leaves none behind."""

from customers.models import StaffEvent
from incidents import corrections
from incidents.models import Incident
from itsm.events import Event


def consume(event: Event) -> None:
    """Called by the relay for each event, in its transaction."""
    if not isinstance(event, StaffEvent) or event.kind != StaffEvent.Kind.DEACTIVATED or event.person.is_active:
        return
    for incident in Incident.objects.open().filter(owner=event.person_id).order_by("pk"):
        corrections.give_back(incident, owner=event.person, by=event.actor, at=event.occurred_at)
