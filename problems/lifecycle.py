"""The problem's life: opened by a restored incident, parked while the service is down, and what people decide.

Each verb: lock, check, change, record, in one transaction. Incidents are locked before their problem.
`by=None` is the system.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Incident
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean
from problems import cards, due, moves, telling
from problems.journal import Kind, record
from problems.models import KnownError, Problem, next_reference
from problems.moves import MoveRefused, change, locked, locked_incidents

Status, CloseCode, Trigger = Problem.Status, Problem.CloseCode, Problem.Trigger
AT_ONCE = 5  # open problems that one coordinator works at; a sixth asks which one waits
UNTOUCHED = timedelta(days=60)
FRESH = {Trigger.RECURRING.value: 3}  # so many that no problem has judged yet make a new candidate
MOST_WORDS = 2_000


class TooMany(Refused):
    """Its coordinator has enough at once: which one waits? Nobody is kept from opening it all the same."""

    status = 409

    def __init__(self, owner: User) -> None:
        super().__init__(
            _("%(name)s has %(number)d problems in hand already. Which one waits, or is this one opened all the same?")
            % {"name": owner.name, "number": AT_ONCE}
        )
        self.owner = owner


@transaction.atomic
def open_for(incident: Incident, *, at: datetime, why: Iterable[str] = (Trigger.WORKAROUND.value,)) -> Problem:
    """Its cause is worth looking into: one problem for this incident, ever, however often this is called.

    One that it is linked to already is taken up; one that was thought to be over comes back, if that was before `at`.
    """
    [incident] = locked_incidents([incident])
    known = _of([incident]) or Problem.objects.filter(opened_by=incident).first()
    if known is None:
        return _begin([incident], Status.OPEN, at, why, by=None)
    problem = locked(known)
    _add_triggers(problem, why)
    if problem.status == Status.CANDIDATE or problem.parked_from == Status.CANDIDATE or _was_wrong(problem, at):
        _become_open(problem, at, by=None)
    settle(problem, at, incident)
    return problem


@transaction.atomic
def propose(incidents: Iterable[Incident], *, why: str, at: datetime, by: User | None = None) -> Problem | None:
    """Makes a candidate of these incidents, or adds them to the problem that one of them is linked to already.

    Harmless when repeated, or when two propose at once. What an ended problem has judged does not count again, and
    of recurring incidents three fresh ones are wanted: None where there is nothing to propose.
    """
    found = locked_incidents(list(incidents))
    if not found or len({incident.customer_id for incident in found}) > 1:
        raise Refused(_("A problem is made of incidents of one customer."))
    known = _of(found)
    fresh = [incident for incident in found if not incident.problems.exists()]
    if known is None:
        unopened = [incident for incident in fresh if not Problem.objects.filter(opened_by=incident).exists()]
        if len(unopened) < FRESH.get(why, 1):
            return None
        return _begin(unopened, Status.CANDIDATE, at, [why], by=by)
    problem = locked(known)
    _add_triggers(problem, [why])
    for incident in fresh:
        add_incident(problem, incident, at, by=by)
    settle(problem, at)
    return problem


def _of(incidents: list[Incident]) -> Problem | None:
    """The problem that is open for one of them; the oldest where there are several."""
    return Problem.objects.open().filter(incidents__in=incidents).order_by("pk").first()


def _was_wrong(problem: Problem, at: datetime) -> bool:
    """It was dismissed or taken for fixed, and after that there is a new reason to open it."""
    if problem.status == Status.RESOLVED:
        return bool(problem.resolved_at and problem.resolved_at < at)
    taken_for_over = problem.accepted_at is None or problem.close_code == CloseCode.FIXED
    return bool(problem.closed_at and problem.closed_at < at and taken_for_over)


def _begin(incidents: list[Incident], status: str, at: datetime, why: Iterable[str], *, by: User | None) -> Problem:
    first = incidents[0]
    is_open = status == Status.OPEN
    problem = Problem.objects.create(
        reference=next_reference(),
        customer_id=first.customer_id,
        title=first.title,
        status=status,
        triggers=sorted(why),
        workaround=first.outcome,
        owner=first.coordinator(),
        opened_by=first,
        opened_at=at,
        accepted_at=at if is_open else None,
        touched_at=at,
        **(due.dates(first, at) if is_open else {}),
    )
    problem.incidents.add(*incidents)
    references = ", ".join(incident.reference for incident in incidents)
    record(problem, Kind.OPENED if is_open else Kind.PROPOSED, by=by, at=at, incident=references)
    for incident in incidents:
        _bring_along(problem, incident)
    settle(problem, at)
    return problem


def add_incident(problem: Problem, incident: Incident, at: datetime, *, by: User | None) -> None:
    """Links it, under the locks of both; what is known of its cause comes along."""
    problem.incidents.add(incident)
    record(problem, Kind.LINKED, by=by, at=at, incident=incident.reference)
    _bring_along(problem, incident)


def _bring_along(problem: Problem, incident: Incident) -> None:
    """What is parked on it, and what was written down of its workaround."""
    cards.take_over(problem, incident)
    drafts = KnownError.objects.filter(drafted_from=incident, problem__isnull=True, customer=problem.customer_id)
    drafts.update(problem=problem)


def _add_triggers(problem: Problem, why: Iterable[str]) -> None:
    triggers = sorted({*problem.triggers, *why})
    if triggers != problem.triggers:
        change(problem, by=None, triggers=triggers)


def _become_open(problem: Problem, at: datetime, *, by: User | None) -> None:
    """More than a candidate from now on, with an owner and dates; while the service is down without either asking."""
    kind = Kind.REOPENED if problem.is_over else Kind.ACCEPTED
    values: dict[str, Any] = {"accepted_at": problem.accepted_at or at, "resolved_at": None, "closed_at": None}
    values |= {"close_code": "", "deferred_at": None, "owner": problem.owner or problem.opened_by.coordinator()}
    values |= {"workaround": problem.workaround or problem.opened_by.outcome}
    if problem.is_parked:
        change(problem, by=by, parked_from=Status.OPEN, **values)
    else:
        change(problem, by=by, status=Status.OPEN, **values, **due.dates(problem.opened_by, at))
    record(problem, kind, by=by, at=at)


def settle(problem: Problem, at: datetime, incident: Incident | None = None) -> None:
    """Parks it while a linked incident is down, and takes it up where it was; under the lock of the problem."""
    data = {"incident": incident.reference} if incident else {}
    is_down = problem.incidents.filter(status__in=Incident.DOWN).exists()
    if is_down and problem.status in (Status.CANDIDATE, *Problem.AT_WORK):
        change(problem, by=None, status=Status.PARKED, parked_from=problem.status, **due.none(problem))
        record(problem, Kind.PARKED, by=None, at=at, **data)
    elif not is_down and problem.is_parked:
        was = problem.parked_from or Status.OPEN
        values: dict[str, Any] = {"status": was, "parked_from": "", "touched_at": at}
        if was != Status.CANDIDATE and problem.reviewed_at is None:
            values |= due.dates(problem.opened_by, at)  # nobody could look back meanwhile
        change(problem, by=None, **values)
        record(problem, Kind.UNPARKED, by=None, at=at, **data)


@transaction.atomic
def settle_for(incident: Incident, *, at: datetime) -> int:
    """The same for each problem of an incident that has gone down, works again or is over."""
    problems = [locked(problem) for problem in incident.problems.order_by("pk")]
    for problem in problems:
        settle(problem, at, incident)
    return len(problems)


@transaction.atomic
def veto(incident: Incident, *, at: datetime, event: int) -> None:
    """Somebody says that it is still broken, after its cause was said to be gone: that stands at the problem, once."""
    for problem in incident.problems.filter(status=Status.RESOLVED).order_by("pk"):
        problem = locked(problem)
        if problem.status == Status.RESOLVED and not problem.events.filter(data__event=event).exists():
            record(problem, Kind.VETOED, by=None, at=at, incident=incident.reference, event=event)


@transaction.atomic
def accept(problem: Problem, *, by: User, defer: Problem | None = None, anyway: bool = False) -> Problem:
    """The candidate is worth looking into. Who has five in hand is asked which one waits; `anyway` answers: none."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "accept", by=by)
    owner = problem.owner or problem.opened_by.coordinator()
    _make_room(problem, owner, by, defer, anyway, now)
    _become_open(problem, now, by=by)
    return problem


