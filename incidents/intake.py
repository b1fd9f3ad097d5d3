"""What is said after the report was sent: the two plain questions, and the wish to be called."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers import phones
from customers.models import User
from incidents import asked, calls, clocks, conversation, moves, priority
from incidents.journal import Kind, record
from incidents.models import Incident
from incidents.moves import locked
from itsm import moment

Basis = Incident.PriorityBasis


@transaction.atomic
def tell(incident: Incident, *, by: User, details: dict[str, Any]) -> Incident:
    """The reporter answers later what a form would have asked; what the desk has set meanwhile stands."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "tell", by=by)
    said = asked.kept(details)
    if not said:  # not sure: an answer that moves nothing
        return incident
    incident.details |= said
    before = incident.priority
    incident.save(update_fields=["details"])
    phones.keep(by, incident.details.get("phone", ""))
    if incident.priority_basis != Basis.AGENT:
        _set(incident)
    if incident.priority != before:
        clocks.hold_to(incident, now)
    record(incident, Kind.PRIORITISED, by=by, at=now, before=before, after=incident.priority)
    return incident


def _set(incident: Incident) -> None:
    """What the answers make of it; the version moves, for whoever has the form for it open."""
    terms = clocks.terms_of(incident)
    critical = bool(incident.service and incident.service.is_critical)
    setting = priority.by_answers(terms, incident.details, critical=critical)
    incident.impact, incident.urgency, incident.priority_basis = setting.impact, setting.urgency, setting.basis
    incident.priority = priority.priority(setting.impact, setting.urgency, terms.knob("priority_matrix"))
    incident.version += 1
    incident.save(update_fields=["impact", "urgency", "priority", "priority_basis", "version"])


@transaction.atomic
def want_call(
    incident: Incident, *, by: User, call_back: dict[str, str], text: str = "", client_token: uuid.UUID | None = None
) -> Incident:
    """Somebody wants to be called about it: their words are owed an answer, and until then no clock stands still."""
    said = text.strip() or please_call()
    incident = conversation.add(incident, by=by, text=said, client_token=client_token)
    incident.details |= {"call_back": call_back}
    incident.save(update_fields=["details"])
    phones.keep(by, call_back["number"])
    calls.wanted(incident, moment.now(), number=call_back["number"])
    return incident


def please_call() -> str:
    """What is kept as the words of somebody who wrote none."""
    return _("Please call me back.")
