"""The problem's life: opened by a restored incident, parked while the service is down."""

from datetime import datetime

from django.db import transaction

from incidents import clocks
from incidents.models import Incident
from itsm import events
from problems.models import Problem, ProblemEvent, next_reference

Kind, Status = ProblemEvent.Kind, Problem.Status
AT_WORK = (Status.OPEN, Status.INVESTIGATING)


@transaction.atomic
def open_for(incident: Incident, *, at: datetime) -> Problem:
    """People can work again by a workaround, so the cause is still there: one problem for this incident, ever.

    How deep its review goes and when it is due is what the incident's policy says.
    """
    problem, new = Problem.objects.get_or_create(
        opened_by=incident,
        defaults={
            "reference": next_reference(),
            "customer_id": incident.customer_id,
            "title": incident.title,
            "workaround": incident.outcome,
            "opened_at": at,
            "review_depth": clocks.terms_of(incident).knob("review"),
            "review_due_at": clocks.after(incident, "review_bd", at),
        },
    )
    if new:
        problem.incidents.add(incident)
        _record(problem, Kind.OPENED, at, incident=incident.reference)
    return problem


@transaction.atomic
def park_for(incident: Incident, *, at: datetime) -> int:
    """The service is down again: nobody is asked about causes now; the work done is kept."""
    return _move(incident, AT_WORK, Status.PARKED, Kind.PARKED, at)


@transaction.atomic
def unpark_for(incident: Incident, *, at: datetime) -> int:
    """It works again: what was parked is taken up."""
    return _move(incident, (Status.PARKED,), Status.OPEN, Kind.UNPARKED, at)


def _move(
    incident: Incident, sources: tuple[Problem.Status, ...], to: Problem.Status, kind: ProblemEvent.Kind, at: datetime
) -> int:
    problems = incident.problems.filter(status__in=sources).select_for_update(of=("self",), no_key=True)
    for problem in problems:
        problem.status = to
        problem.save(update_fields=["status"])
        _record(problem, kind, at, incident=incident.reference)
    return len(problems)


def _record(problem: Problem, kind: ProblemEvent.Kind, at: datetime, **data: str) -> None:
    ProblemEvent.objects.create(problem=problem, customer_id=problem.customer_id, kind=kind, occurred_at=at, data=data)
    events.announce()
