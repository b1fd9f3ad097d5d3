"""The stored clocks: started, paused, resumed and stopped by the verbs, watched by the sweep.

Truth depends on when things happened, never on when a worker ran: due instants are computed by the pure package
`incidents.sla` when a verb changes a clock, and a breach is stamped with the instant at which it fell due.
Each function here is called inside a verb's transaction, with the incident's row locked.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min
from django.db.models.functions import Now

from customers import policy
from customers.policy import Target, Terms
from incidents.journal import Kind as EventKind
from incidents.journal import record
from incidents.models import Clock, ClockAlert, Incident
from incidents.sla import ledger
from itsm import moment

log = logging.getLogger(__name__)
Kind, State = Clock.Kind, Clock.State
RISK = 75  # percent of the target; from here a clock is "at risk"
DUE = 100
# Whoever restores is warned; an answer or an update is short enough to be simply due.
THRESHOLDS = {Kind.RESTORE: (RISK, DUE)}
MONITORING_GAP = 2  # after "works again" the gap between updates doubles
SWEEP_BATCH = 200
LOOK_AGAIN = timedelta(minutes=5)  # at a clock that could not be read
_MOVING_PARTS = [
    "ledger", "state", "priority", "target_s", "due_at", "at_risk_at", "next_alert_at", "stopped_at", "breached_at",
    "detected_at",
]  # fmt: skip


def terms_of(incident: Incident) -> Terms:
    return policy.terms(incident.policy)


def start(
    incident: Incident, kind: Clock.Kind, at: datetime, *, due_at: datetime | None = None, stretch: int = 1
) -> Clock:
    """Starts the next cycle of this kind; a `due_at` later than the policy allows is drawn back to it."""
    terms = terms_of(incident)
    target = _target(terms, kind, incident.priority, stretch)
    begun = ledger.begin(at, target.seconds, target.hours)
    latest = ledger.due(begun, terms.calendars)
    if due_at is not None and latest is not None and due_at < latest:
        begun = ledger.fix_due(begun, due_at)
    clock = Clock(
        incident=incident,
        customer_id=incident.customer_id,
        kind=kind,
        cycle=(incident.clocks.filter(kind=kind).aggregate(last=Max("cycle"))["last"] or 0) + 1,
        priority=incident.priority,
        level=terms.level,
        target_s=target.seconds,
        started_at=at,
    )
    return _settle(clock, begun, terms, at)


def promise(incident: Incident, at: datetime, *, due_at: datetime | None = None, stretch: int = 1) -> Clock:
    """A human word has been said at `at`: the first answer is given, the update is kept, the next one is promised."""
    stop(incident, Kind.RESPONSE, at)
    stop(incident, Kind.UPDATE, at)
    return start(incident, Kind.UPDATE, at, due_at=due_at, stretch=stretch)


def latest_promise(incident: Incident, at: datetime) -> datetime:
    """The latest instant for which the next update may be promised at `at`."""
    terms = terms_of(incident)
    stretch = MONITORING_GAP if incident.status == Incident.Status.RESTORED else 1
    target = _target(terms, Kind.UPDATE, incident.priority, stretch)
    due = ledger.due(ledger.begin(at, target.seconds, target.hours), terms.calendars)
    assert due is not None  # a running clock is due sometime
    return due


def rearm(incident: Incident, at: datetime) -> None:
    """It is broken again: the next update is promised for the normal gap, unless an earlier one was promised.

    That one runs on, late or not: a customer who has to remind us has not been told anything yet.
    """
    latest = latest_promise(incident, at)
    if any(clock.due_at and clock.due_at <= latest for clock in _active(incident, Kind.RESPONSE, Kind.UPDATE)):
        return
    cancel(incident, at, kinds=[Kind.UPDATE])
    start(incident, Kind.UPDATE, at)


def stop(incident: Incident, kind: Clock.Kind, at: datetime) -> None:
    for clock in _active(incident, kind):
        clock.stopped_at = at
        _settle(clock, ledger.stop(_ledger(clock), at), terms_of(incident), at, state=State.STOPPED)


def pause(incident: Incident, at: datetime, reason: str) -> None:
    """Only the restore clock pauses, and only for a question or a slot the customer can see."""
    for clock in _active(incident, Kind.RESTORE):
        _settle(clock, ledger.pause(_ledger(clock), at, reason), terms_of(incident), at, state=State.PAUSED)


def resume(incident: Incident, at: datetime) -> None:
    for clock in incident.clocks.filter(kind=Kind.RESTORE, state=State.PAUSED).select_for_update(no_key=True):
        _settle(clock, ledger.resume(_ledger(clock), at), terms_of(incident), at, state=State.RUNNING)


def relapse(incident: Incident, at: datetime) -> None:
    """The restore clock goes on with the time already used: the hours in which it worked do not count."""
    last = incident.clocks.filter(kind=Kind.RESTORE, state=State.STOPPED).order_by("-cycle")[:1]
    for clock in last.select_for_update(no_key=True):
        clock.stopped_at = None
        _settle(clock, ledger.resume(_ledger(clock), at), terms_of(incident), at, state=State.RUNNING)


def retarget(incident: Incident, at: datetime) -> None:
    """The priority changed: used time is kept, only the rest runs under the new target."""
    terms = terms_of(incident)
    stretch = MONITORING_GAP if incident.status == Incident.Status.RESTORED else 1
    for clock in incident.clocks.active().select_for_update(no_key=True):
        target = _target(terms, Kind(clock.kind), incident.priority, stretch if clock.kind == Kind.UPDATE else 1)
        clock.priority, clock.target_s = incident.priority, target.seconds
        _settle(clock, ledger.retarget(_ledger(clock), at, target.seconds, target.hours), terms, at)


def cancel(incident: Incident, at: datetime, kinds: list[Clock.Kind] | None = None) -> None:
    """Ends clocks without a verdict; a breach that was stays."""
    for clock in _active(incident, *(kinds or list(Kind))):
        clock.stopped_at = at
        _settle(clock, ledger.stop(_ledger(clock), at), terms_of(incident), at, state=State.CANCELLED)


def sweep(now: datetime | None = None) -> int:
    """Records each threshold that running clocks have passed, once; any number of sweepers may run.

    Returns the number of incidents it looked at. `now` is for travellers; else it is the database's clock.
    """
    done = 0
    while batch := _sweep_batch(now or moment.database_now()):
        done += batch
    return done


def oldest_due() -> timedelta:
    """How long the oldest threshold has been waiting for the sweep."""
    return Clock.objects.running().aggregate(age=Now() - Min("next_alert_at"))["age"] or timedelta()


def _sweep_batch(now: datetime) -> int:
    with transaction.atomic():
        due = Clock.objects.to_alert(now).values("incident")
        # By incident and not by clock: verbs lock the incident first, and the same order keeps us out of deadlocks.
        incidents = Incident.objects.filter(pk__in=due).select_related("policy")
        locked = list(incidents.select_for_update(of=("self",), no_key=True, skip_locked=True)[:SWEEP_BATCH])
        for incident in locked:
            _look_at(incident, now)
        return len(locked)


def _look_at(incident: Incident, now: datetime) -> None:
    passed = incident.clocks.to_alert(now)
    try:
        with transaction.atomic():
            for clock in passed.select_for_update(no_key=True):
                clock.incident = incident
                _settle(clock, _ledger(clock), terms_of(incident), now)
    except Exception:  # a clock that cannot be read must not keep all others from being looked at
        log.exception("the clocks of %s could not be read", incident.reference)
        passed.update(next_alert_at=now + LOOK_AGAIN)


def _target(terms: Terms, kind: Clock.Kind, priority: int, stretch: int = 1) -> Target:
    target = terms.target(kind.value, priority)  # type: ignore[arg-type]  # kinds and measures have the same names
    return Target(target.seconds * stretch, target.hours)


def _active(incident: Incident, *kinds: Clock.Kind) -> list[Clock]:
    clocks = list(incident.clocks.active().filter(kind__in=kinds).select_for_update(no_key=True))
    for clock in clocks:
        clock.incident = incident
    return clocks


def _ledger(clock: Clock) -> ledger.Ledger:
    return ledger.from_json(clock.ledger)


def _settle(
    clock: Clock, book: ledger.Ledger, terms: Terms, now: datetime, *, state: Clock.State | None = None
) -> Clock:
    """Stores what follows from the ledger at `now`: due instants, a breach, and the next instant to look again."""
    clock.ledger = ledger.to_json(book)
    clock.state = state or State(clock.state)
    running = clock.state == State.RUNNING
    if running or clock.state == State.PAUSED:
        clock.due_at = ledger.due(book, terms.calendars)
    clock.at_risk_at = ledger.position(book, RISK / 100, terms.calendars) if running else None
    breached_at = ledger.breach(book, now, terms.calendars)
    if breached_at and not clock.breached_at:  # sticky: what was late once stays late
        clock.breached_at, clock.detected_at = breached_at, now
    ahead = [at for at in _alert_instants(clock, book).values() if at > now] if running else []
    clock.next_alert_at = min(ahead, default=None)
    clock.save(update_fields=None if clock.pk is None else _MOVING_PARTS)
    _alert(clock, book, now)
    return clock


def _alert_instants(clock: Clock, book: ledger.Ledger) -> dict[int, datetime]:
    """Per threshold the first instant at which it has been passed; just in time is in time.

    A clock that goes on with all of its target used was due before, and is late a second after it goes on.
    """
    late_at = clock.due_at and max(clock.due_at, book.last.start) + timedelta(seconds=1)
    instants = {RISK: clock.at_risk_at, DUE: late_at}
    wanted = THRESHOLDS.get(Kind(clock.kind), (DUE,))
    return {threshold: at for threshold, at in instants.items() if at is not None and threshold in wanted}


def _alert(clock: Clock, book: ledger.Ledger, now: datetime) -> None:
    """Writes the highest threshold passed into the history, unless it stands there already."""
    risk_at = _alert_instants(clock, book).get(RISK) if clock.state == State.RUNNING else None
    if clock.breached_at:
        threshold, kind, at = DUE, EventKind.DEADLINE_MISSED, clock.breached_at
    elif risk_at and risk_at <= now:
        threshold, kind, at = RISK, EventKind.CLOCK_WARNED, risk_at
    else:
        return
    _, first = ClockAlert.objects.get_or_create(
        clock=clock,
        threshold=threshold,
        defaults={"customer_id": clock.customer_id, "due_at": at, "detected_at": now},
    )
    if first:
        record(clock.incident, kind, by=None, at=at, clock=clock.kind, clock_id=clock.pk, due_at=clock.due_at)
