"""The stored clocks: started, paused, resumed and stopped by the verbs, watched by the sweep.

Truth depends on when things happened, never on when a worker ran: due instants are computed by the pure package
`incidents.sla` when a verb changes a clock, and a breach is stamped with the instant at which it fell due.
Each function here is called inside a verb's transaction, with the incident's row locked.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.db.models.functions import Now

from customers import policy
from customers.models import Policy
from customers.policy import ALWAYS, BusinessDays, Target, Terms
from customers.working_hours import WorkingHours, parse
from incidents import family, rungs
from incidents.journal import Kind as EventKind
from incidents.journal import event, record_all
from incidents.models import Clock, ClockAlert, Incident, IncidentEvent
from incidents.sla import hours, ledger
from itsm import moment

log = logging.getLogger(__name__)
Kind, State = Clock.Kind, Clock.State
RISK = 75  # percent of the target; from here a clock is "at risk"
MAJOR_GAP = Target(30 * 60, ALWAYS)  # the longest silence in a major incident, day and night
MONITORING_GAP = 2  # after "works again" the gap between updates doubles
SWEEP_BATCH = 200
CONTACT_AT = "contact_at"  # in Incident.details: when the customer wants to hear from us next
LOOK_AGAIN = timedelta(minutes=5)  # at a clock that could not be read
_MOVING_PARTS = [
    "ledger", "state", "priority", "level", "target_s", "due_at", "at_risk_at", "next_alert_at", "stopped_at",
    "breached_at", "detected_at",
]  # fmt: skip


def terms_of(incident: Incident) -> Terms:
    return policy.terms(incident.policy)


def after(incident: Incident, knob: BusinessDays, at: datetime) -> datetime:
    """So many business days of the customer after `at` as its policy says."""
    return after_days(incident, int(terms_of(incident).knob(knob)), at)


def after_days(incident: Incident, number: int, at: datetime) -> datetime:
    """The same for a number of business days that no knob names."""
    terms = terms_of(incident)
    window = terms.business_days(number)
    return hours.due(terms.calendars[window.hours], at, window.seconds)


def start(
    incident: Incident,
    kind: Clock.Kind,
    at: datetime,
    *,
    due_at: datetime | None = None,
    stretch: int = 1,
    agreed_at: datetime | None = None,
    beyond: bool = False,
) -> Clock | None:
    """Starts the next cycle of this kind; None where nothing is promised, or only what would take a century.

    A `due_at` later than the policy allows is drawn back to it, unless it may go `beyond`. `agreed_at` is for a
    target agreed later than `at`: time counts from `at`, but lateness only from then on (rule 17).
    """
    terms = terms_of(incident)
    target = _target(terms, incident, kind, stretch)
    if target is None and due_at is not None:  # nothing was owed, and yet somebody gave their word
        target = Target(max(1, int((due_at - at).total_seconds())), ALWAYS)
    if target is None:
        return None
    begun = ledger.begin(at, target.seconds, target.hours, agreed_at=agreed_at)
    try:
        latest = ledger.due(begun, terms.calendars)
    except hours.Unreachable:  # a report is taken, whatever has been agreed
        log.exception("what %s is promised never comes", incident.reference)
        return None
    if due_at is not None and latest is not None and (beyond or due_at < latest):
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
    return _settle(clock, begun, terms, agreed_at or at)


def promise(
    incident: Incident, at: datetime, *, due_at: datetime | None = None, stretch: int = 1, beyond: bool = False
) -> datetime | None:
    """A human word has been said at `at`: what was owed is given, and the next word is promised.

    Where the customer chose a time, it is promised for that one, or for an earlier one that was asked for. Returns
    when it is due.
    """
    for kind in (Kind.RESPONSE, Kind.REPLY, Kind.UPDATE):
        stop(incident, kind, at)
    if incident.is_joined:  # whoever reported it was promised the parent's next word, and nothing besides
        return open_promise(incident.parent)
    chosen = chosen_time(incident, at)
    if chosen and (due_at is None or due_at <= chosen):
        due_at, beyond = due_at or chosen, True
    clock = start(incident, Kind.UPDATE, at, due_at=due_at, stretch=stretch, beyond=beyond)
    return clock.due_at if clock else None


def open_promise(incident: Incident | None) -> datetime | None:
    """When the next word is due that everybody concerned hears; a reply is one person's."""
    owed = Clock.objects.running().filter(incident=incident, kind__in=[Kind.RESPONSE, Kind.UPDATE])
    return owed.order_by("due_at").values_list("due_at", flat=True).first()


