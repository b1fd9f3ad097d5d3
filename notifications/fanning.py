"""What a major incident says goes on to everybody whose report has joined it: to each by their own report.

The relay only notes that it has to; workers do it in batches, each in one transaction with the mark how far it went.
A report that joins meanwhile is told by its own event; the database keeps a person from being told of one event twice.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Min
from django.db.models.functions import Now

from incidents import family, keeping_up
from incidents.models import Follow, Incident, IncidentEvent
from incidents.models.incident import IncidentQuerySet
from itsm import jobs, wakeup
from itsm.events import Event
from notifications import lanes, routing
from notifications.audience import RULES, Told
from notifications.models import Delivery, FanOut

BATCH = 500
TASK = "notifications.tasks.fan_out"


def begin(event: Event) -> None:
    """Called by the relay for each event: what is said to others too has to go on to them."""
    if not isinstance(event, IncidentEvent) or event.kind not in family.TOLD or event.data.get("with_parent"):
        return
    number = _joined(event)[: routing.MANY + 1].count()
    if number:
        values = {"customer_id": event.customer_id, "is_many": number > routing.MANY}
        FanOut.objects.get_or_create(event=event, defaults=values)
        wakeup.after_commit(TASK)


def go_on(seconds: float = 20) -> None:
    """Takes up what nobody works at, for so long; the oldest first."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (job := jobs.claim(FanOut.objects.at_work())):
        while work(job):
            if time.monotonic() > until:
                jobs.lay_down(job)
                wakeup.after_commit(TASK)
                return


def oldest_due() -> timedelta:
    """How long the oldest has been on its way."""
    return FanOut.objects.at_work().aggregate(age=Now() - Min("begun_at"))["age"] or timedelta()


def work(job: FanOut) -> bool:
    """One batch of reports; False when there was none left.

    First these follow their parent: whoever reads that it works again finds the same on their own page.
    """
    parent = IncidentEvent.objects.values_list("incident", flat=True).get(pk=job.event_id)
    if keeping_up.keep_up(parent):
        jobs.sign(job)
        return True
    with transaction.atomic():
        job = FanOut.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
        if job.done_at:
            return False
        event = IncidentEvent.objects.select_related(*_NAMED).get(pk=job.event_id)
        batch = list(_joined(event).filter(pk__gt=job.cursor).select_related("reporter").order_by("pk")[:BATCH])
        _tell(event, batch, is_many=job.is_many)
        job.cursor = batch[-1].pk if batch else job.cursor
        FanOut.objects.filter(pk=job.pk).update(
            cursor=job.cursor, children=F("children") + len(batch), seen_at=Now(),
            done_at=None if len(batch) == BATCH else Now(),
        )  # fmt: skip
    return len(batch) == BATCH


_NAMED = ("actor", "message", "incident__customer", "incident__policy", "incident__service", "incident__owner")


def _joined(event: IncidentEvent) -> IncidentQuerySet:
    rows = Incident.objects.joined().filter(parent=event.incident_id, customer=event.customer_id)
    return rows.exclude(status=Incident.Status.CANCELLED)


def _tell(event: IncidentEvent, batch: Sequence[Incident], *, is_many: bool) -> None:
    told = people(event, batch)
    rows = routing.deliveries_to_joined(event, told, is_many=is_many)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    lanes.wake(row.channel for row in rows if row.state == Delivery.State.QUEUED)


def people(event: IncidentEvent, batch: Sequence[Incident]) -> list[Told]:
    """Whoever reported one of these and whoever follows it, each once, in two queries."""
    kind = RULES[event.kind][0][0]
    told: dict[int, Told] = {}
    for child in batch:
        if child.reporter.is_active and child.reporter.customer_id == child.customer_id:
            told.setdefault(child.reporter_id, Told(child.reporter, kind, "reporter", of=child))
    by_key = {child.pk: child for child in batch}
    follows = Follow.objects.filter(incident__in=by_key, ended_at__isnull=True, person__customer=event.customer_id)
    for follow in follows.select_related("person").order_by("why", "pk"):
        if follow.person.is_active:
            why = "me_too" if follow.why == Follow.Why.ME_TOO else "follower"
            told.setdefault(follow.person_id, Told(follow.person, kind, why, of=by_key[follow.incident_id]))
    return [each for each in told.values() if each.person.pk != event.actor_id]
