"""When somebody is told that a clock runs out or has run out, and who: the escalation ladder of a level.

Shares of the target are positions on the clock's own working time, so warnings fall into it (rule 21 of
`docs/sla.md`). What concerns a promise is the same at each level: five minutes late the lead looks, and at the second
miss on the same incident the service delivery manager (docs/policy.md).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from customers.policy import Terms
from customers.working_hours import WorkingHours
from incidents.models import Clock, ClockAlert
from incidents.sla import hours, ledger

Kind = Clock.Kind
WARNED = (Kind.RESPONSE, Kind.REPLY, Kind.RESTORE)  # of a target in working time one may say how long before
DUE = 100
A_SECOND = timedelta(seconds=1)
UNNOTICED = timedelta(minutes=5)  # an update that comes within them has hurt nobody yet
NUDGE_S, NUDGE_PART = 600, 5  # ten minutes before an update is due, at most a fifth of the gap
MOST_REMINDERS = 1000


def instants(
    clock: Clock, book: ledger.Ledger, terms: Terms, team_hours: Callable[[], WorkingHours], now: datetime
) -> dict[int, datetime]:
    """Threshold -> the first instant at which it has been passed; just in time is in time (rule 12).

    Of the reminders only the last one before `now` and the next one. A clock that goes on with all of its target used
    was due before, and is late a second after it goes on.
    """
    if clock.state not in (Clock.State.RUNNING, Clock.State.PAUSED) or clock.due_at is None:
        return {}
    late_at = max(clock.due_at, book.last.start) + A_SECOND
    found = {DUE: late_at}
    before = terms.content["warn_before_min"] * 60
    if before and clock.kind in WARNED and (at := ledger.reach(book, clock.target_s - before, terms.calendars)):
        found[ClockAlert.BEFORE] = at
    if clock.kind == Kind.RESTORE:
        for share in (share for share in terms.ladder if share < DUE):
            if at := ledger.position(book, share / 100, terms.calendars):
                found[share] = at
    if clock.kind == Kind.UPDATE:
        nudge = nudge_at(book, terms)
        found |= {ClockAlert.LATE: late_at + UNNOTICED} | ({ClockAlert.BEFORE: nudge} if nudge else {})
    if clock.breached_at:
        found |= _reminders(clock.breached_at, timedelta(hours=terms.content["remind_every_h"]), team_hours(), now)
    return found


def nudge_at(book: ledger.Ledger, terms: Terms) -> datetime | None:
    """When whoever owes an update is reminded of it: while they work, so on its working time (rule 21)."""
    gap = book.target_s or 0
    if book.fixed_due is not None:
        working = hours.elapsed(terms.calendars[book.last.hours_key], book.started_at, book.fixed_due)
        gap = working or int((book.fixed_due - book.started_at).total_seconds())
    if gap <= 0:
        return None
    return ledger.position(book, 1 - min(NUDGE_S, gap // NUDGE_PART) / gap, terms.calendars)


def _reminders(since: datetime, every: timedelta, team_hours: WorkingHours, now: datetime) -> dict[int, datetime]:
    """A miss that goes on is brought up again, when the team that receives it works."""
    if not every:
        return {}
    number = max(1, int((now - since) / every))
    found: dict[int, datetime] = {}
    while number < MOST_REMINDERS:
        at = hours.next_open(team_hours, since + number * every)
        found[ClockAlert.REMINDER + number] = at
        if at > now:
            break
        number += 1
    return found


def told(clock: Clock, threshold: int, terms: Terms) -> list[str]:
    """Who looks at this threshold: owner, lead, manager, contact."""
    if threshold >= ClockAlert.REMINDER:
        return ["owner", "lead"]
    if threshold == ClockAlert.LATE:
        return ["lead"]
    if clock.kind == Kind.RESTORE and threshold != ClockAlert.BEFORE:
        return terms.ladder.get(threshold) or ["owner", "lead"]
    if threshold == ClockAlert.BEFORE or clock.kind in (Kind.CLOSE_OUT, Kind.TEAM):
        return ["owner"]
    if clock.kind == Kind.UPDATE:
        return ["owner", "manager"] if _is_second_miss(clock) else ["owner"]
    return ["owner", "lead"]


def _is_second_miss(clock: Clock) -> bool:
    updates = Clock.objects.filter(incident=clock.incident_id, kind=Kind.UPDATE).exclude(pk=clock.pk)
    return updates.missed().exists()
