"""What incidents mean for problems: restored opens them, whatever goes down parks them, a veto stands at them.

And what helped becomes the draft of a known error.
"""

from incidents.models import Incident, IncidentEvent
from itsm.events import Event
from problems import cards, known_error_uses, known_errors, lifecycle, linking
from problems.criteria import Verdict, verdict
from problems.models import Problem

Kind = IncidentEvent.Kind
SETTLING = {Kind.RESTORED, Kind.RESOLVED, Kind.RELAPSED, Kind.CANCELLED, Kind.MERGED}


def consume(event: Event) -> None:
    """Called by the relay for each event, in its transaction."""
    if not isinstance(event, IncidentEvent) or event.data.get("with_parent"):
        return  # what a report did because it follows a major incident is that one's matter
    if event.kind == Kind.MERGED and event.incident.merged_into:
        linking.follow(event.incident.merged_into, of=event.incident, at=event.occurred_at)
    elif event.kind == Kind.OPENED and event.incident.follows:
        linking.follow(event.incident, of=event.incident.follows, at=event.occurred_at)
    elif event.kind == Kind.CUSTOMER_CORRECTED:
        linking.leave_behind(event.incident, at=event.occurred_at)
    elif event.kind == Kind.PARKED:
        _parked(event)
    _judge(event)
    if event.kind in SETTLING:
        lifecycle.settle_for(event.incident, at=event.occurred_at)
    if event.kind == Kind.RELAPSED or (event.kind == Kind.OPENED and event.incident.follows_id):
        lifecycle.veto(event.incident, at=event.occurred_at, event=event.pk)


def _parked(event: IncidentEvent) -> None:
    """A card more, or one that was judged: the incident's problems have it at once."""
    linking.take_cards(event.incident)
    if became := event.data.get("became"):
        cards.judged_there(event.data.get("card_id", 0), became)


def _judge(event: IncidentEvent) -> None:
    """At "works again" by what happened, and once more by what is written down about it later."""
    incident, at = event.incident, event.occurred_at
    found = Verdict()
    if event.kind == Kind.RESTORED:
        found = verdict(incident, event.data.get("restored_by", ""))
    elif event.kind == Kind.RECORDED or (event.kind == Kind.RESOLVED and incident.restored_at == at):
        found = verdict(incident, incident.restored_by)  # solved at once, without having been restored before
    if found.opens and event.kind != Kind.RECORDED:
        lifecycle.open_for(incident, at=at, why=found.opens + found.proposes)
    elif found.proposes:
        _propose(event, found)
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


def _propose(event: IncidentEvent, found: Verdict) -> None:
    for why in found.proposes:
        lifecycle.propose([event.incident], why=Problem.Trigger(why).value, at=event.occurred_at)