@transaction.atomic
def assign(problem: Problem, *, by: User, owner: User, defer: Problem | None = None, anyway: bool = False) -> Problem:
    """Somebody else looks after it from now on; they must serve the customer."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "assign", by=by)
    serves = problem.customer.teams.filter(memberships__user=owner).exists()
    if owner.is_customer_side or not owner.is_active or not serves:
        raise Refused(_("%(name)s does not serve this customer.") % {"name": owner.name})
    if owner != problem.owner:
        if problem.is_at_work:
            _make_room(problem, owner, by, defer, anyway, now)
        change(problem, by=by, owner=owner, deferred_at=None)
        record(problem, Kind.ASSIGNED, by=by, at=now, owner=owner.name)
    return problem


def _make_room(
    problem: Problem, owner: User | None, by: User, waits: Problem | None, anyway: bool, now: datetime
) -> None:
    if owner is None or anyway:
        return
    in_hand = Problem.objects.in_hand().filter(owner=owner).exclude(pk=problem.pk)
    if waits is not None and in_hand.filter(pk=waits.pk).exists():
        _put_off(locked(waits), by, now)
    if in_hand.count() >= AT_ONCE:
        raise TooMany(owner)


def _put_off(problem: Problem, by: User, now: datetime) -> None:
    change(problem, by=by, deferred_at=now)
    record(problem, Kind.DEFERRED, by=by, at=now)


@transaction.atomic
def defer(problem: Problem, *, by: User) -> Problem:
    """Put off for later: it stays open, and does not count among those in hand."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "defer", by=by)
    if problem.deferred_at is None:
        _put_off(problem, by, now)
    return problem