def chosen_time(incident: Incident, at: datetime) -> datetime | None:
    """When the customer wants to hear from us next, while that lies ahead."""
    chosen = incident.details.get(CONTACT_AT)
    when = datetime.fromisoformat(chosen) if chosen else None
    return when if when and when > at else None


def wait_until(incident: Incident, due_at: datetime, at: datetime) -> None:
    """The customer chose the time of the next word: it is due then, and not before; what is late already stays late."""
    for clock in _active(incident, *Clock.PROMISES):
        agree(clock, due_at, at)


def promise_no_later(incident: Incident, due_at: datetime, at: datetime) -> None:
    """The next update was promised for `due_at` at the latest, elsewhere: the earlier of both promises holds."""
    for clock in _active(incident, Kind.UPDATE):
        if clock.due_at and due_at < clock.due_at:
            agree(clock, due_at, at)


def promise_by(incident: Incident, due_at: datetime, at: datetime) -> None:
    """A human word is promised for `due_at` at the latest, whatever else was; the earlier promise holds."""
    owed = _active(incident, *Clock.PROMISES)
    if any(clock.due_at and clock.due_at <= due_at for clock in owed):
        return
    updates = [clock for clock in owed if clock.kind == Kind.UPDATE]
    for clock in updates:
        agree(clock, due_at, at)
    if not updates:
        start(incident, Kind.UPDATE, at, due_at=due_at)


def latest_promise(incident: Incident, at: datetime) -> datetime | None:
    """The latest instant for which the next update may be promised at `at`; None where the policy sets no bound."""
    latest, chosen = _gap_ends(incident, at), chosen_time(incident, at)
    return max(latest, chosen) if latest and chosen else latest


def _gap_ends(incident: Incident, at: datetime) -> datetime | None:
    terms = terms_of(incident)
    target = _target(terms, incident, Kind.UPDATE, _stretch(incident))
    return ledger.due(ledger.begin(at, target.seconds, target.hours), terms.calendars) if target else None


def is_answered(incident: Incident) -> bool:
    """Has a person said a first word?"""
    return not incident.clocks.active().filter(kind=Kind.RESPONSE).exists()


def customer_wrote(incident: Incident, at: datetime) -> None:
    """The oldest unanswered word of the customer is owed a reply; before the first answer that one is owed (rule 8)."""
    if not incident.clocks.active().filter(kind__in=[Kind.RESPONSE, Kind.REPLY]).exists():
        start(incident, Kind.REPLY, at)


def rearm(incident: Incident, at: datetime) -> None:
    """It is broken again: the next update is promised for the normal gap, unless an earlier one was promised.

    That one runs on, late or not: a customer who has to remind us has not been told anything yet.
    """
    latest = _gap_ends(incident, at)
    running = _active(incident, Kind.RESPONSE, Kind.UPDATE)
    if any(clock.due_at and (latest is None or clock.due_at <= latest) for clock in running):
        return
    cancel(incident, at, kinds=[Kind.UPDATE])
    start(incident, Kind.UPDATE, at)


def stop(incident: Incident, kind: Clock.Kind, at: datetime) -> None:
    for clock in _active(incident, kind):
        clock.stopped_at = at
        _settle(clock, ledger.stop(_ledger(clock), at), terms_of(incident), at)


def pause(incident: Incident, at: datetime, reason: str) -> None:
    """Those clocks of which the policy says so stand still, for a question or a slot the customer can see (rule 7)."""
    terms = terms_of(incident)
    for clock in _active(incident, *(kind for kind in Kind if terms.pauses(kind))):
        _settle(clock, ledger.pause(_ledger(clock), at, reason), terms, at)


