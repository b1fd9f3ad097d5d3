"""The data of the problem pages, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy

from customers.models import User
from incidents.models import Incident, Investigation
from problems import actions, moves, reviews, worksheet
from problems.models import Action, Finding, KnownError, Problem, ProblemEvent, Report, Review, Telling
from problems.models.problem import ProblemQuerySet

SHOWN = 200
OPEN_CHOICES = 50  # problems to merge into; more are found by their reference
VIEWS = {
    "open": gettext_lazy("Open"),
    "mine": gettext_lazy("Mine"),
    "candidates": gettext_lazy("Candidates"),
    "parked": gettext_lazy("Parked"),
    "overdue": gettext_lazy("Overdue"),
    "asked": gettext_lazy("Untouched"),
    "over": gettext_lazy("Ended"),
}


def overdue(problems: ProblemQuerySet, now: datetime) -> ProblemQuerySet:
    """Its review, its report or one of its actions should be done by now; nothing is due while it is parked."""
    late = Action.objects.late(now).filter(problem=OuterRef("pk"))
    reports = Report.objects.filter(problem=OuterRef("pk"))
    unreviewed = Q(review_due_at__lt=now, reviewed_at__isnull=True)
    unreported = Q(report_due_at__lt=now) & ~Exists(reports.filter(is_preliminary=False))
    not_even_first = Q(preliminary_due_at__lt=now) & ~Exists(reports)
    not_written = ~Q(status=Problem.Status.CLOSED) & (unreviewed | unreported | not_even_first)
    return problems.exclude(status__in=Problem.WAITING).filter(Exists(late) | not_written)


def _view(key: str, user: User, now: datetime) -> ProblemQuerySet:
    problems = Problem.objects.visible_to(user)
    views = {
        "open": lambda: problems.filter(status__in=Problem.AT_WORK),
        "mine": lambda: problems.open().filter(owner=user),
        "candidates": lambda: problems.filter(status=Problem.Status.CANDIDATE),
        "parked": lambda: problems.filter(status=Problem.Status.PARKED),
        "overdue": lambda: overdue(problems, now),
        "asked": lambda: problems.asked().exclude(status=Problem.Status.PARKED),
        "over": lambda: problems.filter(status__in=Problem.OVER),
    }
    return views[key]()


@dataclass(frozen=True)
class View:
    """A list by its name, and how many are in it."""

    key: str
    label: object
    count: int


@dataclass(frozen=True)
class Listed:
    views: list[View]
    problems: list[Problem]


def problem_list(user: User, view: str, now: datetime) -> Listed:
    """What `user` may see of this view, the latest first; each with `incident_count` and `is_late`."""
    mine = Problem.objects.visible_to(user)
    counts = mine.aggregate(**{f"n_{key}": Count("pk", filter=_within(key, user, now)) for key in VIEWS})
    views = [View(key, label, counts[f"n_{key}"]) for key, label in VIEWS.items()]
    late = Case(
        When(pk__in=overdue(mine, now).values("pk"), then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    rows = _view(view, user, now).select_related("customer", "owner")
    counted = rows.annotate(incident_count=Count("incidents", distinct=True), is_late=late)
    order = ["-closed_at", "-resolved_at"] if view == "over" else ["-opened_at"]
    return Listed(views, list(counted.order_by(*order, "-pk")[:SHOWN]))


def _within(key: str, user: User, now: datetime) -> Q:
    return Q(pk__in=_view(key, user, now).values("pk"))


@dataclass(frozen=True)
class Dossier:
    """All that the page of one problem shows."""

    problem: Problem
    moves: dict[str, str | None]
    incidents: list[Incident]
    events: list[ProblemEvent]
    actions: list[Action]
    findings: list[Finding]
    review: Review | None
    reports: list[Report]
    telling: Telling | None
    vetoes: list[Incident]
    down: list[Incident]
    known_errors: list[KnownError]
    searches: list[Investigation]  # that serve restoration, while it is parked
    leads: dict[str, bool]  # which opened form's button is the filled one
    may_release: bool


def dossier(problem: Problem, user: User) -> Dossier:
    """`problem` must have been found through `visible_to`."""
    incidents = list(problem.incidents.visible_to(user).select_related("reporter").order_by("-opened_at", "-pk"))
    down = [incident for incident in incidents if incident.is_down]
    return Dossier(
        problem=problem,
        moves=moves.allowed_moves(problem),
        incidents=incidents,
        events=list(problem.events.select_related("actor").order_by("-occurred_at", "-pk")),
        actions=list(problem.actions.select_related("owner").order_by("dropped_at", "due_on", "pk")),
        findings=list(problem.findings.select_related("by", "note__attachment", "note__incident").order_by("at", "pk")),
        review=Review.objects.filter(problem=problem).first(),
        reports=list(problem.reports.order_by("-number")),
        telling=problem.tellings.order_by("-pk").first(),
        vetoes=down if problem.status == Problem.Status.RESOLVED else [],
        down=down,
        known_errors=list(problem.known_errors.visible_to(user).defer("lexemes").order_by("pk")),
        searches=_searches(down) if problem.is_parked else [],
        leads={
            "know": problem.status == Problem.Status.INVESTIGATING,
            "resolve": problem.status == Problem.Status.FIX_IN_PROGRESS,
        },
        may_release=reviews.may_release(problem, user),
    )


def _searches(down: list[Incident]) -> list[Investigation]:
    going_on = Investigation.objects.filter(incident__in=down, ended_at__isnull=True)
    return list(going_on.select_related("owner").order_by("pk"))


def whys(problem: Problem) -> list[str]:
    """The answers so far, and room for as many as its depth asks for."""
    return [*problem.whys, *[""] * (worksheet.whys_of(problem) - len(problem.whys))]


def reached(problem: Problem) -> int:
    """How many incidents' reporters hear that the cause is gone."""
    return problem.incidents.filter(status__in=[Incident.Status.RESTORED, Incident.Status.RESOLVED]).count()


def colleagues(problem: Problem) -> QuerySet[User]:
    """Who may look after it: those who serve its customer."""
    serving = User.objects.filter(memberships__team__customers=problem.customer_id, is_active=True)
    return serving.filter(customer__isnull=True).distinct().order_by("name", "pk")


def action_owners(problem: Problem) -> QuerySet[User]:
    return actions.possible_owners(problem)


def linkable(problem: Problem, user: User) -> QuerySet[Incident]:
    """Incidents of its customer that have no cause yet, the latest first."""
    free = Incident.objects.visible_to(user).filter(customer=problem.customer_id)
    return free.exclude(problems__in=Problem.objects.open()).order_by("-opened_at", "-pk")


def mergeable(problem: Problem, user: User) -> QuerySet[Problem]:
    """Other open problems of its customer."""
    others = Problem.objects.visible_to(user).open().filter(customer=problem.customer_id)
    return others.exclude(pk=problem.pk).order_by("-opened_at", "-pk")


def in_hand(owner: User, user: User, *, besides: Problem) -> list[Problem]:
    """What this coordinator works at, as far as `user` may see it."""
    mine = Problem.objects.visible_to(user).in_hand().filter(owner=owner).exclude(pk=besides.pk)
    return list(mine.order_by("opened_at", "pk"))


def waiting_for(user: User, now: datetime) -> dict[str, int]:
    """What of one's own problems asks for something, for the strip above the queue."""
    mine = Problem.objects.visible_to(user).filter(owner=user)
    return {
        "asked": mine.asked().exclude(status=Problem.Status.PARKED).count(),
        "late": overdue(mine, now).count(),
        "candidates": mine.filter(status=Problem.Status.CANDIDATE).count(),
    }
