"""Using a known error, and whether it worked: for an incident, or by somebody who then needed no report."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from customers.models import User
from incidents import conversation, lifecycle
from incidents.models import Incident
from itsm import moment
from itsm.refusal import Refused
from problems import candidates, moves
from problems.known_errors import MoveRefused, why_not
from problems.models import KnownError, KnownErrorUse, Problem

Way = KnownErrorUse.Way


@transaction.atomic
def restore_by(
    known: KnownError,
    incident: Incident,
    *,
    by: User,
    text: str,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """It works again by this workaround: the incident says so, is linked with it and with its problem."""
    incident = lifecycle.restore(
        incident, by=by, outcome=text, restored_by=Incident.RestoredBy.WORKAROUND, expected_version=expected_version,
        client_token=client_token,
    )  # fmt: skip
    used(known, incident, by=by, way=Way.RESTORED)
    return incident


@transaction.atomic
def tell(
    known: KnownError,
    incident: Incident,
    *,
    by: User,
    text: str,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """The reporter reads what may help, and tries it; whether it does is said later."""
    incident = conversation.update(
        incident, by=by, text=text, expected_version=expected_version, client_token=client_token
    )
    used(known, incident, by=by, way=Way.TOLD)
    return incident


def used(known: KnownError, incident: Incident, *, by: User, way: str) -> KnownErrorUse:
    """Counts it, once for each incident; inside a verb that holds the incident's lock."""
    problem = Problem.objects.filter(known_errors=known).first()
    if problem:
        problem = moves.locked(problem)  # before the known error
    known = _locked(known, incident.customer_id)
    if reason := why_not(known, "use", by):
        raise MoveRefused(reason)
    said = {"customer_id": incident.customer_id, "by": by, "way": way, "used_at": moment.now(), "worked": None}
    use, __ = KnownErrorUse.objects.update_or_create(known_error=known, incident=incident, defaults=said)
    incident.known_error = str(known)[:200]
    incident.save(update_fields=["known_error"])
    if problem and known.problem_id == problem.pk:
        candidates.link(problem, incident)
    _recount(known)
    return use


@transaction.atomic
def helped(known: KnownError, *, by: User, client_token: uuid.UUID | None = None) -> KnownErrorUse:
    """It helped somebody at the customer by themselves: no incident, and it counts; once a form, else once a day."""
    now = moment.now()
    known = _locked(known, by.customer_id)
    if not known.is_published:
        raise MoveRefused(_("It does not apply any more. Please tell us what is not working."))
    token = client_token or uuid.uuid5(uuid.NAMESPACE_OID, f"{known.pk} {by.pk} {now.date()}")
    said = {"customer_id": by.customer_id, "by": by, "way": Way.BY_THEMSELVES, "used_at": now, "worked": True}
    use, __ = KnownErrorUse.objects.get_or_create(client_token=token, defaults=said | {"known_error": known})
    _recount(known)
    return use


@transaction.atomic
def judge(use: KnownErrorUse, *, by: User, worked: bool) -> KnownErrorUse:
    """An agent says whether it has helped."""
    known = KnownError.objects.select_for_update(no_key=True).get(pk=use.known_error_id)
    if by.is_customer_side:
        raise MoveRefused(_("Only the people at the desk can do this."))
    use = known.uses.get(pk=use.pk)
    use.worked = worked
    use.save(update_fields=["worked"])
    _recount(known)
    return use


@transaction.atomic
def relapsed(incident: Incident, *, at: datetime) -> None:
    """It is still not working: what was used until then has not helped."""
    failed = incident.known_error_uses.filter(way=Way.RESTORED, used_at__lte=at).exclude(worked=False)
    for use in failed.order_by("known_error"):
        known = KnownError.objects.select_for_update(no_key=True).get(pk=use.known_error_id)
        use.worked = False
        use.save(update_fields=["worked"])
        _recount(known)


def settle(now: datetime | None = None) -> int:
    """What nobody contradicted until the reopen window was over has worked. Returns how many."""
    now = now or moment.now()
    over = (Incident.Status.RESOLVED, Incident.Status.CLOSED)
    uses = KnownErrorUse.objects.filter(worked__isnull=True, way=Way.RESTORED, incident__status__in=over)
    settled = 0
    for use in uses.select_related("incident__policy").order_by("known_error", "pk"):
        if use.incident and lifecycle.reopen_until(use.incident) < now:
            with transaction.atomic():
                known = KnownError.objects.select_for_update(no_key=True).get(pk=use.known_error_id)
                settled += known.uses.filter(pk=use.pk, worked__isnull=True).update(worked=True)
                _recount(known)
    return settled


def follow_customer(incident: Incident) -> None:
    """It was booked on the wrong customer: what was used counts for the right one, where that may use it at all."""
    for use in incident.known_error_uses.exclude(customer=incident.customer_id).select_related("known_error"):
        if use.known_error.is_shared:
            use.customer_id = incident.customer_id
            use.save(update_fields=["customer"])
        else:
            use.delete()
            _recount(use.known_error)


def _locked(known: KnownError, customer: int | None) -> KnownError:
    found = KnownError.objects.of(customer).select_for_update(no_key=True, of=("self",)).filter(pk=known.pk).first()
    if found is None:
        raise Refused(_("This known error belongs to another customer."))
    return found


def _recount(known: KnownError) -> None:
    """Out of the rows: counted twice it is the same."""
    worked = Max("used_at", filter=Q(worked=True))
    counts = known.uses.aggregate(times_used=Count("pk"), last_used_at=Max("used_at"), last_success_at=worked)
    KnownError.objects.filter(pk=known.pk).update(**counts)
