"""Reports of the same trouble join a major incident, leave it again, or say that it still does not work for them.

Nobody queues for the parent: a report that joins looks at it under a lock that only keeps it from joining elsewhere
itself, so that thousands may join while its updates go on.
"""

import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import User
from incidents import calls, clocks, family, lifecycle, moves, waiting
from incidents.journal import Kind, record
from incidents.models import CallTask, Clock, Incident, IncidentEvent
from incidents.models.incident import IncidentQuerySet
from incidents.moves import MoveRefused, locked
from incidents.opening import open_incident
from itsm import moment
from itsm.refusal import Refused

Status = Incident.Status
AT_ONCE = 200  # so many join with one press of a button
EARLIER = timedelta(minutes=15)  # as long before the first report of the major others may have noticed it


@transaction.atomic
def attach(child: Incident, *, to: Incident, by: User, at: datetime | None = None) -> Incident:
    """`child` is one more report of `to`, a major incident: from now on its news and its promises are those of `to`.

    Said again it changes nothing; who went on alone may join again.
    """
    now = at or moment.now()
    if child.pk == to.pk:
        raise Refused(_("An incident cannot join itself. Please choose the major incident it belongs to."))
    child, parent = _both(child, to)
    if child.parent_id == parent.pk and not child.is_dissent:
        return child
    moves.check(child, "attach_to", by=by)
    _refuse_stranger(child, parent, by)
    _refuse_child(child, parent)
    _refuse_parent(child, parent)
    waiting.end(child, now)
    child.parent, child.joined_at, child.is_dissent = parent, now, False
    child.version += 1
    child.save(update_fields=["parent", "joined_at", "is_dissent", "version"])
    if family.by_people(family.words(parent)).exists():  # they are shown and sent it now
        clocks.stop(child, Clock.Kind.RESPONSE, now)
    clocks.cancel(child, now, kinds=[Clock.Kind.UPDATE, Clock.Kind.TEAM])
    calls.drop(child, now, CallTask.Why.URGENT, CallTask.Why.UNREACHED)
    promised = clocks.open_promise(parent)
    record(child, Kind.ATTACHED_TO, by=by, at=now, parent=parent.reference, next_update_at=promised)
    return child


@transaction.atomic
def report_too(parent: Incident, *, by: User, client_token: uuid.UUID | None = None) -> Incident:
    """ "I have this too", nothing to type: a report of their own that has joined. A second click gives the first."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    mine = Incident.objects.filter(reporter=by, parent=parent).exclude(status__in=family.OVER)
    if made := mine.order_by("-pk").first():
        return made
    if parent.reporter_id == by.pk:
        return parent
    if not family.known_majors(by).filter(pk=parent.pk).exists():
        raise MoveRefused(
            _("This trouble is over, or is not one of your organisation. Please write what does not work.")
        )
    assert parent.service is not None
    text = _("%(service)s does not work for me either.") % {"service": parent.service.name}
    child = open_incident(by=by, reporter=by, text=text, service=parent.service, client_token=client_token)
    return attach(child, to=parent, by=by, at=child.opened_at)


@transaction.atomic
def detach(child: Incident, *, by: User | None, at: datetime | None = None) -> Incident:
    """It is an incident of its own again; what its reporter was promised by then still stands."""
    now = at or moment.now()
    child = locked(child)
    if child.parent is None:
        return child
    moves.check(child, "detach", by=by)
    parent, was_joined = child.parent, child.is_joined
    child.parent, child.joined_at, child.is_dissent = None, None, False
    child.version += 1
    child.save(update_fields=["parent", "joined_at", "is_dissent", "version"])
    promised = _on_its_own(child, parent, now) if was_joined else clocks.open_promise(child)
    record(child, Kind.DETACHED, by=by, at=now, parent=parent.reference, next_update_at=promised)
    return child


@transaction.atomic
def dissent(child: Incident, *, by: User, text: str = "", client_token: uuid.UUID | None = None) -> Incident:
    """The parent works again, but not for this person: this report goes on alone, and the parent stays as it is."""
    child = locked(child)
    if child.parent is None:
        raise MoveRefused(_("%(reference)s has joined no other incident.") % {"reference": child.reference})
    if child.is_dissent:
        return child
    moves.check(child, "dissent", by=by)
    return lifecycle.still_broken(child, by=by, text=text, client_token=client_token)


def note_dissent(event: IncidentEvent) -> None:
    """The same on the timeline of the parent, for whoever runs that; called once for the event of a child."""
    if event.incident.parent is None or "parent" not in event.data:
        return
    parent = locked(event.incident.parent)
    record(parent, Kind.DISSENTED, by=event.actor, at=event.occurred_at, child=event.incident.reference)


def could_join(parent: Incident) -> IncidentQuerySet:
    """Reports of the same burst: of the same service, not long before the major's own or since, and still down."""
    if not parent.is_major or not parent.is_down or parent.service_id is None:
        return Incident.objects.none()
    near = Incident.objects.down().filter(customer=parent.customer_id, service=parent.service_id)
    near = near.filter(parent__isnull=True, is_major=False, opened_at__gte=parent.opened_at - EARLIER)
    return near.exclude(pk=parent.pk).filter(children__isnull=True).order_by("opened_at", "pk")


