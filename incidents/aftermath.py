"""What is said to a customer when all is over: the cause is gone, and what happened.

No clock moves: nothing is owed any more.
"""

import uuid

from django.db import transaction

from customers.models import User
from incidents import lifecycle, moves
from incidents.conversation import say, was_said
from incidents.journal import Kind, record
from incidents.models import Incident, Message
from incidents.moves import locked
from itsm import moment


@transaction.atomic
def cause_gone(incident: Incident, *, by: User, text: str, client_token: uuid.UUID | None = None) -> Incident:
    """The cause has been removed: what only worked again is solved, and whoever reported it may still say no."""
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "cause_gone", by=by)
    if incident.status == Incident.Status.RESTORED:
        return lifecycle.resolve(incident, by=by, note=text, client_token=client_token)
    message = say(incident, by=by, text=text, at=now, is_public=True, client_token=client_token)
    incident.version += 1
    incident.save(update_fields=["version"])
    record(incident, Kind.CAUSE_GONE, by=by, at=now, message=message)
    return incident


@transaction.atomic
def give_report(
    incident: Incident, *, by: User, text: str, report: int, title: str, client_token: uuid.UUID | None = None
) -> Incident:
    """The report on what happened is there for the customer's contacts; `text` is what it says in a few words."""
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "give_report", by=by)
    message = say(incident, by=by, text=text, at=now, is_public=True, client_token=client_token)
    message.phase = Message.Phase.REPORT
    message.save(update_fields=["phase"])
    incident.version += 1
    incident.save(update_fields=["version"])
    record(incident, Kind.REPORTED, by=by, at=now, message=message, report=report, title=title)
    return incident