def resume(incident: Incident, at: datetime, reason: str | None = None) -> None:
    """That reason ends, or all do; a clock runs again when the last has ended."""
    for clock in incident.clocks.filter(state=State.PAUSED).select_for_update(no_key=True):
        clock.incident = incident
        _settle(clock, ledger.resume(_ledger(clock), at, reason), terms_of(incident), at)


def relapse(incident: Incident, at: datetime) -> None:
    """The restore clock goes on with the time already used: the hours in which it worked do not count."""
    cancel(incident, at, kinds=[Kind.CLOSE_OUT])
    last = incident.clocks.filter(kind=Kind.RESTORE, state=State.STOPPED).order_by("-cycle")[:1]
    for clock in last.select_for_update(no_key=True):
        clock.incident, clock.stopped_at = incident, None
        _settle(clock, ledger.resume(_ledger(clock), at), terms_of(incident), at)
        _retarget(clock, terms_of(incident), at)  # what was changed meanwhile had to wait for this


def hold_to(incident: Incident, at: datetime, held_to: Policy | None = None) -> None:
    """From `at` on the incident is held to this policy, or to its own at a new priority.

    Used time is kept, only the rest runs under the new target (rules 4 and 5); what was not promised before counts
    from the report, and is late at the earliest now (rule 17). A target of none ends its clock (rule 20).
    """
    if held_to is not None:
        incident.policy = policy.carried(held_to, incident.policy)
        incident.save(update_fields=["policy"])
    terms = terms_of(incident)
    for clock in incident.clocks.exclude(state=State.CANCELLED).select_for_update(no_key=True):
        clock.incident = incident
        if clock.state != State.STOPPED:
            _retarget(clock, terms, at)
    begun = set(incident.clocks.values_list("kind", flat=True))
    for kind in (Kind.RESPONSE, Kind.RESTORE):
        if kind not in begun and incident.is_down:
            start(incident, kind, incident.opened_at, agreed_at=at)


def _retarget(clock: Clock, terms: Terms, at: datetime) -> None:
    book, target = _under(clock, terms, at)
    if target is None:
        clock.stopped_at = at
        _settle(clock, ledger.stop(book, at), terms, at, cancelled=True)
        return
    clock.priority, clock.level, clock.target_s = clock.incident.priority, terms.level, target.seconds
    _settle(clock, book, terms, at)


def _under(clock: Clock, terms: Terms, at: datetime) -> tuple[ledger.Ledger, Target | None]:
    """What the clock would be from `at` on under these terms: nothing is changed."""
    incident, book = clock.incident, _ledger(clock)
    target = _target(terms, incident, Kind(clock.kind), _stretch(incident) if clock.kind == Kind.UPDATE else 1)
    if target is None:
        return book, None
    if clock.kind == Kind.UPDATE and clock.due_at:
        # The word that was given stands, unless the next gap from now on would end before it: a promise is made to a
        # person, and nobody is told that one they were never given has been broken.
        latest = ledger.due(ledger.begin(at, target.seconds, target.hours), terms.calendars)
        if clock.due_at != chosen_time(incident, at):
            book = ledger.fix_due(book, min(clock.due_at, latest or clock.due_at), at)
    return ledger.retarget(book, at, target.seconds, target.hours), target


@dataclass(frozen=True)
class Foreseen:
    """What would become of a clock."""

    due_at: datetime | None
    breached_at: datetime | None


def foresee(clock: Clock, terms: Terms, at: datetime) -> Foreseen:
    """The clock from `at` on under other terms, as `hold_to` would leave it; `clock.incident` must be loaded."""
    book, target = _under(clock, terms, at)
    if target is None:
        return Foreseen(None, None)
    return Foreseen(ledger.due(book, terms.calendars), ledger.breach(book, at, terms.calendars))


def agree(clock: Clock, due_at: datetime | None, at: datetime) -> None:
    """A deadline by hand, which no pause, priority or calendar moves; None takes it away again (rule 19)."""
    _settle(clock, ledger.fix_due(_ledger(clock), due_at, at), terms_of(clock.incident), at)


def cancel(incident: Incident, at: datetime, kinds: list[Clock.Kind] | None = None) -> None:
    """Ends clocks without a verdict; a breach that was stays."""
    for clock in _active(incident, *(kinds or list(Kind))):
        clock.stopped_at = at
        _settle(clock, ledger.stop(_ledger(clock), at), terms_of(incident), at, cancelled=True)


