"""Which incidents a problem is the cause of: many to one; and two problems that turn out to be the same."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Incident
from itsm import moment
from itsm.refusal import Refused
from problems import cards, moves
from problems.journal import Kind, record
from problems.lifecycle import add_incident, settle
from problems.models import Finding, Problem
from problems.moves import MoveRefused, change, locked, locked_incidents

CloseCode, Status = Problem.CloseCode, Problem.Status


@transaction.atomic
def link(problem: Problem, *, by: User, incident: Incident) -> Problem:
    """This incident has the same cause. While it is down, the problem is parked from here on."""
    now = moment.now()
    [incident] = locked_incidents([incident])
    problem = locked(problem)
    moves.check(problem, "link", by=by)
    if incident.customer_id != problem.customer_id:
        raise Refused(_("%(reference)s belongs to another customer.") % {"reference": incident.reference})
    if problem.incidents.filter(pk=incident.pk).exists():
        return problem
    other = incident.problems.open().exclude(pk=problem.pk).first()
    if other:
        raise MoveRefused(
            _("%(incident)s has %(problem)s as its cause. Please unlink it there, or merge the two problems.")
            % {"incident": incident.reference, "problem": other.reference}
        )
    change(problem, by=by)
    add_incident(problem, incident, now, by=by)
    settle(problem, now, incident)
    return problem


@transaction.atomic
def unlink(problem: Problem, *, by: User | None, incident: Incident) -> Problem:
    """This incident has another cause."""
    now = moment.now()
    [incident] = locked_incidents([incident])
    problem = locked(problem)
    moves.check(problem, "unlink", by=by)
    if not problem.incidents.filter(pk=incident.pk).exists():
        return problem
    if by is not None and problem.incidents.count() == 1:
        raise Refused(_("This is its only incident. A problem that is none is dismissed or closed."))
    _let_go(problem, incident, now, by)
    return problem


def _let_go(problem: Problem, incident: Incident, now: datetime, by: User | None) -> None:
    problem.incidents.remove(incident)
    change(problem, by=by)
    record(problem, Kind.UNLINKED, by=by, at=now, incident=incident.reference)
    settle(problem, now, incident)


@transaction.atomic
def merge(problem: Problem, *, by: User, into: Problem) -> Problem:
    """Both have one cause: `into` goes on with all incidents, notes and actions; this one ends as its duplicate."""
    now = moment.now()
    # Both rows in one order, whoever merges what: two merges at once cannot wait for each other.
    first, second = sorted([problem, into], key=lambda one: one.pk)
    rows = {one.pk: locked(one) for one in (first, second)}
    problem, into = rows[problem.pk], rows[into.pk]
    if problem.pk == into.pk:
        raise Refused(_("A problem cannot be merged into itself."))
    if problem.customer_id != into.customer_id:
        raise Refused(_("Only problems of the same customer can be merged."))
    if into.merged_into_id == problem.pk:
        raise MoveRefused(_("%(reference)s was merged into this one already.") % {"reference": into.reference})
    if into.is_over:
        raise MoveRefused(_("%(reference)s is over: nothing can be merged into it.") % {"reference": into.reference})
    moves.check(problem, "merge", by=by)
    _move_all(problem, into)
    change(
        problem, by=by, status=Status.CLOSED, closed_at=now, close_code=CloseCode.DUPLICATE, merged_into=into,
        deferred_at=None,
    )  # fmt: skip
    change(into, by=by, triggers=sorted({*into.triggers, *problem.triggers}))
    record(problem, Kind.MERGED, by=by, at=now, into=into.reference)
    record(into, Kind.MERGED, by=by, at=now, out_of=problem.reference)
    settle(into, now)
    return into


def _move_all(problem: Problem, into: Problem) -> None:
    """What is known of one is known of the other; what both have stands once."""
    into.incidents.add(*problem.incidents.all())
    sources = into.findings.exclude(source="").values("source")
    Finding.objects.filter(problem=problem).exclude(source__in=list(sources.values_list("source", flat=True))).update(
        problem=into
    )
    problem.known_errors.update(problem=into)
    known = list(into.actions.values_list("text", flat=True))
    problem.actions.exclude(text__in=known).update(problem=into)
    empty = {
        name: getattr(problem, name)
        for name in ("workaround", "cause", "cause_category", "factors", "whys")
        if not getattr(into, name) and getattr(problem, name)
    }
    change(into, by=None, **empty)


def take_cards(incident: Incident) -> None:
    """What is parked on it is known at its problems; on one that hangs on another, at the other's too."""
    family = [one for one in (incident.pk, incident.merged_into_id, incident.parent_id) if one]
    found = Problem.objects.filter(incidents__in=family, customer=incident.customer_id, merged_into__isnull=True)
    for problem in found.distinct().order_by("pk"):
        cards.take_over(problem, incident)


@transaction.atomic
def follow(incident: Incident, *, of: Incident, at: datetime) -> int:
    """`incident` goes on where `of` ended: merged into it, or reported anew. It has the same cause, until proved."""
    incident, of = _both(incident, of)
    if of.merged_into_id == incident.pk:
        take_cards(of)
    if incident.customer_id != of.customer_id or incident.problems.open().exists():
        return 0
    problems = list(of.problems.exclude(status=Status.CLOSED).order_by("pk"))
    for problem in problems:
        problem = locked(problem)
        if not problem.incidents.filter(pk=incident.pk).exists():
            add_incident(problem, incident, at, by=None)
            settle(problem, at, incident)
    return len(problems)


def _both(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    rows = {row.pk: row for row in locked_incidents([one, other])}
    return rows[one.pk], rows[other.pk]


@transaction.atomic
def leave_behind(incident: Incident, *, at: datetime) -> int:
    """It was booked on the wrong customer: no problem of that one names it any more."""
    [incident] = locked_incidents([incident])
    problems = list(incident.problems.exclude(customer=incident.customer_id).order_by("pk"))
    for problem in problems:
        _let_go(locked(problem), incident, at, by=None)
    cards.leave_with(incident)
    return len(problems)
