"""What those see who run a major incident: who does what, what was promised, how long it is watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from customers.models import User
from incidents import majors
from incidents.models import Clock, Incident, IncidentEvent, MajorIncident, MajorRole
from incidents.queries import ClockFace

ROLES = MajorRole.Kind.choices


@dataclass(frozen=True)
class Seat:
    """A role, and who has it now."""

    kind: str
    label: Any
    taken: MajorRole | None
    is_mine: bool

    @property
    def is_managers(self) -> bool:
        return self.kind == MajorRole.Kind.MANAGER


@dataclass(frozen=True)
class Room:
    """Everything that the room shows beyond the incident itself."""

    major: MajorIncident
    seats: list[Seat]
    warnings: list[str]
    handed_over: MajorRole | None  # who ran it before, with the note they left
    asks_for_successor: bool
    is_watched: bool
    has_held: bool  # it was watched for long enough: the desk is asked to resolve it
    awaits_first_word: bool  # nobody has told people anything since it was declared
    promise: ClockFace | None
    token: str

    @property
    def manager(self) -> MajorRole | None:
        return self.seats[0].taken

    @property
    def is_mine(self) -> bool:
        return self.seats[0].is_mine


def room(
    incident: Incident, user: User, clocks: Sequence[ClockFace], events: Sequence[IncidentEvent], now: datetime
) -> Room:
    """One question; `incident` must come out of `queries.with_people`, the rest out of its dossier."""
    major = incident.major
    rows = list(incident.major_roles.select_related("person").order_by("pk"))
    taken = {row.kind: row for row in rows if row.until is None}
    seats = [Seat(kind, label, row := taken.get(kind), bool(row and row.person_id == user.pk)) for kind, label in ROLES]
    left = [row for row in rows if row.kind == MajorRole.Kind.MANAGER and row.handover_note]
    restored, until = incident.status == Incident.Status.RESTORED, major.watch_until
    return Room(
        major=major,
        seats=seats,
        warnings=majors.warnings_about(taken, now) if incident.is_open else [],
        handed_over=left[-1] if left else None,
        asks_for_successor=incident.is_down and major.handover_due_at is not None and major.handover_due_at <= now,
        is_watched=restored and until is not None and now < until,
        has_held=restored and until is not None and now >= until,
        awaits_first_word=incident.is_down and not any(_is_our_word(event, major) for event in events),
        promise=_promise(clocks),
        token=token(max((event.pk for event in events), default=0), now),
    )


def _is_our_word(event: IncidentEvent, major: MajorIncident) -> bool:
    said = event.message is not None and event.message.is_public and event.occurred_at >= major.declared_at
    return said and event.actor is not None and not event.actor.is_customer_side


def token(last_event: int, now: datetime) -> str:
    """Changes when anything happened, and each minute because time passes."""
    return f"{last_event}-{int(now.timestamp()) // 60}"


def token_of(incident: Incident, now: datetime) -> str:
    """The same without the rest of the room; in one question."""
    last = incident.events.order_by("-pk").values_list("pk", flat=True).first()
    return token(last or 0, now)


def _promise(faces: Sequence[ClockFace]) -> ClockFace | None:
    owed = [face for face in faces if face.kind in Clock.PROMISES and face.state == Clock.State.RUNNING]
    return min(owed, key=lambda face: face.due_at or datetime.max.replace(tzinfo=UTC), default=None)
