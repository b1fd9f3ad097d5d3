"""The problems' part of the demo story: what workarounds of the past have left to find out, and what came of it."""

from datetime import datetime, timedelta

from django.db.models.functions import Now

from customers.models import User
from incidents.models import Incident, IncidentEvent
from itsm import moment
from problems import actions, lifecycle, reactions, telling, worksheet
from problems.models import Action, Problem, ProblemEvent

Kind, Code = IncidentEvent.Kind, Problem.CloseCode
AGO = timedelta(days=14)  # what is older has come to an end
# How they ended, in turn: code, cause, what was said.
ENDS = (
    (Code.FIXED, "A default of the last release was wrong.", "The setting is corrected, and part of the release test."),
    (Code.ACCEPTED_RISK, "The part is at the end of its life.", "It is replaced next year; the workaround is known."),
    (Code.NOT_REPRODUCIBLE, "", "It could not be made to happen in three tries."),
    (Code.FIXED, "A queue was too small for the first of the month.", "The queue is larger, and somebody watches it."),
)
ACTION = (Action.Kind.DETECT, "Watch the queue on the first of the month")


def seed() -> None:
    """Replays what the incidents' history means for problems; for this past nobody is told again."""
    past = IncidentEvent.objects.filter(kind__in=[Kind.RESTORED, Kind.RELAPSED], relayed_at__isnull=False)
    for event in past.select_related("incident__customer", "incident__policy").order_by("occurred_at", "pk"):
        reactions.consume(event)
    long_ago = Problem.objects.filter(opened_at__lt=moment.now() - AGO, status=Problem.Status.OPEN)
    for number, problem in enumerate(long_ago.select_related("owner").order_by("opened_at", "pk")):
        if problem.owner and not problem.incidents.exclude(status=Incident.Status.CLOSED).exists():
            _end(problem, problem.owner, problem.opened_at + timedelta(days=4), *ENDS[number % len(ENDS)])
    ProblemEvent.objects.filter(relayed_at__isnull=True).update(relayed_at=Now())


def _end(problem: Problem, owner: User, at: datetime, code: str, cause: str, words: str) -> None:
    """Looked into, understood as far as it could be, and closed some days later."""
    with moment.travel(at):
        lifecycle.investigate(problem, by=owner)
        worksheet.write(problem, by=owner, whys=[cause] if cause else [], cause=cause)
        if code != Code.FIXED:
            lifecycle.close(problem, by=owner, code=code, reason=words)
            return
        kind, text = ACTION
        action = actions.add(
            problem, by=owner, kind=kind, text=text, owner=owner, due_on=(at + timedelta(days=5)).date()
        )
        actions.finish(action, by=owner)
        lifecycle.fix(problem, by=owner)
        lifecycle.resolve(problem, by=owner, text=words)
        while telling.work(problem.tellings.get()):  # all of it is closed: nobody is told
            pass
        lifecycle.close(problem, by=owner, code=code)
