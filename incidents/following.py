"""Who else wants to know: "this hits me too", following, and stopping; the desk adds people of the same customer."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents import moves
from incidents.journal import Kind, record
from incidents.models import Follow, Incident
from incidents.moves import locked
from itsm import moment
from itsm.refusal import Refused

Why = Follow.Why


@transaction.atomic
def join(incident: Incident, *, by: User, person: User | None = None, why: str = Why.ME_TOO) -> Follow:
    """`person`, by default `by`, is told of this incident from now on; said again with another reason, that one counts.

    It gives the right to read the incident as the customer's people read it, and nothing else.
    """
    now, person = moment.now(), person or by
    if why not in Why.values:
        raise Refused(_("Please say whether it hits you too, or whether you follow it."))
    incident = locked(incident)
    moves.check(incident, "join", by=by)
    _refuse_wrong_person(incident, by, person)
    follow = incident.followers.filter(person=person, ended_at__isnull=True).first()
    if follow and follow.why == why:
        return follow
    if follow:
        follow.why = why
        follow.save(update_fields=["why"])
    else:
        follow = _begin(incident, person, why, by, now)
    record(incident, Kind.JOINED, by=by, at=now, person=person.pk, why=why)
    return follow


@transaction.atomic
def leave(incident: Incident, *, by: User, person: User | None = None) -> bool:
    """`person` is not told of it any more. Returns whether they were."""
    now, person = moment.now(), person or by
    incident = locked(incident)
    moves.check(incident, "leave", by=by)
    if by.is_customer_side and person.pk != by.pk:
        raise Refused(_("People decide for themselves what they follow."))
    ended = incident.followers.filter(person=person, ended_at__isnull=True).update(ended_at=now)
    if ended:
        record(incident, Kind.LEFT, by=by, at=now, person=person.pk)
    return bool(ended)


@transaction.atomic
def how_often(incident: Incident, *, by: User, mode: str) -> Follow:
    """How often `by` is told of this one incident, whatever they have chosen for all that they follow."""
    if mode not in Follow.Mode.values:
        raise Refused(_("Please choose how often."))
    follow = locked(incident).followers.filter(person=by, ended_at__isnull=True).first()
    if follow is None:
        raise Refused(_("You do not follow it any more."))
    follow.mode = mode
    follow.save(update_fields=["mode"])
    return follow


def carry_over(incident: Incident, *, into: Incident, by: User, at: datetime) -> None:
    """Two reports became one: whoever was told of the one is told of the other. Both are locked."""
    there = set(into.followers.filter(ended_at__isnull=True).values_list("person", flat=True)) | {into.reporter_id}
    here = incident.followers.filter(ended_at__isnull=True, person__is_active=True).select_related("person")
    moving = [(incident.reporter, Why.ME_TOO), *((follow.person, follow.why) for follow in here.order_by("pk"))]
    for person, why in moving:
        if person.pk not in there and person.is_active and person.customer_id == into.customer_id:
            _begin(into, person, why, by, at)
            there.add(person.pk)


def _begin(incident: Incident, person: User, why: str, by: User, at: datetime) -> Follow:
    return Follow.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        person=person,
        why=why,
        added_by=None if by.pk == person.pk else by,
        created_at=at,
    )


def _refuse_wrong_person(incident: Incident, by: User, person: User) -> None:
    if by.is_customer_side and person.pk != by.pk:
        raise Refused(_("People decide for themselves what they follow."))
    if person.customer_id != incident.customer_id:
        raise Refused(_("This person belongs to another customer."))
    if not person.is_active:
        raise Refused(_("%(name)s has no log-in any more.") % {"name": person.name})
    if person.pk == incident.reporter_id:
        raise Refused(_("%(name)s has reported it and is told of everything anyway.") % {"name": person.name})