@transaction.atomic
def take_up(problem: Problem, *, by: User, defer: Problem | None = None, anyway: bool = False) -> Problem:
    """No longer put off."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "take_up", by=by)
    if problem.deferred_at is not None:
        _make_room(problem, problem.owner, by, defer, anyway, now)
        change(problem, by=by, deferred_at=None)
        record(problem, Kind.TAKEN_UP, by=by, at=now)
    return problem


@transaction.atomic
def dismiss(problem: Problem, *, by: User, reason: str) -> Problem:
    """The candidate is not worth looking into, and why; its incidents stay what they are."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "dismiss", by=by)
    reason = _said(reason)
    change(problem, by=by, status=Status.CLOSED, closed_at=now, close_code=CloseCode.NO_LONGER_RELEVANT)
    record(problem, Kind.DISMISSED, by=by, at=now, reason=reason)
    return problem


@transaction.atomic
def investigate(problem: Problem, *, by: User) -> Problem:
    """Somebody looks for the cause now."""
    return _go_to(problem, "investigate", Status.INVESTIGATING, Kind.INVESTIGATED, by=by)


@transaction.atomic
def know(problem: Problem, *, by: User, cause: str = "") -> Problem:
    """Analysed and not resolved: a known error. That wants the cause in a sentence."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "know", by=by)
    cause = clean(cause)[:500] or problem.cause
    if not cause:
        raise Refused(_("Please say the cause in a sentence: that makes it a known error."))
    change(problem, by=by, status=Status.KNOWN_ERROR, cause=cause, deferred_at=None)
    record(problem, Kind.KNOWN, by=by, at=now, cause=cause)
    return problem


@transaction.atomic
def fix(problem: Problem, *, by: User) -> Problem:
    """The cause is being removed."""
    return _go_to(problem, "fix", Status.FIX_IN_PROGRESS, Kind.FIX_BEGUN, by=by)


def _go_to(problem: Problem, verb: str, status: str, kind: Kind, *, by: User) -> Problem:
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, verb, by=by)
    change(problem, by=by, status=status, owner=problem.owner or by, deferred_at=None)
    record(problem, kind, by=by, at=now)
    return problem


@transaction.atomic
def resolve(problem: Problem, *, by: User, text: str) -> Problem:
    """The cause is gone. All who reported it are told in these words, in the background, and may say that it is not."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "resolve", by=by)
    text = _said(text)
    change(problem, by=by, status=Status.RESOLVED, resolved_at=now, owner=problem.owner or by, deferred_at=None)
    record(problem, Kind.RESOLVED, by=by, at=now, text=text)
    telling.begin(problem, by=by, text=text, at=now)
    return problem


