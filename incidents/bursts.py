"""Many people report the same service within minutes: that suggests a major incident, and somebody decides."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from customers.models import Service, User
from incidents.journal import Kind, record
from incidents.models import Burst, Incident
from incidents.similar import counted
from itsm import moment

WITHIN = timedelta(minutes=15)
REPORTERS, REPORTERS_OF_MANY = 3, 5
MANY_USERS = 1_000  # above, single complaints are everyday
SHOWN_FOR = timedelta(hours=1)  # since its last report; afterwards it is no news


def threshold(service: Service) -> int:
    """From how many different reporters on it is a burst."""
    return REPORTERS_OF_MANY if (service.users or 0) > MANY_USERS else REPORTERS


def suggestion(incident: Incident) -> Burst | None:
    """The burst that this incident is part of, while nobody has decided; None once a major is declared for it."""
    if incident.service_id is None or not incident.is_down:
        return None
    burst = Burst.objects.current().filter(service=incident.service_id).select_related("service", "first").first()
    if burst is None or not burst.began_at <= incident.opened_at <= burst.last_at + WITHIN:
        return None
    return None if burst.last_at < moment.now() - SHOWN_FOR or _has_major(incident.service_id) else burst


def to_decide(user: User) -> list[Burst]:
    """The bursts that `user` may decide about, the latest first; in one query."""
    visible = Burst.objects.visible_to(user).current().filter(last_at__gte=moment.now() - SHOWN_FOR)
    majors = Incident.objects.down().filter(is_major=True)
    visible = visible.exclude(service__in=majors.filter(service__isnull=False).values("service"))
    return list(visible.select_related("service", "first", "customer").order_by("-last_at", "-pk")[:3])


def notice(incident: Incident, at: datetime) -> Burst | None:
    """A report has come in: is it the one that makes a burst, or one more of it? The lead is told once.

    Harmless when repeated: it counts reporters anew, and the database holds one burst of a service at a time.
    """
    if incident.service is None:
        return None
    reports = counted(Incident.objects.filter(customer=incident.customer_id, service=incident.service_id))
    reports = reports.filter(opened_at__gt=at - WITHIN, opened_at__lte=at)
    if _is_decided(incident.service_id, at):
        return None
    reporters = reports.values("reporter").distinct().count()
    if reporters < threshold(incident.service):
        return None
    with transaction.atomic():
        burst = _going_on(incident.service, at)
        return (
            _more(burst, at)
            if burst
            else _begin(incident.service, reports.order_by("opened_at", "pk")[0], reporters, at)
        )


def _going_on(service: Service, at: datetime) -> Burst | None:
    """Under its lock; one that was quiet for so long is over."""
    burst = Burst.objects.current().select_for_update(no_key=True).filter(service=service).first()
    if burst and burst.last_at < at - WITHIN:
        burst.ended_at = at
        burst.save(update_fields=["ended_at"])
        return None
    return burst


def _more(burst: Burst, at: datetime) -> Burst:
    reports = counted(Incident.objects.filter(customer=burst.customer_id, service=burst.service_id))
    burst.last_at = max(burst.last_at, at)
    since_then = reports.filter(opened_at__gte=burst.began_at, opened_at__lte=burst.last_at)
    burst.reporters = since_then.values("reporter").distinct().count()
    burst.save(update_fields=["last_at", "reporters"])
    return burst


def _begin(service: Service, first: Incident, reporters: int, at: datetime) -> Burst | None:
    try:
        with transaction.atomic():
            burst = Burst.objects.create(
                customer_id=service.customer_id,
                service=service,
                first=first, reporters=reporters,
                began_at=first.opened_at, last_at=at,
            )  # fmt: skip
    except IntegrityError:  # another relay was faster: the burst is there, and its lead is told
        return None
    first = Incident.objects.select_for_update(no_key=True).get(pk=first.pk)
    record(first, Kind.BURST_SEEN, by=None, at=at, reporters=reporters, minutes=burst.minutes)
    return burst


def _is_decided(service: int | None, at: datetime) -> bool:
    """A major is declared for it, or somebody has said within the hour that it is none."""
    said_no = Burst.objects.filter(service=service, ended_by__isnull=False, ended_at__gt=at - SHOWN_FOR)
    return _has_major(service) or said_no.exists()


def _has_major(service: int | None) -> bool:
    return Incident.objects.down().filter(service=service, is_major=True).exists()


@transaction.atomic
def dismiss(burst: Burst, *, by: User) -> Burst:
    """Somebody has looked: it is no major incident. Reports that follow within the hour do not ask again."""
    burst = Burst.objects.select_for_update(no_key=True, of=("self",)).get(pk=burst.pk)
    if burst.ended_at is None:
        burst.ended_at, burst.ended_by = moment.now(), by
        burst.save(update_fields=["ended_at", "ended_by"])
    return burst
