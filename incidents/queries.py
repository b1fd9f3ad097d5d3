"""The data of whole screens, each in a fixed number of queries."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers import policy
from customers.models import ContactRole, Customer, Membership, User
from incidents import asked, family, priority, rungs, waiting
from incidents.lifecycle import allowed_moves
from incidents.models import (
    CallTask,
    Clock,
    ClockAlert,
    ExternalDuty,
    Follow,
    Incident,
    IncidentEvent,
    Outgoing,
    ProcessDebt,
)
from incidents.models.clock import PROMISE_SOON
from incidents.models.incident import IncidentQuerySet
from incidents.sla import hours, ledger

QUEUE_PAGE = 100
OWED_ANSWERS = (Clock.Kind.RESPONSE, Clock.Kind.REPLY)
CALLS_SHOWN = 2  # above the queue, which must stay in sight
PEOPLE_FOUND = 20
MOST_KNOWN = 3  # troubles above the box in which one reports
MOST_OUT_OF_BAND = 4  # the rest is on the customer's page


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
    lead_told: bool = False  # it is late, and a lead of the team has been told so
    nudges: bool = False  # an update is owed soon enough to be written now

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
    left, whole = clock.target_s - ledger.elapsed(book, now, terms.calendars), clock.target_s
    if clock.state == Clock.State.STOPPED and clock.was_kept:
        left = max(left, 0)  # a few seconds over are forgiven
    last = book.segments[-1]
    if clock.state == Clock.State.RUNNING and clock.due_at:
        running_on = terms.calendars[last.hours_key]
        late = clock.due_at < now
        gap = hours.elapsed(running_on, *sorted((clock.due_at, now)))
        left = -gap if late else gap
        if last.fixed_due:  # half an hour promised is a full half hour, however much the policy would have allowed
            whole = hours.elapsed(running_on, *sorted((last.start, clock.due_at)))
            if not gap:  # for a time when nobody works: then the wall clock is the only one there is
                left = int((clock.due_at - now).total_seconds())
                whole = int((clock.due_at - last.start).total_seconds())
    return ClockFace(
        kind=clock.kind,
        state=clock.state,
        due_at=clock.due_at,
        remaining_s=left,
        share_left=max(0.0, min(1.0, left / whole)) if whole else 0.0,
        paused_reason=waiting.in_words(last.reasons[-1]) if clock.state == Clock.State.PAUSED and last.reasons else "",
        breached_at=None if clock.was_kept else clock.breached_at,
        lead_told=vars(clock).get("lead_told", False),
        nudges=_nudges(clock, book, terms, now),
    )


def _nudges(clock: Clock, book: ledger.Ledger, terms: policy.Terms, now: datetime) -> bool:
    if clock.kind != Clock.Kind.UPDATE or clock.state != Clock.State.RUNNING or not clock.due_at:
        return False
    since = rungs.nudge_at(book, terms)
    return since is not None and since <= now <= clock.due_at


@dataclass(frozen=True)
class Row:
    """An incident in a list, with the two clocks that matter."""

    incident: Incident
    promise: ClockFace | None
    restore: ClockFace | None
    has_left: bool = False  # it is still shown where it was, but belongs to the list no more

    @property
    def awaits_call(self) -> bool:
        """Somebody wants to be called, and has not had an answer since."""
        return awaits_call(self.incident, [self.promise] if self.promise else [])


def awaits_call(incident: Incident, faces: Sequence[ClockFace]) -> bool:
    """A wish to be called stands while an answer is owed: the call is that answer."""
    owed = any(face.kind in OWED_ANSWERS and face.state == Clock.State.RUNNING for face in faces)
    return "call_back" in incident.details and owed


# A lead is told of a late answer at once, of a late update five minutes later (`incidents.rungs`).
_TOLD = ClockAlert.objects.filter(clock=OuterRef("pk")).filter(
    Q(threshold=ClockAlert.LATE) | Q(threshold=rungs.DUE) & ~Q(clock__kind=Clock.Kind.UPDATE)
)
_LEADS = Membership.objects.filter(team=OuterRef("incident__team"), is_lead=True, user__is_active=True)
LEAD_TOLD = ExpressionWrapper(Q(Exists(_TOLD)) & Q(Exists(_LEADS)), BooleanField())
ACTIVE_CLOCKS = Prefetch(
    "clocks", queryset=Clock.objects.active().annotate(lead_told=LEAD_TOLD), to_attr="active_clocks"
)


# Of what has joined another incident the next word is promised there.
PARENTS_CLOCKS = Prefetch(
    "parent",
    queryset=Incident.objects.select_related("policy").prefetch_related(
        Prefetch("clocks", queryset=Clock.objects.active(), to_attr="active_clocks")
    ),
)


def with_clocks(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """The same incidents with what `row` needs, in one more query however many there are."""
    return with_people(incidents).prefetch_related(ACTIVE_CLOCKS, PARENTS_CLOCKS)


def with_people(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """The same incidents with everything they name, in the same query."""
    return incidents.select_related(
        "customer", "service", "owner", "reporter", "policy", "team", "follows", "merged_into", "major", "parent"
    ).annotate(has_duties=Exists(ExternalDuty.objects.filter(incident=OuterRef("pk"))))


def row(incident: Incident, now: datetime) -> Row:
    """`incident` must come out of `with_clocks`."""
    terms = policy.terms(incident.policy)
    faces = {clock.kind: face(clock, terms, now) for clock in incident.active_clocks}  # type: ignore[attr-defined]  # with_clocks
    owed = [faces[kind] for kind in Clock.PROMISES if kind in faces] + _owed_by_parent(incident, now)
    promise = min(owed, key=lambda one: one.due_at or datetime.max.replace(tzinfo=UTC), default=None)
    return Row(incident=incident, promise=promise, restore=faces.get(Clock.Kind.RESTORE))


def _owed_by_parent(incident: Incident, now: datetime) -> list[ClockFace]:
    """The news that whoever reported it was promised, where it follows another incident."""
    if not incident.is_joined or incident.parent is None:
        return []
    terms = policy.terms(incident.parent.policy)
    running = incident.parent.active_clocks  # type: ignore[attr-defined]  # with_clocks
    return [face(clock, terms, now) for clock in running if clock.kind == Clock.Kind.UPDATE]


def with_joined(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """The same incidents with how many reports follow each: `joined`."""
    rows = Incident.objects.joined().filter(parent=OuterRef("pk")).exclude(status=Incident.Status.CANCELLED)
    number = rows.order_by().values("parent").annotate(n=Count("pk")).values("n")
    return incidents.annotate(joined=Coalesce(Subquery(number), 0))


def with_followers(incidents: IncidentQuerySet, person: User) -> IncidentQuerySet:
    """The same incidents with how many people they are known to hit, and whether `person` is told of them: `too`.

    How often they are told of this one, if that is something of its own: `too_often`.
    """
    told = Follow.objects.filter(incident=OuterRef("pk"), ended_at__isnull=True)
    hit = told.filter(why=Follow.Why.ME_TOO).order_by().values("incident").annotate(n=Count("pk")).values("n")
    return incidents.annotate(
        hits=Coalesce(Subquery(hit), 0) + 1,  # whoever reported it is one of them
        too=Coalesce(Subquery(told.filter(person=person).values("why")[:1]), Value("")),
        too_often=Coalesce(Subquery(told.filter(person=person).values("mode")[:1]), Value("")),
    )


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
    "joined": (_("Joined reports"), lambda rows, user, now: rows.joined()),
}
SHOWS_JOINED = "joined"


def _unfolded(rows: IncidentQuerySet, view: str, search: str = "") -> IncidentQuerySet:
    """Without what is folded under a major incident, unless one looks for just that, or searches."""
    return rows if search or view == SHOWS_JOINED else rows.unfolded()


@dataclass(frozen=True)
class QueueView:
    key: str
    label: object
    count: int


def queue(user: User, view: str, now: datetime, search: str = "") -> list[Row]:
    """The rows of one view in queue order, the first `QUEUE_PAGE` of them."""
    _label, narrow = VIEWS[view]
    rows = narrow(_unfolded(Incident.objects.visible_to(user).open(), view, search), user, now)
    if search:
        rows = rows.filter(
            Q(reference__icontains=search) | Q(title__icontains=search) | Q(customer__name__icontains=search)
        )
    return [row(incident, now) for incident in with_clocks(with_joined(rows.in_queue_order(now)))[:QUEUE_PAGE]]


def queue_views(user: User, now: datetime) -> list[QueueView]:
    """Each view with its count, by the same filters as the lists and in one query."""
    visible = Incident.objects.visible_to(user).open()
    counts = visible.aggregate(
        **{
            key: Count("pk", filter=Q(pk__in=narrow(_unfolded(Incident.objects.open(), key), user, now).values("pk")))
            for key, (_label, narrow) in VIEWS.items()
        }
    )
    return [QueueView(key, label, counts[key]) for key, (label, _narrow) in VIEWS.items()]


def rows_of(user: User, references: Sequence[str], view: str, now: datetime) -> dict[str, Row]:
    """These incidents as rows, by reference, whether or not they are in `view` (then `has_left`)."""
    if not references:
        return {}
    _label, narrow = VIEWS[view]
    inside = narrow(_unfolded(Incident.objects.open(), view), user, now).filter(pk=OuterRef("pk"))
    found = with_joined(Incident.objects.visible_to(user)).filter(reference__in=references)
    rows = with_clocks(found.annotate(stays=ExpressionWrapper(Exists(inside), BooleanField())))
    return {one.reference: replace(row(one, now), has_left=not vars(one)["stays"]) for one in rows}


@dataclass(frozen=True)
class Board:
    """A list while somebody works in it: rows stay where they are until they are asked to move."""

    rows: list[Row]
    fresh: int = 0  # how many belong to it now that are not shown yet
    has_moved: bool = False  # the order is another by now, or some have left

    @property
    def shown(self) -> str:
        """What the next look has to send along."""
        return ",".join(row.incident.reference for row in self.rows)


def board(user: User, view: str, now: datetime, search: str = "", shown: Sequence[str] = ()) -> Board:
    """The list of a view: fresh, or, with the references `shown`, in their order and with a word on what changed."""
    current = {row.incident.reference: row for row in queue(user, view, now, search)}
    if not shown:
        return Board(list(current.values()))
    gone = rows_of(user, [reference for reference in shown if reference not in current], view, now)
    kept = [found for reference in shown if (found := current.get(reference) or gone.get(reference))]
    in_order = [reference for reference in current if reference in set(shown)]
    return Board(
        rows=kept,
        fresh=len(current) - len(in_order),
        has_moved=bool(gone) or in_order != [reference for reference in shown if reference in current],
    )


def calls_to_make(user: User) -> list[CallTask]:
    """The calls that `user` may make, the first due on top: `CALLS_SHOWN`, and one more where there are more."""
    open_calls = CallTask.objects.visible_to(user).to_make().order_by("due_at", "pk")
    return list(
        open_calls.select_related("incident__customer", "incident__owner", "person", "owner")[: CALLS_SHOWN + 1]
    )


def queue_token(user: User, now: datetime) -> str:
    """Changes when anything happened to an incident `user` sees, and each minute because time passes."""
    events = IncidentEvent.objects.filter(customer__in=Customer.objects.visible_to(user))
    last = events.order_by("-pk").values_list("pk", flat=True).first()
    return f"{last or 0}-{int(now.timestamp()) // 60}"


@dataclass(frozen=True)
class Dossier:
    """What an agent needs to know of one incident."""

    incident: Incident
    clocks: list[ClockFace]
    events: list[IncidentEvent]
    contacts: list[User]
    out_of_band: list[ContactRole]  # whom to call when the customer's own mail and network are down
    moves: dict[str, str | None]
    next_step: str  # the verb that is the sensible one now, or ""
    calls: list[CallTask]  # that are to be made
    debts: list[ProcessDebt]  # what is to be written down, later

    @property
    def told(self) -> list[tuple[asked.Word, asked.Word]]:
        """What the reporter said besides the text."""
        return asked.in_words(self.incident.details)

    @property
    def is_unsettled(self) -> bool:
        """The desk has yet to say how bad it is."""
        return self.incident.is_down and self.incident.priority_basis in priority.UNSETTLED

    @property
    def awaits_call(self) -> bool:
        return awaits_call(self.incident, self.clocks)


def dossier(incident: Incident, user: User, now: datetime) -> Dossier:
    """`incident` must come out of `with_people`; six queries, however much has happened."""
    latest = incident.clocks.order_by("kind", "-cycle").distinct("kind")
    shown = [clock for clock in latest if clock.state != Clock.State.CANCELLED]
    contacts = incident.customer.people.filter(role=User.Role.CONTACT, is_active=True).order_by("name")
    return Dossier(
        incident=incident,
        clocks=clock_faces(incident, sorted(shown, key=lambda clock: Clock.Kind.values.index(clock.kind)), now),
        events=timeline(incident, user),
        contacts=list(contacts),
        out_of_band=_out_of_band(incident, user),
        moves=allowed_moves(incident, user),
        next_step=_next_step(incident),
        calls=list(incident.calls.to_make().select_related("incident", "person", "owner").order_by("due_at", "pk")),
        debts=list(ProcessDebt.objects.owed().filter(incident=incident).order_by("due_at", "pk")),
    )


def on_its_way(incident: Incident, user: User) -> list[Outgoing]:
    """Words that are about to go out, whoever wrote them, and the user's own that could not; in one query."""
    shown = Q(state=Outgoing.State.WAITING) | Q(state=Outgoing.State.REFUSED, by=user)
    return list(incident.outgoing.filter(shown).select_related("by").order_by("pk"))


