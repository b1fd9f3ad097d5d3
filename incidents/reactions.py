"""What events mean for incidents: whoever leaves leaves none behind; a report is found by its words from then on.

What happens to a major incident happens to the reports that joined it.
"""

from customers.models import StaffEvent
from incidents import bursts, children, corrections, duties, keeping_up, similar
from incidents.models import Burst, Incident, IncidentEvent, Pairing
from itsm.events import Event

Kind = IncidentEvent.Kind
# After these an incident has other words, another part or another customer.
REWORDED = {Kind.OPENED, Kind.RECORDED, Kind.CUSTOMER_CORRECTED}


def consume(event: Event) -> None:
    """Called by the relay for each event, in its transaction."""
    if isinstance(event, IncidentEvent):
        _happened(event)
    if not isinstance(event, StaffEvent) or event.kind != StaffEvent.Kind.DEACTIVATED or event.person.is_active:
        return
    for incident in Incident.objects.open().filter(owner=event.person_id).order_by("pk"):
        corrections.give_back(incident, owner=event.person, by=event.actor, at=event.occurred_at)


def _happened(event: IncidentEvent) -> None:
    if event.kind in REWORDED:
        similar.index([event.incident])
    keeping_up.notice(event)
    if event.kind == Kind.DISSENTED:
        children.note_dissent(event)
    elif event.kind == Kind.OPENED:
        bursts.notice(event.incident, event.occurred_at)
    elif event.kind == Kind.DECLARED:
        duties.begin(event.incident, at=event.occurred_at)
    elif event.kind == Kind.CUSTOMER_CORRECTED:  # beside the new customer's incidents nobody has seen it yet
        Burst.objects.filter(first=event.incident_id).exclude(customer=event.incident.customer_id).delete()
        Pairing.objects.filter(one=event.incident_id).delete()
        Pairing.objects.filter(other=event.incident_id).delete()
        duties.follow_customer(event.incident, at=event.occurred_at)
