"""Evidence before a restart: what restores a service may destroy what would tell why it stopped.

The checklist is an offer of five minutes; going ahead without is one click, and written down. Only the suspicion of
an attack makes it a gate: then a copy comes first, because it protects people (docs/problems.md).
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents import moves
from incidents.journal import Kind, record
from incidents.models import DestructiveAction, Incident
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

What, Decision = DestructiveAction.What, DestructiveAction.Decision
OFFERED = timedelta(minutes=5)  # after them nobody waits any longer for a P1
MOST_ITEMS = 20


@transaction.atomic
def before(incident: Incident, *, by: User, what: str, on: str = "") -> DestructiveAction:
    """Somebody is about to restart, restore, set up anew or fail over: what should be saved first?"""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "capture", by=by)
    if what not in What.values:
        raise Refused(_("Please say what is going to be done."))
    asked = DestructiveAction.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        what=what,
        on=" ".join(clean(on).split())[:200],
        asked_by=by,
        asked_at=now,
        checklist=[{"item": item, "done": False} for item in _list_for(incident)],
    )
    record(incident, Kind.CAPTURE, by=by, at=now, what=asked.what, on=asked.on, did="asked")
    return asked


@transaction.atomic
def decide(action: DestructiveAction, *, by: User, decision: str, done: list[int] | None = None) -> DestructiveAction:
    """Captured, with the numbers of the lines that were, or skipped. Decided once; a second click changes nothing."""
    now = moment.now()
    incident = locked(action.incident)
    moves.check(incident, "note", by=by)
    action = DestructiveAction.objects.select_for_update(no_key=True).get(pk=action.pk)
    if action.decision:
        if action.decision == decision:
            return action
        raise MoveRefused(_("That has been decided already."))
    if decision not in Decision.values:
        raise Refused(_("Please say whether it was captured or not."))
    if decision == Decision.SKIPPED and incident.suspects_attack:
        raise Refused(
            _("An attack is suspected: please take a copy first. Without it nobody can tell afterwards who was in.")
        )
    saved = set(done or [])
    if decision == Decision.CAPTURED and action.checklist and not saved:
        raise Refused(_("Please tick what was saved, or go ahead without."))
    action.checklist = [entry | {"done": number in saved} for number, entry in enumerate(action.checklist)]
    action.decision, action.decided_by, action.decided_at = decision, by, now
    action.save(update_fields=["checklist", "decision", "decided_by", "decided_at"])
    items = [entry["item"] for entry in action.checklist if entry["done"]]
    record(incident, Kind.CAPTURE, by=by, at=now, what=action.what, on=action.on, did=decision, items=items)
    return action


@transaction.atomic
def suspect(incident: Incident, *, by: User, is_suspected: bool, why: str = "") -> Incident:
    """Somebody suspects an attack, or does no longer and says why."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "note", by=by)
    if incident.suspects_attack == is_suspected:
        return incident
    reason = clean(why)[:300]
    if not is_suspected and not reason:
        raise Refused(_("Please say in one sentence why it is no attack."))
    incident.suspects_attack = is_suspected
    incident.version += 1
    incident.save(update_fields=["suspects_attack", "version"])
    record(incident, Kind.SUSPECTED, by=by, at=now, is_suspected=is_suspected, reason=reason)
    return incident


def _list_for(incident: Incident) -> list[str]:
    """What the service's own list says; else what is lost on most machines."""
    own = [str(item) for item in (incident.service.capture_first if incident.service else [])][:MOST_ITEMS]
    return own or [
        _("The log of the last hour"),
        _("A screenshot or graph of how it looks now"),
        _("What is running, and for how long"),
    ]
