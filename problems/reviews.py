"""The review of a problem, and the report that its customer is given: drafted, written, released."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from customers.models import User
from incidents import aftermath
from incidents.models import Incident
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean
from problems import drafting, moves, sections
from problems.journal import Kind, record
from problems.models import Problem, Report, Review
from problems.moves import MoveRefused, Stale, change, locked


@transaction.atomic
def begin(problem: Problem, *, by: User) -> Review:
    """The review with a draft in it; the same one for whoever comes second."""
    problem = locked(problem)
    moves.check(problem, "review", by=by)
    review, is_new = Review.objects.get_or_create(
        problem=problem,
        defaults={"customer_id": problem.customer_id, "created_at": moment.now(), "words": drafting.draft(problem)},
    )
    if is_new:
        change(problem, by=by)
    return review


@transaction.atomic
def draft_again(problem: Problem, *, by: User, expected_version: int | None = None) -> Review:
    """The report's sections anew from the timeline; what the desk wrote for itself stays."""
    problem, review = _both(problem, by, expected_version)
    fresh = {name: words for name, words in drafting.draft(problem).items() if name in sections.REPORT}
    return _keep(problem, review, review.words | fresh, by)


@transaction.atomic
def write(problem: Problem, *, by: User, words: Mapping[str, str], expected_version: int | None = None) -> Review:
    """Keeps what was written; sections that `words` leaves out stay."""
    problem, review = _both(problem, by, expected_version)
    known = {*sections.REPORT, *sections.OWN}
    kept = {name: _fits(text) for name, text in words.items() if name in known}
    return _keep(problem, review, review.words | kept, by)


def _both(problem: Problem, by: User, expected_version: int | None) -> tuple[Problem, Review]:
    problem = locked(problem)
    moves.check(problem, "review", by=by)
    review = Review.objects.select_for_update(no_key=True, of=("self",)).filter(problem=problem).first()
    if review is None:
        raise MoveRefused(_("Please begin the review first."))
    if expected_version is not None and review.version != expected_version:
        raise Stale
    return problem, review


def _keep(problem: Problem, review: Review, words: dict[str, str], by: User) -> Review:
    if words != review.words:
        review.words, review.version = words, review.version + 1
        review.save(update_fields=["words", "version"])
        change(problem, by=by)
        record(problem, Kind.REVIEWED, by=by, at=moment.now())
    return review


def _fits(text: str) -> str:
    text = clean(text)
    if len(text) > sections.MOST:
        raise Refused(
            _("This text has %(length)d characters; at most %(most)d can be kept.")
            % {"length": len(text), "most": sections.MOST}
        )
    return text


@transaction.atomic
def finish(problem: Problem, *, by: User) -> Problem:
    """It was looked back at, together as far as agreed: nothing more is due of the review."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "review", by=by)
    if problem.reviewed_at is None:
        change(problem, by=by, reviewed_at=now)
        record(problem, Kind.REVIEW_DONE, by=by, at=now)
    return problem


def may_release(problem: Problem, by: User) -> bool:
    """Whoever looks after the problem, and those who lead."""
    return by.is_lead or by.pk == problem.owner_id


@transaction.atomic
def release(
    problem: Problem, *, by: User, text: str, is_preliminary: bool = False, expected_version: int | None = None
) -> Report:
    """The customer's contacts may read it from now on, and are told so in these words. It is kept as it stands."""
    now = moment.now()
    found = _to_tell(problem)
    if found:  # incidents are locked before problems
        moves.locked_incidents([found])
    problem, review = _both(problem, by, expected_version)
    if not may_release(problem, by):
        raise MoveRefused(_("It is released by whoever looks after the problem, or by a lead."))
    if not review.words.get("what_happened", ""):
        raise Refused(_("Please write what happened before it is released."))
    number = (problem.reports.aggregate(last=Max("number"))["last"] or 0) + 1
    report = Report.objects.create(
        problem=problem, customer_id=problem.customer_id, number=number, is_preliminary=is_preliminary,
        title=problem.title, content=content_of(problem, review), released_at=now, released_by=by,
    )  # fmt: skip
    review.version += 1  # a second click finds another version
    review.save(update_fields=["version"])
    values: dict[str, Any] = {} if is_preliminary else {"reviewed_at": problem.reviewed_at or now}
    change(problem, by=by, **values)
    record(problem, Kind.REPORTED, by=by, at=now, number=number, preliminary=is_preliminary, report=report.pk)
    if found:
        token = uuid.uuid5(uuid.NAMESPACE_OID, f"report-{report.pk}")
        aftermath.give_report(found, by=by, text=text, report=report.pk, title=problem.title, client_token=token)
    return report


def _to_tell(problem: Problem) -> Incident | None:
    """The incident on which the customer is told: the one that opened the problem, else another that works again."""
    mine = Incident.objects.filter(customer=problem.customer_id, status__in=Incident.WORKS)
    first = mine.filter(pk=problem.opened_by_id).first()
    return first or mine.filter(problems=problem).order_by("pk").first()


def content_of(problem: Problem, review: Review) -> dict[str, Any]:
    """What a report says, as it is kept: `words` by section, the incidents, the actions, and figures where agreed."""
    actions = problem.actions.filter(dropped_at__isnull=True).select_related("owner").order_by("due_on", "pk")
    return {
        "words": {name: review.words.get(name, "") for name in sections.REPORT},
        "incidents": list(problem.incidents.order_by("pk").values_list("reference", flat=True)),
        "actions": [
            {
                "what": action.text,
                "kind": action.kind,
                "whose": "customer" if action.owner.is_customer_side else "us",
                "due_on": action.due_on.isoformat(),
                "is_done": action.done_at is not None,
            }
            for action in actions
        ],
        "figures": drafting.figures(problem) if drafting.has_data(problem) else {},
    }
