"""What happens to a major incident happens to the reports that joined it, in the background and in batches.

Nothing is remembered of how far it went: who is behind is asked for, so it may run twice, at once, or be killed in
between. All instants are the parent's own, however late a worker comes.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.db.models.functions import Now

from incidents import children, clocks, family
from incidents.journal import Kind, event, record_all
from incidents.models import CallTask, Clock, Incident, IncidentEvent, MajorIncident
from incidents.models.incident import IncidentQuerySet
from itsm import wakeup

Status = Incident.Status
BATCH = 200
# After these on a parent, or after a report has joined, somebody may be behind.
MOVING = {
    Kind.UPDATED, Kind.WAITING, Kind.RESTORED, Kind.RESOLVED, Kind.CLOSED, Kind.RELAPSED, Kind.CANCELLED,
}  # fmt: skip
CHANGED = [
    "status", "pending_reason", "question", "restored_by", "restored_at", "outcome", "resolved_at", "closed_at",
    "reopened", "version",
]  # fmt: skip
ENDING_WITH_IT = (Clock.Kind.RESPONSE, Clock.Kind.REPLY, Clock.Kind.TEAM, Clock.Kind.CLOSE_OUT)


def notice(happened: IncidentEvent) -> None:
    """Called for each event: marks the parent whose children have to follow, in the same transaction."""
    if happened.kind in MOVING and Incident.objects.filter(parent=happened.incident_id).exists():
        _mark(happened.incident_id)
    elif happened.kind == Kind.ATTACHED_TO and (parent := happened.incident.parent):
        if behind(parent).filter(pk=happened.incident_id).exists():  # thousands join, and mostly nothing is to be done
            _mark(parent.pk)


def go_on(seconds: float = 5) -> int:
    """Lets children follow, for so long. Returns how many steps were taken; any number of workers may run it."""
    until, done = time.monotonic() + seconds, 0
    for mark in MajorIncident.objects.filter(behind_since__isnull=False).order_by("behind_since", "pk")[:50]:
        while moved := keep_up(mark.incident_id):
            done += moved
            if time.monotonic() > until:
                wakeup.after_commit("incidents.tasks.keep_up")
                return done
        _all_here(mark)
    return done


def oldest_due() -> timedelta:
    """How long the longest have been waiting to follow."""
    return MajorIncident.objects.aggregate(age=Now() - Min("behind_since"))["age"] or timedelta()


def behind(parent: Incident) -> IncidentQuerySet:
    """Those of its children that have yet to follow it."""
    late = Q(pk__in=[])
    if parent.status in Incident.WORKS:
        late |= Q(status__in=Incident.DOWN)
    if parent.status in (Status.RESOLVED, Status.CLOSED):
        late |= Q(status=Status.RESTORED)
    if parent.status == Status.CLOSED:
        late |= Q(status=Status.RESOLVED)
    if parent.is_down:
        late |= Q(status__in=Incident.WORKS)
    if parent.status == Status.CANCELLED:
        late |= Q(status__in=Incident.OPEN)
    if family.by_people(family.words(parent)).exists():
        late |= Q(Exists(Clock.objects.active().filter(incident=OuterRef("pk"), kind=Clock.Kind.RESPONSE)))
    return Incident.objects.filter(parent=parent).joined().filter(late)


@transaction.atomic
def keep_up(parent_pk: int, most: int = BATCH) -> int:
    """One batch of them, each in all the steps it has to take; those another worker holds are left to it."""
    parent = Incident.objects.select_related("policy").get(pk=parent_pk)
    rows = behind(parent).select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:most])
    if not keys:
        return 0
    found = list(Incident.objects.filter(pk__in=keys).select_related("policy", "team__calendar").order_by("pk"))
    _answer(parent, found)
    if parent.status == Status.CANCELLED:
        for child in found:
            children.detach(child, by=None)
    elif parent.is_down:
        _relapse(parent, [child for child in found if child.status in Incident.WORKS])
    else:
        _end(parent, found)
    return len(keys)


def _mark(parent: int) -> None:
    MajorIncident.objects.filter(incident=parent).update(behind_since=Now())
    wakeup.after_commit("incidents.tasks.keep_up")


def _all_here(mark: MajorIncident) -> None:
    """The mark goes when nobody is behind, also none that another worker holds; one set meanwhile stays."""
    parent = Incident.objects.get(pk=mark.incident_id)
    if not behind(parent).exists():
        same = MajorIncident.objects.filter(pk=mark.pk, behind_since=mark.behind_since)
        same.update(behind_since=None)


def _answer(parent: Incident, found: Sequence[Incident]) -> None:
    """The first human word on the parent answers them all: when it was said, or when they joined and were shown it."""
    said = family.by_people(family.words(parent)).order_by("occurred_at")
    first = said.values_list("occurred_at", flat=True).first()
    if first is None:
        return
    ends = []
    for clock in _active(found, [Clock.Kind.RESPONSE]):
        ends.append((clock, max(clock.incident.joined_at or first, first), False))
    clocks.end_many(ends)


def _active(found: Sequence[Incident], kinds: Sequence[str]) -> list[Clock]:
    by_key = {child.pk: child for child in found}
    rows = list(Clock.objects.active().filter(incident__in=by_key, kind__in=kinds).select_for_update(no_key=True))
    for clock in rows:
        clock.incident = by_key[clock.incident_id]
    return rows


def _end(parent: Incident, found: Sequence[Incident]) -> None:
    """Works again, solved, closed: whatever of that has happened to the parent and not to them."""
    steps: list[tuple[Callable[..., list[IncidentEvent]], datetime | None]] = [
        (_restore, parent.restored_at),
        (_resolve, parent.resolved_at if parent.status in (Status.RESOLVED, Status.CLOSED) else None),
        (_close, parent.closed_at if parent.status == Status.CLOSED else None),
    ]
    events = [happened for step, at in steps if at for child in found for happened in step(child, parent, at)]
    over = Incident.WORKS[1:]
    restoring = _active(found, [Clock.Kind.RESTORE])
    ends = [(clock, clock.incident.restored_at or clock.started_at, False) for clock in restoring]
    rest = [clock for clock in _active(found, ENDING_WITH_IT) if clock.incident.status in over]
    ends += [(clock, clock.incident.resolved_at or clock.started_at, False) for clock in rest]
    Incident.objects.bulk_update(found, CHANGED)
    clocks.end_many(ends)
    _drop_calls(found, parent)
    record_all(sorted(events, key=lambda each: (each.incident_id, each.occurred_at)))


def _restore(child: Incident, parent: Incident, at: datetime) -> list[IncidentEvent]:
    if not child.is_down:
        return []
    child.status, child.pending_reason, child.question = Status.RESTORED, "", ""
    child.restored_by, child.restored_at = parent.restored_by, max(at, child.opened_at)
    child.outcome = parent.outcome
    return [_followed(child, Kind.RESTORED, parent, child.restored_at, restored_by=parent.restored_by)]


def _resolve(child: Incident, parent: Incident, at: datetime) -> list[IncidentEvent]:
    if child.status != Status.RESTORED:
        return []
    child.status, child.resolved_at = Status.RESOLVED, max(at, child.restored_at or at)
    return [_followed(child, Kind.RESOLVED, parent, child.resolved_at)]


def _close(child: Incident, parent: Incident, at: datetime) -> list[IncidentEvent]:
    if child.status != Status.RESOLVED:
        return []
    child.status, child.closed_at = Status.CLOSED, max(at, child.resolved_at or at)
    return [_followed(child, Kind.CLOSED, parent, child.closed_at)]


def _followed(child: Incident, kind: Kind, parent: Incident, at: datetime, **more: Any) -> IncidentEvent:
    child.version += 1
    return event(child, kind, by=None, at=at, with_parent=parent.reference, **more)


def _drop_calls(found: Sequence[Incident], parent: Incident) -> None:
    """Nobody is called about a trouble that is over; who asked to be called still is, until all is closed."""
    open_calls = CallTask.objects.to_make().filter(incident__in=found)
    if parent.status != Status.CLOSED:
        open_calls = open_calls.filter(why__in=[CallTask.Why.URGENT, CallTask.Why.UNREACHED])
    open_calls.exclude(why=CallTask.Why.UNHAPPY).update(
        outcome=CallTask.Outcome.NOT_NEEDED, done_at=parent.restored_at, done_by=None
    )


def _relapse(parent: Incident, found: Sequence[Incident]) -> None:
    """Down again with it; the restore clock goes on with the time already used, from the parent's instant."""
    relapsed = parent.events.filter(kind=Kind.RELAPSED).order_by("-pk").values_list("occurred_at", flat=True)
    at = relapsed.first() or parent.opened_at
    events = []
    for child in found:
        child.status = Status.IN_PROGRESS if child.owner_id else Status.NEW
        child.restored_at = child.resolved_at = child.closed_at = None
        child.restored_by = child.outcome = ""
        child.reopened += 1
        events.append(_followed(child, Kind.RELAPSED, parent, at))
    Incident.objects.bulk_update(found, CHANGED)
    for child in found:
        clocks.relapse(child, at)
    record_all(events)
