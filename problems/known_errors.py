"""The life of a known error: drafted from what helped, published to the desk, reviewed for customers, retired.

Verbs like all others: lock, check, change, record, in one transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Customer, User
from incidents.models import Incident
from itsm import events, likeness, moment
from itsm.refusal import Refused
from itsm.text import clean
from problems.models import KnownError, KnownErrorEvent, KnownErrorUse
from problems.naming import refuse_names

Kind, Status = KnownErrorEvent.Kind, KnownError.Status
# Besides the words what somebody who edits can set.
SETTINGS = ("service", "category", "problem")


class Stale(Refused):
    """Somebody else changed it since the form was opened."""

    status = 409


class MoveRefused(Refused):
    """It is in a state in which this cannot be done."""

    status = 409


# Verb -> the states in which it is allowed.
MOVES: dict[str, tuple[KnownError.Status, ...]] = {
    "edit": (Status.DRAFT, *KnownError.PUBLISHED),
    "publish": (Status.DRAFT,),
    "review": (Status.AGENTS,),
    "withdraw": (Status.CUSTOMERS,),
    "share": KnownError.PUBLISHED,
    "retire": (Status.DRAFT, *KnownError.PUBLISHED),
    "take_up": (Status.RETIRED,),
    "use": KnownError.PUBLISHED,
}


def why_not(known: KnownError, verb: str, by: User) -> str | None:
    """A sentence why `by` cannot do this now, or None."""
    if by.is_customer_side:
        return _("Only the people at the desk can do this.")
    if known.status not in MOVES[verb]:
        return _("Not possible now: it is “%(status)s”.") % {"status": known.get_status_display()}
    if verb == "review" and not may_review(known, by):
        return _("Somebody else looks at it before customers read it: a lead, or a colleague who did not write it.")
    if verb == "share" and known.is_shared:
        return _("It is shared already.")
    return None


def may_review(known: KnownError, by: User) -> bool:
    """Four eyes, or those of a lead."""
    return by.is_lead or known.written_by_id != by.pk


def allowed_moves(known: KnownError, by: User) -> dict[str, str | None]:
    """Verb -> None, or the sentence why not."""
    return {verb: why_not(known, verb, by) for verb in MOVES}


@transaction.atomic
def draft(customer: Customer, *, by: User, values: Mapping[str, Any]) -> KnownError:
    """Somebody writes down what helps at this customer; nobody reads it before it is published."""
    now = moment.now()
    known = KnownError(customer=customer, written_by=by, created_at=now, changed_at=now)
    _fill(known, values)
    return _begin(known, by, now)


@transaction.atomic
def draft_from(incident: Incident, *, at: datetime) -> KnownError | None:
    """It works again by a workaround: a draft of it, one for each incident, however often this is called (R7).

    None where a known error has helped already: that one needs no second.
    """
    Incident.objects.select_for_update(no_key=True).only("pk").get(pk=incident.pk)
    known = KnownError.objects.filter(drafted_from=incident).first()
    helped = incident.known_error_uses.filter(way=KnownErrorUse.Way.RESTORED).exclude(worked=False)
    if known or helped.exists() or not incident.outcome:
        return known
    said = incident.messages.filter(is_public=True).order_by("pk").values_list("body", flat=True).first()
    known = KnownError(
        customer=incident.customer, service=incident.service, title=incident.title, symptom=said or incident.title,
        workaround=incident.outcome, category=incident.cause_category, drafted_from=incident,
        problem=incident.problems.order_by("-pk").first(), written_by=incident.owner, created_at=at, changed_at=at,
        error_code=", ".join(likeness.codes(said or ""))[:60],
    )  # fmt: skip
    return _begin(known, None, at)


@transaction.atomic
def edit(known: KnownError, *, by: User, values: Mapping[str, Any], expected_version: int | None = None) -> KnownError:
    """Other words. What customers read already is reviewed again, unless who changes it may review it."""
    now = moment.now()
    known = _locked(known, "edit", by)
    if expected_version is not None and expected_version != known.version:
        raise Stale(_("Meanwhile somebody else changed it. Your words are kept: please look and press again."))
    before = {name: getattr(known, name) for name in (*KnownError.WORDS, "service_id", "category", "problem_id")}
    _fill(known, values)
    if before == {name: getattr(known, name) for name in before}:
        return known
    was_read = known.status == Status.CUSTOMERS
    if was_read and not by.is_lead:
        known.status = Status.AGENTS
    known.written_by, known.changed_at = by, now
    _check_names(known)
    _keep(known)
    record(known, Kind.CHANGED, by, now)
    if was_read and known.status == Status.AGENTS:
        record(known, Kind.WITHDRAWN, by, now)
    return known


@transaction.atomic
def publish(known: KnownError, *, by: User) -> KnownError:
    """The desk works with it from now on."""
    return _go_to(known, "publish", Status.AGENTS, Kind.PUBLISHED, by)


@transaction.atomic
def review(known: KnownError, *, by: User) -> KnownError:
    """Read by a second pair of eyes: the customers it is for see it from now on; nobody is named in it."""
    known = _go_to(known, "review", Status.CUSTOMERS, Kind.REVIEWED, by)
    known.reviewed_by, known.reviewed_at = by, moment.now()
    known.save(update_fields=["reviewed_by", "reviewed_at"])
    return known


@transaction.atomic
def withdraw(known: KnownError, *, by: User) -> KnownError:
    """Customers do not read it any more; the desk does."""
    return _go_to(known, "withdraw", Status.AGENTS, Kind.WITHDRAWN, by)


@transaction.atomic
def share(known: KnownError, *, by: User) -> KnownError:
    """It helps others as well: it belongs to nobody any more, and must name nobody, not even whom it came from."""
    now = moment.now()
    known = _locked(known, "share", by)
    came_from = known.customer_id
    known.service_name = known.service_name or (known.service.name if known.service else "")
    known.customer = known.service = known.problem = known.drafted_from = None
    if known.status == Status.CUSTOMERS and not may_review(known, by):
        known.status = Status.AGENTS  # more people read it than it was reviewed for
    _check_names(known)
    _keep(known)
    record(known, Kind.SHARED, by, now, customer=came_from)
    return known


@transaction.atomic
def retire(known: KnownError, *, by: User) -> KnownError:
    """It does not apply any more: nobody is offered it, and its history stays."""
    return _go_to(known, "retire", Status.RETIRED, Kind.RETIRED, by)


@transaction.atomic
def take_up(known: KnownError, *, by: User) -> KnownError:
    """It applies again: the desk works with it."""
    return _go_to(known, "take_up", Status.AGENTS, Kind.TAKEN_UP, by)


def follow_customer(incident: Incident) -> None:
    """It was booked on the wrong customer: a draft out of it goes along; what is published stays whose it is."""
    drafts = KnownError.objects.filter(drafted_from=incident).exclude(customer=incident.customer_id)
    for known in drafts.select_for_update(no_key=True, of=("self",)):
        if known.status == Status.DRAFT:
            known.customer_id, known.service, known.problem = incident.customer_id, None, None
            KnownErrorEvent.objects.filter(known_error=known).update(customer=incident.customer_id)
        else:
            known.drafted_from = None
        _keep(known)


def _go_to(known: KnownError, verb: str, status: KnownError.Status, kind: KnownErrorEvent.Kind, by: User) -> KnownError:
    now = moment.now()
    known = _locked(known, verb, by)
    known.status = status
    if status != Status.RETIRED:
        _check_names(known)
    _keep(known)
    record(known, kind, by, now)
    return known


def _locked(known: KnownError, verb: str, by: User) -> KnownError:
    KnownError.objects.select_for_update(no_key=True).only("pk").get(pk=known.pk)
    known = KnownError.objects.select_related("customer", "service", "problem").get(pk=known.pk)
    if reason := why_not(known, verb, by):
        raise MoveRefused(reason)
    return known


def _fill(known: KnownError, values: Mapping[str, Any]) -> None:
    for name in KnownError.WORDS:
        if name in values:
            setattr(known, name, clean(values[name] or ""))
    for name in SETTINGS:
        if name in values and not (known.is_shared and name != "category"):
            setattr(known, name, values[name] or ("" if name == "category" else None))
    if not known.title or not known.workaround:
        raise Refused(_("Please give it a title and say what helps."))
    for belongs in (known.service, known.problem):
        if belongs and belongs.customer_id != known.customer_id:
            raise Refused(_("This belongs to another customer."))


def _check_names(known: KnownError) -> None:
    """What customers or everybody read names no person; what one customer's desk reads names no other customer."""
    if known.status == Status.DRAFT:
        return
    read_there = known.status == Status.CUSTOMERS or known.is_shared
    names = KnownError.WORDS if known.is_shared or not read_there else KnownError.FOR_CUSTOMERS
    if read_there:
        refuse_names([getattr(known, name) for name in names], of=known.customer, people=True)
    if not known.is_shared:
        refuse_names([getattr(known, name) for name in KnownError.WORDS], of=known.customer, people=False)