def drafts(user: User) -> list[Outgoing]:
    """What this person wrote to customers and could not be sent."""
    kept = Outgoing.objects.visible_to(user).filter(by=user, state=Outgoing.State.REFUSED)
    return list(kept.select_related("incident").order_by("pk"))


def _out_of_band(incident: Incident, user: User) -> list[ContactRole]:
    """Who answers for the service itself first, then the named contact, the deputy and so on."""
    roles = ContactRole.objects.visible_to(user).filter(customer=incident.customer_id).exclude(out_of_band="")
    roles = roles.filter(Q(service__isnull=True) | Q(service=incident.service_id)).select_related("person")
    order = ContactRole.Kind.values
    return sorted(roles, key=lambda role: (role.service_id is None, order.index(role.kind), role.pk))[:MOST_OUT_OF_BAND]


def _next_step(incident: Incident) -> str:
    if incident.is_open and incident.owner is None:
        return "take"
    if incident.is_down:
        return "restore"
    return "resolve" if incident.is_open else ""


def timeline(incident: Incident, user: User) -> list[IncidentEvent]:
    """What happened, newest first, as far as `user` may read it; in one query."""
    events = IncidentEvent.objects.visible_to(user).filter(incident=incident)
    return list(events.select_related("actor", "message", "attachment").order_by("-occurred_at", "-pk"))


