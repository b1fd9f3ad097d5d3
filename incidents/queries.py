"""The data of whole screens, each in a fixed number of queries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from customers import policy
from customers.models import User
from incidents.models import Clock, Incident, IncidentEvent
from incidents.models.incident import IncidentQuerySet
from incidents.sla import hours, ledger

QUEUE_PAGE = 100
PROMISE_SOON = timedelta(minutes=15)


@dataclass(frozen=True)
class ClockFace:
    """A clock as it is drawn at one moment; seconds are working seconds of the clock's own hours."""

    kind: str
    state: str
    due_at: datetime | None
    remaining_s: int  # negative once it is late
    share_left: float  # 1 full, 0 empty
    paused_reason: str = ""
    breached_at: datetime | None = None

    @property
    def is_late(self) -> bool:
        return self.breached_at is not None or self.remaining_s < 0

    @property
    def meaning(self) -> str:
        """calm, attention (a quarter or less is left), late, paused or done: the state as the reader needs it."""
        if self.state in (Clock.State.STOPPED, Clock.State.CANCELLED):
            return "late" if self.breached_at else "done"
        if self.is_late:
            return "late"
        if self.state == Clock.State.PAUSED:
            return "paused"
        return "attention" if self.share_left <= 0.25 else "calm"


def face(clock: Clock, terms: policy.Terms, now: datetime) -> ClockFace:
    book = ledger.from_json(clock.ledger)
    left = clock.target_s - ledger.elapsed(book, now, terms.calendars)
    last = book.segments[-1]
    if clock.state == Clock.State.RUNNING and clock.due_at:
        running_on = terms.calendars[last.hours_key]
        late = clock.due_at < now
        gap = hours.elapsed(running_on, *sorted((clock.due_at, now)))
        left = -gap if late else gap
    return ClockFace(
        kind=clock.kind,
        state=clock.state,
        due_at=clock.due_at,
        remaining_s=left,
        share_left=max(0.0, min(1.0, left / clock.target_s)) if clock.target_s else 0.0,
        paused_reason=last.reasons[-1] if last.reasons and clock.state == Clock.State.PAUSED else "",
        breached_at=clock.breached_at,
    )


@dataclass(frozen=True)
class Row:
    """An incident in a list, with the two clocks that matter."""

    incident: Incident
    promise: ClockFace | None
    restore: ClockFace | None


ACTIVE_CLOCKS = Prefetch("clocks", queryset=Clock.objects.active(), to_attr="active_clocks")


def with_clocks(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """The same incidents with what `row` needs, in one more query however many there are."""
    return incidents.select_related("customer", "service", "owner", "reporter", "policy").prefetch_related(
        ACTIVE_CLOCKS
    )


def row(incident: Incident, now: datetime) -> Row:
    """`incident` must come out of `with_clocks`."""
    terms = policy.terms(incident.policy)
    faces = {clock.kind: face(clock, terms, now) for clock in incident.active_clocks}  # type: ignore[attr-defined]
    promise = faces.get(Clock.Kind.UPDATE) or faces.get(Clock.Kind.RESPONSE)
    return Row(incident=incident, promise=promise, restore=faces.get(Clock.Kind.RESTORE))


View = Callable[[IncidentQuerySet, User, datetime], IncidentQuerySet]
# The desk's standing views, in the order of their menu: key -> (label, filter).
VIEWS: dict[str, tuple[object, View]] = {
    "open": (_("Everything open"), lambda rows, user, now: rows),
    "mine": (_("Mine"), lambda rows, user, now: rows.filter(owner=user)),
    "unowned": (_("Nobody yet"), lambda rows, user, now: rows.unowned()),
    "promises": (_("Promises due"), lambda rows, user, now: rows.promise_due_by(now + PROMISE_SOON)),
    "risk": (_("At risk"), lambda rows, user, now: rows.at_risk(now)),
    "waiting": (_("Waiting"), lambda rows, user, now: rows.filter(status=Incident.Status.PENDING)),
    "majors": (_("Majors"), lambda rows, user, now: rows.filter(is_major=True)),
}


@dataclass(frozen=True)
class QueueView:
    key: str
    label: object
    count: int


def queue(user: User, view: str, now: datetime, search: str = "") -> list[Row]:
    """The rows of one view in queue order, the first `QUEUE_PAGE` of them."""
    _label, narrow = VIEWS[view]
    rows = narrow(Incident.objects.visible_to(user).open(), user, now)
    if search:
        rows = rows.filter(
            Q(reference__iexact=search) | Q(title__icontains=search) | Q(customer__name__icontains=search)
        )
    return [row(incident, now) for incident in with_clocks(rows.in_queue_order(now))[:QUEUE_PAGE]]


def queue_views(user: User, now: datetime) -> list[QueueView]:
    """Each view with its count, by the same filters as the lists and in one query."""
    visible = Incident.objects.visible_to(user).open()
    counts = visible.aggregate(
        **{
            key: Count("pk", filter=Q(pk__in=narrow(Incident.objects.open(), user, now).values("pk")))
            for key, (_label, narrow) in VIEWS.items()
        }
    )
    return [QueueView(key, label, counts[key]) for key, (label, _narrow) in VIEWS.items()]


def timeline(incident: Incident, user: User) -> list[IncidentEvent]:
    """What happened, newest first, as far as `user` may read it; in one query."""
    events = IncidentEvent.objects.visible_to(user).filter(incident=incident)
    return list(events.select_related("actor", "message", "attachment").order_by("-occurred_at", "-pk"))


def since(incident: Incident, user: User, version: int) -> list[IncidentEvent]:
    """What was said or changed since somebody opened a form at `version`: shown beside a stale form."""
    return [event for event in timeline(incident, user) if event.data.get("version", 0) > version]


def clock_faces(incident: Incident, clocks: Iterable[Clock], now: datetime) -> list[ClockFace]:
    terms = policy.terms(incident.policy)
    return [face(clock, terms, now) for clock in clocks]


def own_reports(user: User, now: datetime, *, is_open: bool, limit: int = 50) -> list[Row]:
    """The incidents a customer's person may see, open ones or those that are over, newest first."""
    visible = Incident.objects.visible_to(user)
    rows = visible.open() if is_open else visible.exclude(status__in=Incident.OPEN)
    return [row(incident, now) for incident in with_clocks(rows.order_by("-opened_at", "-pk"))[:limit]]