@transaction.atomic
def close(problem: Problem, *, by: User, code: str, reason: str = "") -> Problem:
    """It ends. "Fixed" wants it resolved first, and nobody who says that it is still broken."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "close", by=by)
    if code not in CloseCode.values or code == CloseCode.DUPLICATE:
        raise Refused(_("Please say why it is closed. What is the same as another is merged into that one."))
    if code == CloseCode.FIXED:
        _refuse_unfixed(problem)
    reason = clean(reason)[:MOST_WORDS]
    if code != CloseCode.FIXED and not reason:
        raise Refused(_("Please say in a sentence why; whoever meets the next such incident reads it."))
    change(problem, by=by, status=Status.CLOSED, closed_at=now, close_code=code)
    record(problem, Kind.CLOSED, by=by, at=now, code=code, reason=reason)
    return problem


def _refuse_unfixed(problem: Problem) -> None:
    if problem.status != Status.RESOLVED:
        raise MoveRefused(_("Please resolve it first: then those who reported it are told, and can say no."))
    broken = problem.incidents.down().values_list("reference", flat=True)
    if broken:
        raise MoveRefused(
            _("Still broken, they say: %(incidents)s. Please take it up again, or unlink what has another cause.")
            % {"incidents": ", ".join(broken)}
        )


@transaction.atomic
def reopen(problem: Problem, *, by: User, reason: str) -> Problem:
    """It was not over, and what shows it."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "reopen", by=by)
    if problem.merged_into_id:
        raise MoveRefused(_("It goes on as another problem."))
    reason = _said(reason)
    values: dict[str, Any] = {"resolved_at": None, "closed_at": None, "close_code": "", "asked_at": None}
    values |= {"accepted_at": problem.accepted_at or now, "owner": problem.owner or by}
    change(problem, by=by, status=Status.INVESTIGATING, **values)
    record(problem, Kind.REOPENED, by=by, at=now, reason=reason)
    settle(problem, now)
    return problem


@transaction.atomic
def go_on(problem: Problem, *, by: User) -> Problem:
    """Nobody has touched it for long, and yet it goes on: it is asked about again in as long a time."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "go_on", by=by)
    change(problem, by=by)
    record(problem, Kind.GOES_ON, by=by, at=now)
    return problem


def ask_untouched(now: datetime | None = None) -> int:
    """Asks about what nobody has touched for 60 days, once each; what is parked asks nothing. Returns how many."""
    now = now or moment.now()
    waiting = Problem.objects.open().exclude(status=Status.PARKED).filter(asked_at__isnull=True)
    long_ago = Q(touched_at__lt=now - UNTOUCHED) | Q(touched_at__isnull=True, opened_at__lt=now - UNTOUCHED)
    keys = list(waiting.filter(long_ago).order_by("pk").values_list("pk", flat=True))
    asked = 0
    for key in keys:
        with transaction.atomic():
            problem = locked(Problem(pk=key))
            last = problem.touched_at or problem.opened_at
            if problem.asked_at is None and not problem.is_parked and not problem.is_over and last < now - UNTOUCHED:
                change(problem, by=None, asked_at=now)
                record(problem, Kind.UNTOUCHED, by=None, at=now)
                asked += 1
    return asked


def _said(text: str) -> str:
    text = clean(text)
    if not text:
        raise Refused(_("Please write at least one sentence."))
    if len(text) > MOST_WORDS:
        raise Refused(
            _("This text has %(length)d characters; at most %(most)d can be kept.")
            % {"length": len(text), "most": MOST_WORDS}
        )
    return text
