"""What incidents mean for problems: restored opens them, a relapse parks them; what helped becomes a draft."""

from incidents.models import Incident, IncidentEvent
from itsm.events import Event
from problems import known_error_uses, known_errors, lifecycle

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
    _known_errors(event)


def _known_errors(event: IncidentEvent) -> None:
    """After the problems, to which a draft is linked."""
    incident, at = event.incident, event.occurred_at
    if event.kind == Kind.RESTORED and event.data.get("restored_by") == Incident.RestoredBy.WORKAROUND:
        known_errors.draft_from(incident, at=at)
    elif event.kind == Kind.RELAPSED:
        known_error_uses.relapsed(incident, at=at)
    elif event.kind == Kind.CUSTOMER_CORRECTED:
        known_errors.follow_customer(incident)
        known_error_uses.follow_customer(incident)


def deserves_problem(incident: Incident, event: IncidentEvent) -> bool:
    """A major always; a workaround on P1 to P3, because the cause remains."""
    by_workaround = event.data.get("restored_by") == Incident.RestoredBy.WORKAROUND
    return incident.is_major or (by_workaround and incident.priority <= 3)