def end_many(ends: Iterable[tuple[Clock, datetime, bool]]) -> None:
    """Ends these clocks, each at its instant, in a handful of questions; True: without a verdict.

    Their incidents are locked and at hand. An instant before the last change of a clock is drawn to that one.
    """
    looks = []
    for clock, at, cancelled in ends:
        book = _ledger(clock)
        clock.stopped_at = at = max(at, book.last.start)
        looks.append(_computed(clock, ledger.stop(book, at), terms_of(clock.incident), at, cancelled=cancelled))
    Clock.objects.bulk_update([look.clock for look in looks], _MOVING_PARTS)
    _alert(looks, moment.now())


def sweep(now: datetime | None = None) -> int:
    """Records each threshold that clocks have passed, once; any number of sweepers may run.

    Returns the number of incidents it looked at. `now` is for travellers; else it is the database's clock.
    """
    done = 0
    while batch := _sweep_batch(now or moment.database_now()):
        done += batch
    return done


def oldest_due() -> timedelta:
    """How long the oldest threshold has been waiting for the sweep."""
    age = Clock.objects.active().aggregate(age=Now() - Min("next_alert_at"))["age"]
    return max(age or timedelta(), timedelta())


def batch_due(now: datetime) -> QuerySet[Incident]:
    """The next incidents with a threshold passed, locked; what another sweeper holds is left to it.

    By incident and not by clock: verbs lock the incident first, and the same order keeps us out of deadlocks.
    """
    due = Clock.objects.to_alert(now).values("incident")
    incidents = Incident.objects.filter(pk__in=due).select_related("policy", "team__calendar")
    incidents = incidents.exclude(family.lags())  # what its parent has settled is no miss because a worker comes late
    return incidents.select_for_update(of=("self",), no_key=True, skip_locked=True)[:SWEEP_BATCH]


def _sweep_batch(now: datetime) -> int:
    """One batch in a handful of questions, however many clocks it is: a thousand may fall due in the same minute."""
    with transaction.atomic():
        incidents = {incident.pk: incident for incident in batch_due(now)}
        passed = Clock.objects.to_alert(now).filter(incident__in=incidents).order_by("pk")
        looked_at = [
            look for clock in passed.select_for_update(no_key=True)
            if (look := _look_at(clock, incidents[clock.incident_id], now))
        ]  # fmt: skip
        Clock.objects.bulk_update([look.clock for look in looked_at], ["next_alert_at", "breached_at", "detected_at"])
        _alert(looked_at, now)
        return len(incidents)


def _look_at(clock: Clock, incident: Incident, now: datetime) -> "_Look | None":
    clock.incident = incident
    try:
        return _computed(clock, _ledger(clock), terms_of(incident), now)
    except Exception:  # a clock that cannot be read must not keep all others from being looked at
        log.exception("a clock of %s could not be read", incident.reference)
        Clock.objects.filter(pk=clock.pk).update(next_alert_at=now + LOOK_AGAIN)
        return None


def _target(terms: Terms, incident: Incident, kind: Clock.Kind, stretch: int = 1) -> Target | None:
    if kind == Kind.TEAM:
        minutes = incident.team.own_target_min
        return Target(minutes * 60, terms.business) if minutes else None
    target = terms.target(kind.value, incident.priority)  # type: ignore[arg-type]  # kinds and measures are named alike
    if kind == Kind.UPDATE and incident.is_major:
        target = target if target and target.hours == ALWAYS and target.seconds < MAJOR_GAP.seconds else MAJOR_GAP
    return Target(target.seconds * stretch, target.hours) if target else None


def _stretch(incident: Incident) -> int:
    return MONITORING_GAP if incident.status == Incident.Status.RESTORED else 1


def _active(incident: Incident, *kinds: Clock.Kind) -> list[Clock]:
    clocks = list(incident.clocks.active().filter(kind__in=kinds).select_for_update(no_key=True))
    for clock in clocks:
        clock.incident = incident
    return clocks