def since(incident: Incident, user: User, version: int) -> list[IncidentEvent]:
    """What was said or changed since somebody opened a form at `version`: shown beside a stale form."""
    return [event for event in timeline(incident, user) if event.data.get("version", 0) > version]


def followers(incident: Incident, user: User) -> list[Follow]:
    """Whom it hits too and who follows it, as far as `user` may know: who was first on top."""
    rows = Follow.objects.visible_to(user).filter(incident=incident, ended_at__isnull=True)
    return list(rows.select_related("person").order_by("-why", "pk"))


def clock_faces(incident: Incident, clocks: Iterable[Clock], now: datetime) -> list[ClockFace]:
    terms = policy.terms(incident.policy)
    return [face(clock, terms, now) for clock in clocks]


def people(user: User, words: str, customer: int | None = None) -> list[User]:
    """The people at customers whom `user` may see and whom all `words` fit: name, customer, e-mail or phone."""
    found = User.objects.visible_to(user).filter(customer__isnull=False, is_active=True)
    found = found.filter(customer=customer) if customer else found
    for word in words.split()[:6]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(customer__name__icontains=word)
            | Q(email__icontains=word)
            | Q(phone__icontains=word)
        )
    return list(found.select_related("customer").order_by("name", "pk")[:PEOPLE_FOUND])


def known_majors(user: User, now: datetime) -> list[Row]:
    """What is known to be down at this person's customer and they have not reported, with its next news."""
    return [row(incident, now) for incident in with_clocks(family.known_majors(user))[:MOST_KNOWN]]


def reports(user: User, now: datetime, *, mine: bool, is_open: bool, limit: int) -> list[Row]:
    """The incidents a customer's person may see: their own or those of others, open or over, newest first."""
    visible = Incident.objects.visible_to(user)
    rows = visible.filter(reporter=user) if mine else visible.exclude(reporter=user)
    rows = rows.open() if is_open else rows.exclude(status__in=Incident.OPEN)
    return [row(incident, now) for incident in with_clocks(rows.order_by("-opened_at", "-pk"))[:limit]]
