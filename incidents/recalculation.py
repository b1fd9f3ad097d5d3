"""What a change of hours or agreement does to open clocks: first looked at, then applied, both in batches.

An edit of a calendar counts for the past of open clocks too (rule 14 of docs/sla.md); a new agreement counts from the
moment it is applied (rules 4 and 15). A miss that would no longer be one may be waived with it, and is never erased.
"""

import logging
import time
from contextlib import suppress
from datetime import datetime
from typing import Any, get_args

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from customers import policy
from customers.models import Calendar, Customer, Policy, User
from customers.working_hours import HoursError, gettext_noop, parse
from incidents import clocks, corrections
from incidents.conversation import readable
from incidents.journal import Kind, record
from incidents.models import Clock, Incident, Recalculation
from incidents.models.incident import IncidentQuerySet
from incidents.moves import MoveRefused, locked
from incidents.sla import hours
from itsm import jobs, moment, wakeup
from itsm.refusal import Refused

log = logging.getLogger(__name__)
BATCH = 100  # incidents in one transaction: small enough that nobody waits for their locks
EXAMPLES = 20
WITHOUT_A_SIGN = jobs.WITHOUT_A_SIGN
State = Recalculation.State


class NotNow(Refused):
    """Somebody decided already, or it is still being computed."""

    status = 409


def propose_calendar(
    calendar: Calendar, proposal: dict[str, Any], *, by: User, expected_version: int | None = None
) -> Recalculation:
    """Computes in the background what other hours would do; `proposal` holds the calendar's fields, `spec` among them.

    Nothing is saved in the calendar yet. Raises `HoursError` for hours that cannot be kept, or by which something that
    is promised would never come.
    """
    parse(proposal["spec"])
    _refuse_never(calendar, proposal["spec"])
    seen = calendar.version if expected_version is None else expected_version
    return _begin(Recalculation(calendar=calendar, proposal=proposal, expected_version=seen, by=by))


def _refuse_never(calendar: Calendar, spec: dict[str, Any]) -> None:
    """A minute of work a week and a promise of a year's work: the arithmetic ends at a century, and so do we."""
    key, now = policy.calendar_key(calendar.pk), moment.now()
    for customer in calendar.customer_set.order_by("name"):
        content = policy.resolve(customer).content
        terms = policy.Terms(content | {"calendars": content["calendars"] | {key: spec}})
        wanted = [terms.target(measure, number) for measure in get_args(policy.Measure) for number in (1, 2, 3, 4)]
        try:
            for target in filter(None, wanted):
                hours.due(terms.calendars[target.hours], now, target.seconds)
        except hours.Unreachable as error:
            sentence = gettext_noop("By these hours, something promised to %(name)s would take more than a century.")
            raise HoursError("weekly.mon", sentence, name=customer.name) from error


def propose_agreement(customer: Customer, *, by: User) -> Recalculation:
    """Computes what today's agreement would do to the customer's open incidents, which keep their own by themselves."""
    return _begin(Recalculation(customer=customer, by=by))


def _begin(job: Recalculation) -> Recalculation:
    job.incidents_total = concerned(job).count()
    job.save()
    wakeup.after_commit("incidents.tasks.go_on_recalculating")
    return job


@transaction.atomic
def decide(job: Recalculation, *, by: User, apply: bool, waive_reason: str = "") -> Recalculation:
    """After the preview: apply it, or drop it. The calendar changes here, at once for whatever is reported from now.

    With `waive_reason`, the misses that would be none are waived in the name of `by` as it is applied.
    """
    job = Recalculation.objects.select_for_update(no_key=True).get(pk=job.pk)
    if job.state != State.READY:
        raise NotNow(_("This was decided already, or is still being computed."))
    job.decided_by, job.waive_reason = by, readable(waive_reason) if waive_reason.strip() else ""
    if not apply:
        job.state, job.finished_at = State.DROPPED, moment.now()
        job.save(update_fields=["state", "finished_at", "decided_by"])
        return job
    if job.calendar_id:
        _save_calendar(job)
    _start_over(job, State.APPLYING)
    wakeup.after_commit("incidents.tasks.go_on_recalculating")
    return job


def _save_calendar(job: Recalculation) -> None:
    calendar = Calendar.objects.select_for_update(no_key=True).get(pk=job.calendar_id or 0)
    if calendar.version != job.expected_version:
        raise NotNow(
            _("Meanwhile somebody else changed this calendar. Please look at it and propose your change again.")
        )
    if Recalculation.objects.filter(calendar=calendar, state=State.APPLYING).exists():
        raise NotNow(_("The change before this one is still being applied. Please decide when it is done."))
    name = job.proposal.get("name", calendar.name)
    if Calendar.objects.filter(name=name).exclude(pk=calendar.pk).exists():
        raise NotNow(_("Meanwhile another calendar is called “%(name)s”. Please choose another name.") % {"name": name})
    for name, value in job.proposal.items():
        setattr(calendar, name, value)
    calendar.version += 1
    calendar.save(update_fields=[*job.proposal, "version"])


def _start_over(job: Recalculation, state: State) -> None:
    job.state, job.cursor, job.incidents_done = state, 0, 0
    job.clocks_moved = job.clocks_breached = job.clocks_relieved = 0
    job.incidents_total = concerned(job).count()
    job.seen_at, job.examples = None, []
    job.save()


def edit_at_once(calendar: Calendar, spec: dict[str, Any], *, by: User) -> Recalculation:
    """The same in one go, for few clocks and for worked cases."""
    job = propose_calendar(calendar, {"spec": spec}, by=by)
    while work(job):
        pass
    job = decide(job, by=by, apply=True)
    while work(job):
        pass
    job.refresh_from_db()
    return job