def _ledger(clock: Clock) -> ledger.Ledger:
    return ledger.from_json(clock.ledger)


@dataclass(frozen=True)
class _Look:
    """A clock as it is at one moment, with the thresholds it has passed and when."""

    clock: Clock
    passed: dict[int, datetime]


def _settle(clock: Clock, book: ledger.Ledger, terms: Terms, now: datetime, *, cancelled: bool = False) -> Clock:
    """Stores what follows from the ledger at `now`."""
    look = _computed(clock, book, terms, now, cancelled=cancelled)
    clock.save(update_fields=None if clock.pk is None else _MOVING_PARTS)
    _alert([look], now)
    return clock


def _computed(clock: Clock, book: ledger.Ledger, terms: Terms, now: datetime, *, cancelled: bool = False) -> _Look:
    """Due instants, a breach, the next instant to look again, and what has been passed; nothing is stored yet."""
    clock.ledger = ledger.to_json(book)
    clock.state = State.CANCELLED if cancelled else State(book.state.value)
    if clock.state in (State.RUNNING, State.PAUSED):
        clock.due_at = ledger.due(book, terms.calendars)
    elif clock.due_at is None and clock.state == State.STOPPED:  # out of a pause: what it was measured against
        clock.due_at = ledger.deadline(book, terms.calendars)
    clock.at_risk_at = ledger.position(book, RISK / 100, terms.calendars) if clock.state == State.RUNNING else None
    breached_at = ledger.breach(book, now, terms.calendars)
    if breached_at and not clock.breached_at:  # sticky: what was late once stays late
        clock.breached_at, clock.detected_at = breached_at, now
    instants = rungs.instants(clock, book, terms, lambda: team_hours(clock.incident, terms), now)
    clock.next_alert_at = min((at for at in instants.values() if at > now), default=None)
    passed = {threshold: at for threshold, at in instants.items() if at <= now}
    if clock.breached_at:
        passed[rungs.DUE] = clock.breached_at  # also when it ended late before anybody looked
    return _Look(clock, passed)


def team_hours(incident: Incident, terms: Terms) -> WorkingHours:
    """When those work who are reminded."""
    calendar = incident.team.calendar
    return parse(calendar.spec) if calendar else terms.calendars[terms.business]


def _alert(looks: list[_Look], now: datetime) -> None:
    """Writes down what has been passed and was not before: a miss always, of the rest the furthest only."""
    passed = [look for look in looks if look.passed]
    if not passed:
        return
    known = set(
        ClockAlert.objects.filter(clock__in=[look.clock for look in passed]).values_list("clock_id", "threshold")
    )
    alerts, events = [], []
    for look in passed:
        fresh = {number: at for number, at in look.passed.items() if (look.clock.pk, number) not in known}
        alerts += [_alert_of(look.clock, number, at, now) for number, at in fresh.items()]
        furthest = max(look.passed, key=look.passed.__getitem__)
        told = sorted({rungs.DUE, furthest} & fresh.keys(), key=fresh.__getitem__)
        events += [_event_of(look.clock, number, fresh[number]) for number in told]
    ClockAlert.objects.bulk_create(alerts)
    record_all(events)


def _alert_of(clock: Clock, threshold: int, at: datetime, now: datetime) -> ClockAlert:
    return ClockAlert(clock=clock, threshold=threshold, customer_id=clock.customer_id, due_at=at, detected_at=now)


def _event_of(clock: Clock, threshold: int, at: datetime) -> IncidentEvent:
    # Of a report that follows another one the people at the desk hear by that one; a reply is its own matter.
    alone = not clock.incident.is_joined or clock.kind == Kind.REPLY
    told = rungs.told(clock, threshold, terms_of(clock.incident)) if alone else []
    return event(
        clock.incident, _event_kind(threshold), by=None, at=at,
        clock=clock.kind, clock_id=clock.pk, due_at=clock.due_at, threshold=threshold, tell=told,
    )  # fmt: skip


def _event_kind(threshold: int) -> EventKind:
    if threshold == rungs.DUE:
        return EventKind.DEADLINE_MISSED
    return EventKind.CLOCK_WARNED if threshold < rungs.DUE else EventKind.ESCALATED
