"""Which verb a problem allows: one table for the verbs, the buttons and the API.

While a linked incident is down its problems are parked: then nothing of the work is offered, and what comes in by
itself, links and notes, is kept.
"""

from typing import Any

from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Incident
from itsm import moment
from itsm.refusal import Refused
from problems.models import Problem

Status = Problem.Status
AT_WORK, RESOLVED, CLOSED = Problem.AT_WORK, Status.RESOLVED, Status.CLOSED
ANY_OPEN = (Status.CANDIDATE, Status.PARKED, *AT_WORK)

# Verb -> the states in which it is allowed.
MOVES: dict[str, tuple[Problem.Status, ...]] = {
    "accept": (Status.CANDIDATE,),
    "dismiss": (Status.CANDIDATE,),
    "investigate": (Status.OPEN, Status.KNOWN_ERROR, Status.FIX_IN_PROGRESS),
    "know": (Status.OPEN, Status.INVESTIGATING, Status.FIX_IN_PROGRESS),
    "fix": (Status.OPEN, Status.INVESTIGATING, Status.KNOWN_ERROR),
    "resolve": AT_WORK,
    "close": (*AT_WORK, RESOLVED),
    "reopen": (RESOLVED, CLOSED),
    "assign": (Status.CANDIDATE, *AT_WORK),
    "defer": AT_WORK,
    "take_up": AT_WORK,
    "go_on": (Status.CANDIDATE, *AT_WORK),
    "link": ANY_OPEN,
    "unlink": (*ANY_OPEN, RESOLVED),
    "merge": (Status.CANDIDATE, *AT_WORK),
    "worksheet": (*AT_WORK, RESOLVED),
    "find": (*ANY_OPEN, RESOLVED),  # evidence is held back by nothing
    "hold": (Status.PARKED,),  # park it, or does it serve restoration?
    "judge": (*AT_WORK, RESOLVED),
    "add_action": (*AT_WORK, RESOLVED),
    "work_action": (*AT_WORK, RESOLVED, CLOSED),  # what was agreed is done and looked at also after the end
    "review": (*AT_WORK, RESOLVED, CLOSED),
}


class MoveRefused(Refused):
    """The problem is in a state in which this cannot be done, or somebody was faster."""

    status = 409


class Stale(Refused):
    """Somebody else wrote the same meanwhile."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Meanwhile somebody else wrote here. Your text is kept below: please look at theirs and send again.")
        )


def locked(problem: Problem) -> Problem:
    """The problem's row, locked and fresh: the first step of each verb. Incidents are locked before it."""
    Problem.objects.select_for_update(no_key=True).only("pk").get(pk=problem.pk)
    return Problem.objects.select_related("customer", "owner", "opened_by__policy", "opened_by__team").get(
        pk=problem.pk
    )


def locked_incidents(incidents: list[Incident]) -> list[Incident]:
    """Their rows, locked in one order, whoever links what: two at once cannot wait for each other."""
    rows = Incident.objects.select_for_update(no_key=True).only("pk").order_by("pk")
    keys = [incident.pk for incident in rows.filter(pk__in=[incident.pk for incident in incidents])]
    found = Incident.objects.filter(pk__in=keys).select_related("customer", "policy", "team", "service")
    return list(found.order_by("pk"))


def why_not(problem: Problem, verb: str) -> str | None:
    """A sentence why this cannot be done now, or None."""
    if problem.status in MOVES[verb]:
        return None
    if problem.is_parked:
        return _("The service is down: first it works again. %(reference)s is parked, and nothing of it is lost.") % {
            "reference": problem.reference
        }
    return _("Not possible now: %(reference)s is “%(status)s”.") % {
        "reference": problem.reference,
        "status": problem.get_status_display(),
    }


def allowed_moves(problem: Problem) -> dict[str, str | None]:
    """Verb -> None, or the sentence why not."""
    return {verb: why_not(problem, verb) for verb in MOVES}


def check(problem: Problem, verb: str, *, by: User | None) -> None:
    """The second step of each verb, under the lock."""
    if by is not None and by.is_customer_side:
        raise MoveRefused(_("Only the people at the desk can do this."))
    if reason := why_not(problem, verb):
        raise MoveRefused(reason)


def change(problem: Problem, *, by: User | None, **values: Any) -> None:
    """Sets the values; whatever a person does about it ends the question whether anybody still cares."""
    if by is not None:
        values |= {"touched_at": moment.now(), "asked_at": None}
    for name, value in values.items():
        setattr(problem, name, value)
    if values:
        problem.save(update_fields=list(values))
