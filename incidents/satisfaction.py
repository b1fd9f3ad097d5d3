"""What people said when they were asked: shares with their margin, and none at all of fewer than ten.

Never by agent: an answer is about how we worked, not about who did (docs/surveys.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from math import sqrt

from django.db.models import Aggregate, Count, IntegerField, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext

from customers.models import User
from incidents.measures import Wanted
from incidents.models import Survey
from incidents.models.survey import SurveyQuerySet
from incidents.surveys import EASY, OPEN_FOR, SATISFIED

TOO_FEW = 10  # a percentage of fewer says nothing, and is not shown
Z = 1.959964  # for 95 of 100
MONTHS = 6


@dataclass(frozen=True)
class Part:
    """`good` of `n` said so."""

    good: int = 0
    n: int = 0

    def __add__(self, other: "Part") -> "Part":
        return Part(self.good + other.good, self.n + other.n)

    @property
    def says_something(self) -> bool:
        return self.n >= TOO_FEW

    @property
    def percent(self) -> int:
        return round(100 * self.good / self.n) if self.n else 0

    @property
    def interval(self) -> tuple[int, int]:
        """Wilson's, in percent: where the share would lie if all had answered, in 95 of 100 such cases."""
        if not self.n:
            return (0, 100)
        share, z2 = self.good / self.n, Z * Z
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = Z * sqrt(share * (1 - share) / self.n + z2 / (4 * self.n**2)) / (1 + z2 / self.n)
        return (max(0, int(100 * (middle - half))), min(100, -int(-100 * (middle + half) // 1)))

    @property
    def words(self) -> str:
        if not self.says_something:
            return gettext("too few to say") if self.n else "–"
        low, high = self.interval
        return gettext("%(percent)d %% (%(low)d to %(high)d)") % {"percent": self.percent, "low": low, "high": high}


@dataclass
class Line:
    """One customer, month by month; a month without answers is an empty part."""

    customer: int
    label: str
    months: dict[date, Part] = field(default_factory=dict)
    total: Part = Part()


@dataclass(frozen=True)
class Said:
    """What was said in a period."""

    asked: int
    satisfied: Part
    easy: Part
    lost_min: int | None  # in the middle of what was said; None of too few
    lost_n: int

    @property
    def answered(self) -> Part:
        return Part(self.satisfied.n, self.asked)


class Median(Aggregate):
    """PERCENTILE_DISC: one that was said, not a value between two."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()


def said(user: User, wanted: Wanted, now: datetime) -> Said:
    """As far as `user` may see it, in one question."""
    start = wanted.start(now)
    given = Q(answered_at__gte=start, answered_at__lt=now)
    rows = _of(Survey.objects.visible_to(user), wanted).filter(asked_at__gte=start - OPEN_FOR, asked_at__lt=now)
    found = rows.aggregate(
        asked=Count("pk", filter=Q(asked_at__gte=start)),
        n=Count("pk", filter=given),
        satisfied=Count("pk", filter=given & Q(satisfaction__gte=SATISFIED)),
        eased=Count("ease", filter=given),
        easy=Count("pk", filter=given & Q(ease__gte=EASY)),
        lost_n=Count("lost_min", filter=given),
        lost=Median("lost_min", filter=given & Q(lost_min__isnull=False)),
    )
    return Said(
        asked=found["asked"],
        satisfied=Part(found["satisfied"], found["n"]),
        easy=Part(found["easy"], found["eased"]),
        lost_min=found["lost"] if found["lost_n"] >= TOO_FEW else None,
        lost_n=found["lost_n"],
    )


def answers(user: User, wanted: Wanted, now: datetime) -> SurveyQuerySet:
    """The answers that the figures are counted from."""
    given = Survey.objects.visible_to(user).answered()
    return _of(given, wanted).filter(answered_at__gte=wanted.start(now), answered_at__lt=now)


def by_month(user: User, wanted: Wanted, now: datetime) -> tuple[list[date], list[Line]]:
    """The last months, and each customer that answered in them."""
    months = _last_months(timezone.localtime(now).date())
    since = datetime(months[0].year, months[0].month, 1, tzinfo=timezone.get_current_timezone())
    found = _of(Survey.objects.visible_to(user).answered(), wanted).filter(answered_at__gte=since, answered_at__lt=now)
    counted = found.annotate(month=TruncMonth("answered_at")).values_list("customer", "customer__name", "month")
    lines: dict[int, Line] = {}
    for customer, name, month, satisfied, n in counted.annotate(
        satisfied=Count("pk", filter=Q(satisfaction__gte=SATISFIED)), n=Count("pk")
    ).order_by():
        line = lines.setdefault(customer, Line(customer, name, dict.fromkeys(months, Part())))
        line.months[month.date()] = Part(satisfied, n)
        line.total += Part(satisfied, n)
    return months, sorted(lines.values(), key=lambda line: line.label.casefold())


def own(user: User) -> QuerySet[Survey]:
    """What was said about the incidents of one agent, to themselves."""
    given = Survey.objects.visible_to(user).answered().filter(incident__owner=user)
    return in_list_order(given)


def in_list_order(rows: SurveyQuerySet) -> QuerySet[Survey]:
    """With what a list names, the latest first."""
    return rows.select_related("incident__customer", "call").order_by("-answered_at", "-pk")


def _of(rows: SurveyQuerySet, wanted: Wanted) -> SurveyQuerySet:
    return rows.filter(customer=wanted.customer) if wanted.customer else rows


def _last_months(today: date) -> list[date]:
    months: Iterable[int] = range(MONTHS - 1, -1, -1)
    first = today.year * 12 + today.month - 1
    return [date((first - back) // 12, (first - back) % 12 + 1, 1) for back in months]