def _begin(known: KnownError, by: User | None, at: datetime) -> KnownError:
    known.lexemes = lexemes(known)
    known.save(force_insert=True)
    data = {"incident": known.drafted_from.reference} if known.drafted_from else {}
    record(known, Kind.DRAFTED, by, at, **data)
    return known


def _keep(known: KnownError) -> None:
    known.version += 1
    known.lexemes = lexemes(known)
    known.save()


def looks(known: KnownError) -> str:
    """What an incident's words are compared with."""
    return " ".join(filter(None, [known.title, known.symptom, known.applies_when, known.error_code]))[:1000]


def owner_mark(customer: int | None) -> str:
    """Whose it is, among its lexemes: a search never looks past the customer."""
    return likeness.lexeme("owner", customer or "shared")


def lexemes(known: KnownError) -> list[str]:
    """What it is found by: its words, its error codes, and whose it is."""
    codes = likeness.codes(looks(known))
    if code := "".join(likeness.tokens(known.error_code)):
        codes.append(code)
    return [
        *likeness.words(looks(known), 60),
        *(likeness.lexeme("code", code) for code in codes),
        owner_mark(known.customer_id),
    ]


def record(known: KnownError, kind: KnownErrorEvent.Kind, by: User | None, at: datetime, **data: Any) -> None:
    """One line of its history, under its lock; `data` holds small facts for display only."""
    KnownErrorEvent.objects.create(
        known_error=known, customer_id=known.customer_id, kind=kind, actor=by, occurred_at=at, data=data
    )
    events.announce()
