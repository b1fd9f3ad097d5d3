"""What recurs becomes a candidate; an incident that a known error helped belongs to that one's problem.

The two places where this part of the floor asks for a verb on problems.
"""

from datetime import datetime

from incidents import recurring
from incidents.models import Incident
from itsm import moment
from problems import lifecycle
from problems.models import Problem

Trigger = Problem.Trigger


def propose_recurring(now: datetime | None = None) -> int:
    """Each group that recurs is proposed once, and not again while it has a problem. Returns how many are new."""
    now = now or moment.now()
    return sum(_is_new(group, now) for group in recurring.groups(now))


def _is_new(group: recurring.Group, now: datetime) -> bool:
    """A problem that one of them has already is for the desk to extend: what recurs makes candidates only."""
    if Problem.objects.open().filter(incidents__in=group.incidents).exists():
        return False
    why = Trigger.SPREAD if group.is_spread else Trigger.RECURRING
    return lifecycle.propose(group.incidents, why=why.value, at=now) is not None


def link(problem: Problem, incident: Incident) -> None:
    """Its cause is known, and is the problem's of the same customer. Under the locks of both."""
    if problem.customer_id == incident.customer_id and not incident.problems.filter(pk=problem.pk).exists():
        now = moment.now()
        lifecycle.add_incident(problem, incident, now, by=None)
        lifecycle.settle(problem, now, incident)
