"""Which reports belong to which major incident, and what of its words is theirs: questions only.

A report that has joined (`Incident.parent`) follows its parent; who said "still not working for me" goes on alone
(`is_dissent`) and is counted beside. docs/joined-reports.md says what follows.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from customers.models import User
from incidents.models import Clock, Incident, IncidentEvent
from incidents.models.incident import IncidentQuerySet

Kind, Status = IncidentEvent.Kind, Incident.Status
# What a parent says to everybody it speaks for. Its questions and answers are between it and its own reporter.
TOLD = (Kind.UPDATED, Kind.WAITING, Kind.RESTORED, Kind.RESOLVED, Kind.CAUSE_GONE)
OVER = (Status.CLOSED, Status.CANCELLED)


@dataclass(frozen=True)
class Counts:
    """How many reports belong to a parent: those that follow it, of them those that work again, and dissenters."""

    joined: int
    restored: int
    dissenting: int

    @property
    def whole(self) -> int:
        return self.joined + self.dissenting


def counts(parent: Incident) -> Counts:
    """In one query; what was withdrawn is not counted."""
    works = Q(status__in=Incident.WORKS, is_dissent=False)
    rows = parent.children.exclude(status=Status.CANCELLED)
    found = rows.aggregate(
        joined=Count("pk", filter=Q(is_dissent=False)),
        restored=Count("pk", filter=works),
        dissenting=Count("pk", filter=Q(is_dissent=True)),
    )
    return Counts(**found)


def words(parent: Incident) -> "QuerySet[IncidentEvent]":
    """What the desk has said on it in public."""
    said = IncidentEvent.objects.filter(incident=parent, kind__in=TOLD, message__is_public=True)
    return said.select_related("actor", "message")


def by_people(said: "QuerySet[IncidentEvent]") -> "QuerySet[IncidentEvent]":
    """What a program says is no answer."""
    return said.exclude(data__has_key="automatic")


def latest_word(parent: Incident) -> IncidentEvent | None:
    """What somebody who joins now reads first."""
    return words(parent).order_by("-occurred_at", "-pk").first()


def told(child: Incident) -> list[IncidentEvent]:
    """What the parent has said to this report: its last word before the report joined, and all since. Newest first.

    To who goes on alone nothing is said any more from then on.
    """
    if child.parent is None or child.joined_at is None:
        return []
    said = words(child.parent)
    if child.is_dissent and (left := child.events.filter(kind=Kind.DISSENTED).order_by("-pk").first()):
        said = said.filter(occurred_at__lt=left.occurred_at)
    before = said.filter(occurred_at__lte=child.joined_at).order_by("-occurred_at", "-pk")[:1]
    return [*said.filter(occurred_at__gt=child.joined_at).order_by("-occurred_at", "-pk"), *before]


def lags() -> Q:
    """A report whose parent works again, or was answered, and to which that has not come yet (`keeping_up`)."""
    works = Exists(Incident.objects.filter(pk=OuterRef("parent"), status__in=Incident.WORKS))
    owed = Exists(Clock.objects.active().filter(incident=OuterRef("pk"), kind=Clock.Kind.RESPONSE))
    said = IncidentEvent.objects.filter(incident=OuterRef("parent"), kind__in=TOLD, message__is_public=True)
    return Q(parent__isnull=False, is_dissent=False) & (
        Q(works, status__in=Incident.DOWN) | Q(owed) & Q(Exists(by_people(said)))
    )


def open_majors(incident: Incident) -> IncidentQuerySet:
    """Declared majors on its service that it could join."""
    if incident.service_id is None or incident.parent_id or incident.is_major or not incident.is_down:
        return Incident.objects.none()
    down = Incident.objects.down().filter(is_major=True, service=incident.service_id)
    return down.filter(customer=incident.customer_id)


def known_majors(person: User) -> IncidentQuerySet:
    """What this person may be told is down at their customer, and has not reported: by the name of the service only.

    Not what looks like an attack, unless they see it anyway.
    """
    down = Incident.objects.down().filter(is_major=True, customer=person.customer_id, service__isnull=False)
    quiet = Q(suspects_attack=False) | Q(pk__in=Incident.objects.visible_to(person).values("pk"))
    mine = person.reported_incidents.exclude(status__in=OVER).filter(parent__isnull=False)
    known = down.filter(quiet).exclude(reporter=person).exclude(pk__in=mine.values("parent"))
    return known.select_related("service", "policy").order_by("priority", "opened_at", "pk")


def since(parent: Incident) -> datetime:
    """When it began, as far as anybody has reported it."""
    first = parent.children.order_by("opened_at").values_list("opened_at", flat=True).first()
    return min(first, parent.opened_at) if first else parent.opened_at
