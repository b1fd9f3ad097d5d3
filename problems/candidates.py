"""What recurs becomes a candidate; an incident that a known error helped belongs to that one's problem.

The two places where this part of the floor asks for a verb on problems.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents import recurring
from incidents.models import Incident
from itsm import moment
from problems.models import Problem, ProblemEvent, next_reference

RECURRING, SPREAD = "recurring", "spread"


def propose_recurring(now: datetime | None = None) -> int:
    """Each group that recurs is proposed once, and not again while it has a problem. Returns how many are new."""
    now = now or moment.now()
    made = 0
    for group in recurring.groups(now):
        made += _propose(group.incidents, why=SPREAD if group.is_spread else RECURRING, at=now) is not None
    return made


@transaction.atomic
def _propose(incidents: Sequence[Incident], *, why: str, at: datetime) -> Problem | None:
    """None where one of them has a problem that is open, or too few are left that no problem has judged."""
    keys = [incident.pk for incident in incidents]
    list(Incident.objects.select_for_update(no_key=True).only("pk").filter(pk__in=keys).order_by("pk"))
    fresh = list(
        Incident.objects.filter(pk__in=keys, problems__isnull=True, opened_problem__isnull=True).order_by("pk")
    )
    is_open = Problem.objects.open().filter(incidents__in=keys).exists()
    if is_open or len(fresh) < (recurring.LEAST if why == RECURRING else 1):
        return None
    problem = Problem.objects.create(
        reference=next_reference(), customer_id=fresh[0].customer_id, title=fresh[0].title, opened_at=at,
        opened_by=fresh[0], status=Problem.Status.CANDIDATE, workaround=fresh[0].outcome,
    )  # fmt: skip
    problem.incidents.add(*fresh)
    ProblemEvent.objects.create(
        problem=problem, customer_id=problem.customer_id, kind=ProblemEvent.Kind.OPENED, occurred_at=at,
        data={"incident": ", ".join(incident.reference for incident in fresh), "why": why},
    )  # fmt: skip
    return problem


def link(problem: Problem, incident: Incident) -> None:
    """Under the lock of the incident: its cause is known, and is the problem's of the same customer."""
    if problem.customer_id == incident.customer_id and not incident.problems.filter(pk=problem.pk).exists():
        problem.incidents.add(incident)
