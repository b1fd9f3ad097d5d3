"""What is agreed so that it does not happen again: by whom, until when, and later whether it helped."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from customers.models import User
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean
from problems import moves
from problems.journal import Kind, record
from problems.models import Action, Problem
from problems.models.action import CHECK_AFTER
from problems.moves import MoveRefused, change, locked

MOST_TEXT, MOST_NOTE = 300, 500


def possible_owners(problem: Problem) -> QuerySet[User]:
    """Who serves the customer, and the customer's contacts: some things only they can change."""
    ours = Q(memberships__team__customers=problem.customer_id, customer__isnull=True)
    theirs = Q(customer=problem.customer_id, role=User.Role.CONTACT)
    return User.objects.filter(ours | theirs, is_active=True).distinct().order_by("customer_id", "name", "pk")


@transaction.atomic
def add(problem: Problem, *, by: User, kind: str, text: str, owner: User, due_on: date) -> Action:
    """Somebody does something until a day. Said twice, it stands once."""
    now = moment.now()
    problem = locked(problem)
    moves.check(problem, "add_action", by=by)
    text = _checked(problem, kind, text, owner)
    if due_on < now.date():
        raise Refused(_("Please choose a day in the future."))
    try:
        with transaction.atomic():
            action = Action.objects.create(
                problem=problem, customer_id=problem.customer_id, kind=kind, text=text, owner=owner, due_on=due_on,
                created_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise MoveRefused(_("This is agreed already.")) from None
    change(problem, by=by)
    record(problem, Kind.ACTION_ADDED, by=by, at=now, text=text, owner=owner.name, due_on=due_on)
    return action


def _checked(problem: Problem, kind: str, text: str, owner: User) -> str:
    text = clean(text)
    if kind not in Action.Kind.values:
        raise Refused(_("Please say what it is for: to prevent it, to notice it sooner, or to lessen the harm."))
    if not text:
        raise Refused(_("Please say what is to be done."))
    if len(text) > MOST_TEXT:
        raise Refused(
            _("This text has %(length)d characters; at most %(most)d can be kept.")
            % {"length": len(text), "most": MOST_TEXT}
        )
    if not possible_owners(problem).filter(pk=owner.pk).exists():
        raise Refused(_("%(name)s neither serves this customer nor speaks for it.") % {"name": owner.name})
    return text


@transaction.atomic
def move(action: Action, *, by: User, owner: User, due_on: date) -> Action:
    """Another person, another day."""
    action, problem = _both(action, by)
    if action.state != "to_do":
        raise MoveRefused(_("Meanwhile it is done or dropped."))
    _checked(problem, action.kind, action.text, owner)
    if due_on < moment.now().date() and due_on != action.due_on:
        raise Refused(_("Please choose a day in the future."))
    if (owner.pk, due_on) != (action.owner_id, action.due_on):
        action.owner, action.due_on = owner, due_on
        action.save(update_fields=["owner", "due_on"])
        _note(problem, Kind.ACTION_CHANGED, by, action, owner=owner.name, due_on=due_on)
    return action


@transaction.atomic
def finish(action: Action, *, by: User) -> Action:
    """Done; in 30 days somebody looks whether it helped."""
    now = moment.now()
    action, problem = _both(action, by)
    if action.state == "dropped":
        raise MoveRefused(_("It was dropped meanwhile."))
    if action.done_at is None:
        action.done_at, action.done_by, action.check_on = now, by, (now + CHECK_AFTER).date()
        action.save(update_fields=["done_at", "done_by", "check_on"])
        _note(problem, Kind.ACTION_DONE, by, action)
    return action


@transaction.atomic
def drop(action: Action, *, by: User, reason: str) -> Action:
    """It is not done, and why."""
    action, problem = _both(action, by)
    reason = clean(reason)[:MOST_NOTE]
    if not reason:
        raise Refused(_("Please say why it is dropped."))
    if action.state != "to_do":
        raise MoveRefused(_("Meanwhile it is done or dropped."))
    action.dropped_at, action.note = moment.now(), reason
    action.save(update_fields=["dropped_at", "note"])
    _note(problem, Kind.ACTION_DROPPED, by, action, reason=reason)
    return action


@transaction.atomic
def check_effect(action: Action, *, by: User, effect: str, note: str = "") -> Action:
    """Did it help? Yes, no, or nobody can tell; "no" wants a word about what was seen."""
    action, problem = _both(action, by)
    note = clean(note)[:MOST_NOTE]
    if effect not in Action.Effect.values:
        raise Refused(_("Please say whether it helped."))
    if effect == Action.Effect.NO and not note:
        raise Refused(_("Please say what has shown that it did not help."))
    if action.state not in ("to_check", "checked"):
        raise MoveRefused(_("It is not done yet: whether it helps shows later."))
    action.effect, action.note, action.checked_at, action.checked_by = effect, note, moment.now(), by
    action.save(update_fields=["effect", "note", "checked_at", "checked_by"])
    _note(problem, Kind.EFFECT_CHECKED, by, action, effect=effect)
    return action


def ask_effects(now: datetime | None = None) -> int:
    """Asks whoever did it whether it has helped, once, on the day; while the service is down nobody is asked."""
    now = now or moment.now()
    due = Action.objects.filter(done_at__isnull=False, effect="", asked_at__isnull=True, check_on__lte=now.date())
    due = due.exclude(problem__status__in=Problem.WAITING)
    return sum(_ask(action, now) for action in due.select_related("problem").order_by("check_on", "pk")[:200])


@transaction.atomic
def _ask(action: Action, now: datetime) -> int:
    problem = locked(action.problem)
    mine = problem.actions.filter(pk=action.pk, asked_at__isnull=True, effect="")
    if problem.status in Problem.WAITING or not mine.update(asked_at=now):
        return 0
    record(problem, Kind.EFFECT_DUE, by=None, at=now, action=action.pk, text=action.text)
    return 1


def _both(action: Action, by: User) -> tuple[Action, Problem]:
    problem = locked(action.problem)
    moves.check(problem, "work_action", by=by)
    found = problem.actions.select_for_update(no_key=True, of=("self",)).select_related("owner").filter(pk=action.pk)
    action = found.first()  # type: ignore[assignment]  # None is told apart right here
    if action is None:
        raise MoveRefused(_("Meanwhile it stands at another problem."))
    return action, problem


def _note(problem: Problem, kind: Kind, by: User, action: Action, **data: object) -> None:
    change(problem, by=by)
    record(problem, kind, by=by, at=moment.now(), text=action.text, **data)