def join_burst(parent: Incident, *, by: User) -> int:
    """All of them join, each in a transaction of its own; at most `AT_ONCE`. Returns how many did."""
    joined = 0
    for child in could_join(parent).visible_to(by)[:AT_ONCE]:
        try:
            attach(child, to=parent, by=by)
        except Refused:  # restored or joined elsewhere a moment ago: the others still join
            continue
        joined += 1
    return joined


def _both(child: Incident, parent: Incident) -> tuple[Incident, Incident]:
    """Locked in one order, whoever attaches what; then read again.

    The child alone against everything, also against others that join it just now. The parent only as a reference
    does: it can be updated meanwhile, and others can join it, but it cannot become a child itself.
    """
    for number in sorted((child.pk, parent.pk)):
        if number == child.pk:
            Incident.objects.select_for_update().only("pk").get(pk=number)
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM incidents_incident WHERE id = %s FOR KEY SHARE", [number])
    return locked(child), Incident.objects.select_related("policy", "service", "parent").get(pk=parent.pk)


def _refuse_stranger(child: Incident, parent: Incident, by: User) -> None:
    if child.customer_id != parent.customer_id:
        raise Refused(_("Only reports of the same customer can join an incident."))
    if by.is_customer_side:
        known = family.known_majors(by).filter(pk=parent.pk).exists()
        if child.reporter_id != by.pk or not known:
            raise Refused(_("People decide for their own reports what they belong to."))


def _refuse_child(child: Incident, parent: Incident) -> None:
    words = {"reference": child.reference, "parent": child.parent.reference if child.parent else ""}
    if child.is_major:
        raise MoveRefused(_("%(reference)s is a major incident itself. Please downgrade it first.") % words)
    if child.parent_id not in (None, parent.pk):
        raise MoveRefused(_("%(reference)s belongs to %(parent)s already. Please take it off there first.") % words)
    number = child.children.count()
    if number:
        raise MoveRefused(
            ngettext(
                "%(count)d report has joined %(reference)s: it cannot join another one itself.",
                "%(count)d reports have joined %(reference)s: it cannot join another one itself.",
                number,
            )
            % (words | {"count": number})
        )


def _refuse_parent(child: Incident, parent: Incident) -> None:
    words = {"reference": child.reference, "parent": parent.reference}
    if parent.parent_id is not None:
        raise MoveRefused(_("%(parent)s has joined another incident itself. Please choose that one.") % words)
    if not parent.is_major:
        raise MoveRefused(_("Reports can only join a major incident. Please declare %(parent)s first.") % words)
    if not parent.is_open:
        raise MoveRefused(_("%(parent)s is over: nothing can join it.") % words)
    if parent.restored_at and child.opened_at > parent.restored_at:
        raise MoveRefused(
            _("%(parent)s worked again before %(reference)s was reported. If it is down again, please say so there.")
            % words
        )


def _on_its_own(child: Incident, parent: Incident, at: datetime) -> datetime | None:
    """Its own clocks again; a promise that the parent has given and not kept is owed at once."""
    clocks.start(child, Clock.Kind.TEAM, at) if child.is_down else clocks.start(child, Clock.Kind.CLOSE_OUT, at)
    if not clocks.is_answered(child):
        return clocks.open_promise(child)
    stretch = 1 if child.is_down else clocks.MONITORING_GAP
    clock = clocks.start(child, Clock.Kind.UPDATE, at, due_at=clocks.open_promise(parent), stretch=stretch)
    return clock.due_at if clock else None
