"""What the tool itself can count for improvement goals and for the hints beside an assessment, out of ninety days.

Each measure is a share in percent, or a number; None where there are too few incidents to say anything.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from customers import aims, goals
from customers.models import ContactRole, Customer, ImprovementGoal
from incidents.models import Incident, IncidentEvent
from incidents.models.incident import IncidentQuerySet
from itsm import moment

LOOK_BACK = timedelta(days=90)
TOO_FEW = 5
TOLD_WITHIN = timedelta(minutes=30)
LAST_MAJORS = 2
Kind, Origin = IncidentEvent.Kind, Incident.Origin
Measure = Callable[[Customer, datetime], float | None]


def _lately(customer: Customer, now: datetime) -> IncidentQuerySet:
    reported = Incident.objects.filter(customer=customer, opened_at__gt=now - LOOK_BACK, opened_at__lte=now)
    return reported.exclude(status=Incident.Status.CANCELLED)


def _share(found: IncidentQuerySet, of: Q) -> float | None:
    total = found.count()
    return None if total < TOO_FEW else round(100 * found.filter(of).count() / total, 1)


def _happened(kind: str) -> Exists:
    return Exists(IncidentEvent.objects.filter(incident=OuterRef("pk"), kind=kind))


def share_with_service(customer: Customer, now: datetime) -> float | None:
    return _share(_lately(customer, now), Q(service__isnull=False))


def share_by_hotline_or_portal(customer: Customer, now: datetime) -> float | None:
    return _share(_lately(customer, now), Q(origin__in=[Origin.PORTAL, Origin.PHONE]))


def share_by_monitoring(customer: Customer, now: datetime) -> float | None:
    """On critical services, noticed before somebody reported it."""
    return _share(_lately(customer, now).filter(service__is_critical=True), Q(origin__in=[Origin.MONITORING]))


def share_priority_corrected(customer: Customer, now: datetime) -> float | None:
    return _share(_lately(customer, now), Q(_happened(Kind.PRIORITISED)))


def share_asked_back(customer: Customer, now: datetime) -> float | None:
    """Reports on which we could not start without a question."""
    return _share(_lately(customer, now), Q(_happened(Kind.ASKED)))


def contacts_named(customer: Customer, now: datetime) -> float | None:
    """Of contact and deputy, how many can be called when mail and network are down."""
    wanted = (ContactRole.Kind.NAMED_CONTACT, ContactRole.Kind.DEPUTY)
    named = customer.contact_roles.filter(kind__in=wanted).exclude(phone="", out_of_band="")
    return float(named.values("kind").distinct().count())


def majors_told_in_time(customer: Customer, now: datetime) -> float | None:
    """Of the last two majors, how many had a word to pass on within half an hour."""
    majors = customer.incidents.filter(is_major=True, opened_at__lte=now).order_by("-opened_at")[:LAST_MAJORS]
    told = IncidentEvent.objects.filter(
        incident__in=[major.pk for major in majors], kind=Kind.UPDATED,
        occurred_at__lte=F("incident__opened_at") + TOLD_WITHIN,
    )  # fmt: skip
    return float(told.values("incident").distinct().count()) if majors else None


MEASURES: dict[str, Measure] = {
    measure.__name__: measure
    for measure in (
        share_with_service, share_by_hotline_or_portal, share_by_monitoring, share_priority_corrected,
        share_asked_back, contacts_named, majors_told_in_time,
    )
}  # fmt: skip


def measure_goals() -> int:
    """Counts anew for each goal under way that the tool can count; returns how many."""
    now = moment.now()
    under_way = ImprovementGoal.objects.filter(state=ImprovementGoal.State.OPEN).select_related("customer")
    counted = 0
    for goal in under_way.order_by("pk"):
        aim = aims.known(goal.key)
        if aim.measure:
            goals.note_measure(goal, MEASURES[aim.measure](goal.customer, now), now)
            counted += 1
    return counted