def concerned(job: Recalculation) -> IncidentQuerySet:
    """The open incidents whose clocks it may move."""
    if job.customer_id:
        return Incident.objects.open().filter(customer=job.customer_id)
    key = policy.calendar_key(job.calendar_id or 0)
    # The policies first: there are few, and a question to each incident's JSON would be asked a hundred thousand times.
    knowing = Policy.objects.filter(content__calendars__has_key=key).values_list("pk", flat=True)
    return Incident.objects.open().filter(policy__in=list(knowing))


def go_on(seconds: float = 5) -> None:
    """Takes up what nobody works at, for so long: the same workers sweep clocks, and those must not wait."""
    until = time.monotonic() + seconds
    at_work = Recalculation.objects.at_work()
    while time.monotonic() < until and (job := jobs.claim(at_work, without_a_sign=WITHOUT_A_SIGN)):
        while work(job):
            if time.monotonic() > until:
                jobs.lay_down(job)
                wakeup.after_commit("incidents.tasks.go_on_recalculating")
                return


def work(job: Recalculation) -> bool:
    """One batch, in a transaction of its own with the mark how far it went; False when there was none left."""
    now = moment.now()
    with transaction.atomic():
        job = Recalculation.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
        if job.state not in (State.PREVIEWING, State.APPLYING):
            return False
        held_to: dict[int, Policy] = {}
        batch = list(concerned(job).filter(pk__gt=job.cursor).order_by("pk").values_list("pk", flat=True)[:BATCH])
        for pk in batch:
            _try(job, pk, held_to, now)
        job.cursor = batch[-1] if batch else job.cursor
        job.incidents_done = F("incidents_done") + len(batch)
        if not batch:
            job.state = State.READY if job.state == State.PREVIEWING else State.DONE
            job.finished_at = now if job.state == State.DONE else None
        job.save()
        jobs.sign(job)
    return bool(batch)


def _try(job: Recalculation, pk: int, held_to: dict[int, Policy], now: datetime) -> None:
    """One incident; one whose clocks cannot be read stays as it is, says so, and holds up none of the others."""
    figures = (job.clocks_moved, job.clocks_breached, job.clocks_relieved, list(job.examples))
    try:
        with transaction.atomic():
            incident = locked(Incident(pk=pk)) if job.state == State.APPLYING else _as_it_is(pk)
            if incident.is_open:
                _look_at(job, incident, _held_to(job, incident, held_to), now)
    except ValueError:
        log.exception("the clocks of incident %s could not be recomputed", pk)
        held_to.clear()  # what was stored for it went with it
        job.clocks_moved, job.clocks_breached, job.clocks_relieved, job.examples = figures
        reference = Incident.objects.values_list("reference", flat=True).get(pk=pk)
        job.examples = [{"reference": reference, "unreadable": True}, *job.examples][:EXAMPLES]


def _as_it_is(pk: int) -> Incident:
    return Incident.objects.select_related("customer__calendar", "service", "policy", "team__calendar").get(pk=pk)


def _look_at(job: Recalculation, incident: Incident, held_to: Policy, now: datetime) -> None:
    terms = policy.terms(policy.carried(held_to, incident.policy))
    moved = False
    for clock in incident.clocks.active().order_by("pk"):
        clock.incident = incident
        then = clocks.foresee(clock, terms, now)
        moved = _count(job, clock, then) or moved
        if job.waive_reason and job.state == State.APPLYING and _is_relieved(clock, then):
            _waive(clock, job)
    if job.state == State.APPLYING and (moved or held_to.pk != incident.policy_id):
        clocks.hold_to(incident, now, held_to)
        if moved:
            record(incident, Kind.POLICY_APPLIED, by=job.decided_by or job.by, at=now)


def _waive(clock: Clock, job: Recalculation) -> None:
    """In the name of whoever decided; where they may no longer, the miss counts on and can be waived by another."""
    with suppress(MoveRefused):
        corrections.waive(clock, by=job.decided_by or job.by, reason=job.waive_reason)


def _held_to(job: Recalculation, incident: Incident, known: dict[int, Policy]) -> Policy:
    """The policy after the change; of a calendar asked for once for all incidents of the batch that share one."""
    if not job.calendar_id:
        return policy.resolve(incident.customer, incident.service)
    if incident.policy_id not in known:
        key = policy.calendar_key(job.calendar_id)
        known[incident.policy_id] = policy.edited(incident.policy, key, job.proposal["spec"])
    return known[incident.policy_id]


def _is_relieved(clock: Clock, then: clocks.Foreseen) -> bool:
    """It was missed, and by the other terms it would not have been."""
    return clock.breached_at is not None and then.breached_at is None


def _count(job: Recalculation, clock: Clock, then: clocks.Foreseen) -> bool:
    """Adds one clock to the figures; True when it would move."""
    late_by_it = then.breached_at is not None and clock.breached_at is None
    relieved = _is_relieved(clock, then)
    moves = then.due_at != clock.due_at
    job.clocks_moved += moves
    job.clocks_breached += late_by_it
    job.clocks_relieved += relieved
    if (moves or relieved) and len(job.examples) < EXAMPLES:
        job.examples.append(
            {
                "reference": clock.incident.reference,
                "clock": clock.kind,
                "clock_id": clock.pk,
                "before": clock.due_at and clock.due_at.isoformat(),
                "after": then.due_at and then.due_at.isoformat(),
                "late": late_by_it,
                "relieved": relieved,
            }
        )
    return moves
