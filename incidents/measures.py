"""How well promises are kept. Each figure is counted from the same rows that the list behind it shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Aggregate, Count, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.fields import DurationField
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Level, User
from incidents.models import Clock, Incident, IncidentEvent
from incidents.models.clock import KEPT, ClockQuerySet
from incidents.models.incident import IncidentQuerySet
from incidents.queries import ClockFace, clock_faces, with_people

PERIODS = (7, 30, 90)
TOO_FEW = 10  # a percentage of fewer says nothing, and is not shown as one
RISKS_SHOWN = 20

Narrow = Callable[[ClockQuerySet, datetime, datetime], ClockQuerySet]
# What a list of clocks may be about: key -> (label, filter by the period's two ends).
SHOWN: dict[str, tuple[object, Narrow]] = {
    "judged": (_("Kept and missed"), lambda clocks, start, now: clocks.judged_between(start, now)),
    "met": (_("Kept"), lambda clocks, start, now: clocks.judged_between(start, now).met()),
    "missed": (_("Missed"), lambda clocks, start, now: clocks.judged_between(start, now).missed()),
    "pressing": (_("At risk now"), lambda clocks, start, now: clocks.pressing(now)),
    "paused": (_("Standing still now"), lambda clocks, start, now: clocks.paused()),
}


@dataclass(frozen=True)
class Wanted:
    """What a dashboard looks at; left out means all."""

    days: int = 30
    customer: Customer | None = None
    level: int | None = None
    priority: int | None = None
    kind: str = ""
    show: str = "judged"

    def start(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)


def clocks(user: User, wanted: Wanted, now: datetime) -> ClockQuerySet:
    """The clocks `wanted` speaks of, as far as `user` may see them."""
    _label, narrow = SHOWN[wanted.show]
    found = narrow(Clock.objects.visible_to(user).filter(kind__in=Clock.JUDGED), wanted.start(now), now)
    named = {"customer": wanted.customer, "level": wanted.level, "priority": wanted.priority, "kind": wanted.kind}
    return found.filter(**{name: value for name, value in named.items() if value})


@dataclass(frozen=True)
class Share:
    """How many of some clocks were kept."""

    kind: str
    met: int = 0
    missed: int = 0
    owed: int = 0  # the sum of the goals of all these clocks, in percent: each has the goal of its own level

    def __add__(self, other: "Share") -> "Share":
        return Share(self.kind, self.met + other.met, self.missed + other.missed, self.owed + other.owed)

    @property
    def label(self) -> str:
        return str(Clock.Kind(self.kind).label)

    @property
    def n(self) -> int:
        return self.met + self.missed

    @property
    def says_something(self) -> bool:
        return self.n >= TOO_FEW

    @property
    def percent(self) -> int:
        """Rounded down: what is not reached is not shown as reached."""
        return 100 * self.met // self.n if self.n else 0

    @property
    def words(self) -> str:
        if self.says_something:
            return gettext("%(percent)d %%") % {"percent": self.percent}
        return gettext("%(met)d of %(n)d") % {"met": self.met, "n": self.n} if self.n else "–"

    @property
    def goal(self) -> int:
        """The goal in percent, over the levels these clocks belong to."""
        return -(-self.owed // self.n) if self.n else 0


@dataclass
class Line:
    """A line of a table: whom it is about, as words and as the filter of its list, and a share for each kind."""

    label: str
    note: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=lambda: {kind.value: Share(kind.value) for kind in Clock.JUDGED})

    @property
    def query(self) -> str:
        return urlencode(self.about)

    def add(self, share: Share) -> None:
        self.shares[share.kind] += share


@dataclass(frozen=True)
class Attainment:
    total: Line
    by_customer: list[Line]
    by_level: list[Line]
    by_priority: list[Line]


def attainment(user: User, wanted: Wanted, now: datetime) -> Attainment:
    """What was kept of all that was finished or overdue in the period, in one query.

    A clock counts for the priority and level its target belonged to, with the goal of the policy its incident is held
    to. Only those with a verdict have a line.
    """
    aimed = {kind.value: KeyTransform(f"goal_{kind.value}", "incident__policy__content") for kind in Clock.JUDGED}
    judged = clocks(user, wanted, now).annotate(goals=JSONObject(**aimed))
    counted = judged.values_list(
        "customer", "customer__name", "customer__level", "level", "priority", "kind", "goals"
    ).annotate(met=Count("pk", filter=KEPT), every=Count("pk"))
    total, customers, levels, priorities = Line(""), dict[int, Line](), dict[int, Line](), dict[int, Line]()
    for customer, name, stands_at, level, priority, kind, goals, met, every in counted:
        share = Share(kind, met, every - met, owed=goals[kind] * every)
        model = str(Level(stands_at or Level.GUIDED).label)
        for line in (
            total,
            customers.setdefault(customer, Line(name, model, {"customer": customer})),
            levels.setdefault(level, Line(str(Level(level).label), str(level), {"level": level})),
            priorities.setdefault(priority, Line(f"P{priority}", "", {"priority": priority})),
        ):
            line.add(share)
    return Attainment(
        total=total,
        by_customer=sorted(customers.values(), key=lambda line: line.label.casefold()),
        by_level=[levels[level] for level in sorted(levels)],
        by_priority=[priorities[priority] for priority in sorted(priorities)],
    )


@dataclass(frozen=True)
class Risk:
    """A clock that needs somebody now."""

    incident: Incident
    clock: ClockFace


@dataclass(frozen=True)
class Risks:
    late: int
    soon: int
    paused: int
    rows: list[Risk]  # in queue order, the first `RISKS_SHOWN` incidents
    incidents_left: int  # how many more there are


def risks(user: User, wanted: Wanted, now: datetime) -> Risks:
    """What runs out now or has: in five queries, however much it is."""
    pressing = clocks(user, Wanted(customer=wanted.customer, show="pressing"), now)
    over = Q(breached_at__isnull=False) | Q(state=Clock.State.RUNNING, due_at__lt=now)
    counts = pressing.aggregate(
        every=Count("pk"), late=Count("pk", filter=over), incidents=Count("incident", distinct=True)
    )
    concerned = Incident.objects.filter(pk__in=pressing.values("incident")).in_queue_order(now)
    shown = with_people(concerned).prefetch_related(
        Prefetch("clocks", queryset=pressing.order_by("due_at", "pk"), to_attr="pressing_clocks")
    )[:RISKS_SHOWN]
    found = list(shown)
    rows = [Risk(one, face) for one in found for face in clock_faces(one, vars(one)["pressing_clocks"], now)]
    return Risks(
        late=counts["late"],
        soon=counts["every"] - counts["late"],
        paused=clocks(user, Wanted(customer=wanted.customer, show="paused"), now).count(),
        rows=rows,
        incidents_left=counts["incidents"] - len(found),
    )


def restored(user: User, wanted: Wanted, now: datetime) -> IncidentQuerySet:
    """Incidents of which the customer was told in the period that they work again, with two marks.

    `took`: how long people waited by the wall clock; where it has stopped working again, they are waiting still.
    `came_back`: in the period the customer said that it does not work after all.
    """
    told = IncidentEvent.objects.filter(
        incident=OuterRef("pk"), occurred_at__gte=wanted.start(now), occurred_at__lt=now
    )
    good = Exists(told.filter(kind__in=[IncidentEvent.Kind.RESTORED, IncidentEvent.Kind.RESOLVED]))
    waited = ExpressionWrapper(Coalesce("restored_at", now) - F("opened_at"), output_field=DurationField())
    found = Incident.objects.visible_to(user).filter(good)
    named = {"customer": wanted.customer, "priority": wanted.priority, "policy__content__level": wanted.level}
    return found.filter(**{name: value for name, value in named.items() if value}).annotate(
        took=waited, came_back=Exists(told.filter(kind=IncidentEvent.Kind.RELAPSED))
    )


class Percentile(Aggregate):
    """PERCENTILE_CONT: of two in the middle the value between them."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Felt:
    """What people felt of it: beside each figure of ours stands one of theirs."""

    n: int
    came_back: int
    median_s: float
    p90_s: float

    @property
    def says_something(self) -> bool:
        return self.n >= TOO_FEW


def felt(user: User, wanted: Wanted, now: datetime) -> Felt:
    figures = restored(user, wanted, now).aggregate(
        n=Count("pk"),
        back=Count("pk", filter=Q(came_back=True)),
        median=Percentile("took", share=0.5),
        p90=Percentile("took", share=0.9),
    )
    seconds = [(figures[key] or timedelta()).total_seconds() for key in ("median", "p90")]
    return Felt(figures["n"], figures["back"], *seconds)


def verdict(clock: Clock) -> str:
    """met, missed, late (missed and still owed) or open."""
    if not clock.was_kept:
        return "late" if clock.state in (Clock.State.RUNNING, Clock.State.PAUSED) else "missed"
    return "met" if clock.state == Clock.State.STOPPED else "open"


def in_list_order(rows: QuerySet[Clock]) -> QuerySet[Clock]:
    """With what a list names, the youngest first."""
    return rows.select_related("incident", "customer").order_by("-started_at", "-pk")


def labels() -> Iterable[tuple[str, object]]:
    return [(key, label) for key, (label, _narrow) in SHOWN.items()]
