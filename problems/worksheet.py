"""The worksheet of a problem: five whys, what contributed, the cause; and notes that are judged one by one.

Nothing in it is compulsory, and none of it names anybody: it asks what made the slip possible.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import CauseCategory
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean
from problems import cards, moves
from problems.journal import Kind, record
from problems.models import Finding, Problem
from problems.moves import MoveRefused, Stale, change, locked, locked_incidents

WHYS = {Problem.Depth.NONE.value: 3, Problem.Depth.LIGHT.value: 3}  # how often it is asked why; five, where not said
MOST_WHY, MOST_CAUSE, MOST_FACTORS, MOST_NOTE = 500, 500, 4_000, 4_000


def whys_of(problem: Problem) -> int:
    """How many whys its depth asks for; what was answered beyond it stays."""
    return max(WHYS.get(problem.review_depth, 5), len(problem.whys))


@transaction.atomic
def write(
    problem: Problem,
    *,
    by: User,
    whys: Sequence[str],
    factors: str = "",
    cause: str = "",
    cause_category: str = "",
    expected_version: int | None = None,
) -> Problem:
    """Keeps the worksheet as it is now; a step left empty in between closes up."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "worksheet", by=by)
    if expected_version is not None and expected_version != problem.worksheet_version:
        raise Stale
    if cause_category and cause_category not in CauseCategory.values:
        raise Refused(_("There is no such kind of cause."))
    answers = [answer for answer in (_fits(why, MOST_WHY) for why in whys) if answer]
    values = {
        "whys": answers[:5],
        "factors": _fits(factors, MOST_FACTORS),
        "cause": _fits(cause, MOST_CAUSE),
        "cause_category": cause_category,
    }
    changed = [name for name, value in values.items() if getattr(problem, name) != value]
    if changed:
        change(problem, by=by, worksheet_version=problem.worksheet_version + 1, **values)
        record(problem, Kind.WRITTEN, by=by, at=now, fields=changed)
    return problem


@transaction.atomic
def find(problem: Problem, *, by: User, kind: str, text: str) -> Finding:
    """Keeps a hypothesis, a piece of evidence or an idea; at any time, also while it is parked."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "find", by=by)
    if kind not in Finding.Kind.values:
        raise Refused(_("Please say what it is: a hypothesis, evidence or an idea."))
    text = _fits(text, MOST_NOTE)
    if not text:
        raise Refused(_("Please write at least one sentence."))
    finding = Finding.objects.create(
        problem=problem, customer_id=problem.customer_id, kind=kind, text=text, by=by, at=now
    )
    change(problem, by=by)
    record(problem, Kind.FOUND, by=by, at=now, note=kind)
    return finding


@transaction.atomic
def judge(finding: Finding, *, by: User, state: str) -> Finding:
    """What came of it: supported, ruled out, or open again."""
    now = moment.now()
    if finding.note:  # incidents are locked before problems
        locked_incidents([finding.note.incident])
    problem = locked(finding.problem)
    moves.check(problem, "judge", by=by)
    if state not in Finding.State.values:
        raise Refused(_("Please say what came of it."))
    found = problem.findings.select_for_update(no_key=True, of=("self",)).filter(pk=finding.pk).first()
    if found is None:
        raise MoveRefused(_("Meanwhile it stands at another problem."))
    if found.state != state:
        found.state = state
        found.save(update_fields=["state"])
        change(problem, by=by)
        record(problem, Kind.FOUND_OUT, by=by, at=now, state=state)
        cards.judge_there(found, by=by)
    return found


def _fits(text: str, most: int) -> str:
    text = clean(text)
    if len(text) > most:
        raise Refused(
            _("This text has %(length)d characters; at most %(most)d can be kept.")
            % {"length": len(text), "most": most}
        )
    return text
