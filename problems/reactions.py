"""What incidents mean for problems: restored opens them, a relapse parks them."""

from incidents.models import Incident, IncidentEvent
from itsm.events import Event
from problems import lifecycle

Kind = IncidentEvent.Kind


def consume(event: Event) -> None:
    """Called by the relay for each event, in its transaction."""
    if not isinstance(event, IncidentEvent):
        return
    incident = event.incident
    if event.kind == Kind.RESTORED:
        lifecycle.unpark_for(incident, at=event.occurred_at)
        if deserves_problem(incident, event):
            lifecycle.open_for(incident, at=event.occurred_at)
    elif event.kind == Kind.RELAPSED:
        lifecycle.park_for(incident, at=event.occurred_at)


def deserves_problem(incident: Incident, event: IncidentEvent) -> bool:
    """A major always; a workaround on P1 to P3, because the cause remains."""
    by_workaround = event.data.get("restored_by") == Incident.RestoredBy.WORKAROUND
    return incident.is_major or (by_workaround and incident.priority <= 3)
