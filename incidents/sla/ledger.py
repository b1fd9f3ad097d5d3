"""A clock as a value: the segments in which it ran, waited or stood still, and what follows from them.

Pure: no Django, no clock; `now` is always handed in. Rules 3 to 5, 7, 10 to 13, 17, 19, 21 and 24 of `docs/sla.md`.
Every verb returns a new ledger. Instants are aware datetimes, kept in UTC to the second; an event that arrives with an
earlier instant than the last one counts at the last one's, so elapsed time is never negative. Segments of no length
vanish, so the order of events of one second changes nothing but the state the last one leaves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from customers.working_hours import WorkingHours
from incidents.sla import hours

Calendars = Mapping[str, WorkingHours]


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # restored, or answered: it may run again


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time, half-open, under one set of terms; the last segment of a ledger has no end."""

    start: datetime
    end: datetime | None
    hours_key: str  # which of the calendars counts
    state: State
    target_s: int | None  # working seconds; None before anything was promised (rule 17)
    fixed_due: datetime | None = None  # agreed by hand (rule 19)
    reasons: tuple[str, ...] = ()  # why it is paused; several at a time count once (rule 7)

    @property
    def reason(self) -> str:
        return ", ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The history of one clock: segments without gaps, never empty, the last one open. Made by `begin`."""

    segments: tuple[Segment, ...]

    @property
    def started_at(self) -> datetime:
        return self.segments[0].start

    @property
    def stopped_at(self) -> datetime | None:
        return self.last.start if self.last.state == State.STOPPED else None

    @property
    def last(self) -> Segment:
        return self.segments[-1]

    @property
    def state(self) -> State:
        return self.last.state

    @property
    def target_s(self) -> int | None:
        return self.last.target_s

    @property
    def fixed_due(self) -> datetime | None:
        return self.last.fixed_due


def begin(at: datetime, target_s: int, key: str, *, agreed_at: datetime | None = None) -> Ledger:
    """A running clock since `at`, the receipt of the report (rule 23).

    `agreed_at` is for a promise made later: time counts from `at`, but lateness only from then on (rule 17).
    """
    opened = Ledger((Segment(_second(at), None, key, State.RUNNING, None),))
    return retarget(opened, agreed_at or at, target_s, key)


def pause(ledger: Ledger, at: datetime, reason: str) -> Ledger:
    """Stops counting for one more reason, which must be given; a stopped clock stays as it is (rule 7)."""
    if not reason:
        raise ValueError("A pause needs a reason.")
    if ledger.state == State.STOPPED:
        return ledger
    return _turn(ledger, at, state=State.PAUSED, reasons=tuple(sorted({*ledger.last.reasons, reason})))


def resume(ledger: Ledger, at: datetime, reason: str | None = None) -> Ledger:
    """Counts on with the time already used: after a pause, or after a stop that did not last (rule 10).

    With `reason` only that one ends, and the clock runs when it was the last (rule 7); without, they all end.
    """
    left = tuple(given for given in ledger.last.reasons if reason is not None and given != reason)
    return _turn(ledger, at, state=State.PAUSED if left else State.RUNNING, reasons=left)


def stop(ledger: Ledger, at: datetime) -> Ledger:
    """Restored, answered, or cancelled: nothing counts from here on. Stopping twice keeps the first instant."""
    return _turn(ledger, at, state=State.STOPPED, reasons=())


def retarget(ledger: Ledger, at: datetime, target_s: int, key: str) -> Ledger:
    """New terms from `at` on: used time is kept, only the rest runs under them (rules 4 and 5).

    On a stopped clock they wait for a relapse; the verdict it has already stays (rule 13).
    """
    if not 0 < target_s <= hours.HORIZON:
        raise ValueError("A clock needs a target between one second and a hundred years; without a target, no clock.")
    return _turn(ledger, at, target_s=target_s, hours_key=key)


def fix_due(ledger: Ledger, due: datetime | None, at: datetime | None = None) -> Ledger:
    """A deadline by hand from `at` on, which no pause, target or calendar moves; None takes it away again (rule 19).

    Without `at` it holds from the last event, as for a promise made with the clock's beginning.
    """
    return _turn(ledger, at or ledger.last.start, fixed_due=None if due is None else _second(due))


def spans(ledger: Ledger, now: datetime, calendars: Calendars) -> Iterator[tuple[Segment, datetime, int]]:
    """Each segment up to `now`, where it ends, and the working seconds it used: the explanation (rule 24)."""
    now = _second(now)
    for segment in ledger.segments:
        if segment.start > now:
            return
        end = now if segment.end is None else min(segment.end, now)
        runs = segment.state == State.RUNNING
        yield segment, end, hours.elapsed(calendars[segment.hours_key], segment.start, end) if runs else 0


def elapsed(ledger: Ledger, now: datetime, calendars: Calendars) -> int:
    """Working seconds used up to `now`, without the pauses (rule 3)."""
    return sum(used for _, _, used in spans(ledger, now, calendars))


def remaining(ledger: Ledger, now: datetime, calendars: Calendars) -> int | None:
    """Working seconds left of the target, negative when exceeded: "paused, 1 h 05 left" (rule 11)."""
    return None if ledger.target_s is None else ledger.target_s - elapsed(ledger, now, calendars)


def due(ledger: Ledger, calendars: Calendars) -> datetime | None:
    """When the target is, or was, reached; None while paused or stopped. A deadline by hand holds while paused.

    After a target change it may lie in the past, before the change (rule 5).
    """
    if ledger.state == State.STOPPED:
        return None
    if ledger.fixed_due is not None:
        return ledger.fixed_due
    if ledger.state == State.PAUSED or ledger.target_s is None:
        return None
    return reach(ledger, ledger.target_s, calendars)


def deadline(ledger: Ledger, calendars: Calendars) -> datetime | None:
    """What a stopped clock was measured against: when it would have been due had it run on; else the same as `due`."""
    if ledger.state != State.STOPPED:
        return due(ledger, calendars)
    ran = [number for number, segment in enumerate(ledger.segments) if segment.state == State.RUNNING]
    upto = ran[-1] if ran else 0
    return due(
        Ledger((*ledger.segments[:upto], replace(ledger.segments[upto], end=None, state=State.RUNNING))), calendars
    )


def reach(ledger: Ledger, seconds: int, calendars: Calendars) -> datetime | None:
    """The earliest instant by which so many working seconds are used; None if it has not come and nothing runs."""
    if seconds <= 0:
        return ledger.started_at
    for segment in ledger.segments:
        if segment.state != State.RUNNING:
            continue
        calendar = calendars[segment.hours_key]
        if segment.end is None:
            return hours.due(calendar, segment.start, seconds)
        used = hours.elapsed(calendar, segment.start, segment.end)
        if used >= seconds:
            return hours.due(calendar, segment.start, seconds)
        seconds -= used
    return None


def position(ledger: Ledger, share: float, calendars: Calendars) -> datetime | None:
    """The instant at which a share of the target is used, 0.75 for a warning: it falls into working time (rule 21).

    A deadline by hand is its own axis: the working time from the beginning to it, without pauses. None when stopped,
    and when paused before it came.
    """
    if ledger.state == State.STOPPED:
        return None
    if ledger.fixed_due is None:
        return None if ledger.target_s is None else reach(ledger, _part(share, ledger.target_s), calendars)
    calendar, start, fixed = calendars[ledger.last.hours_key], ledger.started_at, ledger.fixed_due
    if working := hours.elapsed(calendar, start, fixed):
        return min(hours.due(calendar, start, _part(share, working)), fixed) if share <= 1 else fixed
    # Agreed for a time when nobody works: then the wall clock is the only axis there is.
    return start + timedelta(seconds=_part(min(share, 1), max(0, int((fixed - start).total_seconds()))))


def breach(ledger: Ledger, now: datetime, calendars: Calendars) -> datetime | None:
    """When the promise was first broken, as far as `now` can know; None while it is kept.

    To be there in the second of the due instant is met, one second later is breached (rule 12). A paused clock does
    not breach, a breach before the pause stays (rule 11), and no later change of terms takes one back (rule 13).
    When the change itself made it late, the instant is that of the change, not the due instant (rule 5).
    """
    used = 0
    for segment, end, seconds in spans(ledger, now, calendars):
        late_from = _late_from(segment, used, calendars)
        if late_from is not None and (end > late_from or (segment.end is None and _is_late_at_once(segment, used))):
            return late_from
        used += seconds
    return None


def _late_from(segment: Segment, used: int, calendars: Calendars) -> datetime | None:
    """After which instant of the segment the promise is broken, with `used` seconds before it; None for never."""
    if segment.state == State.STOPPED:
        return None
    if segment.fixed_due is not None:
        return max(segment.fixed_due, segment.start)
    if segment.target_s is None or segment.state == State.PAUSED:
        return None
    return hours.due(calendars[segment.hours_key], segment.start, max(0, segment.target_s - used))


def _is_late_at_once(segment: Segment, used: int) -> bool:
    """Whether the promise was broken before the segment began, so that its very first second is late."""
    if segment.fixed_due is not None:
        return segment.fixed_due < segment.start
    return segment.target_s is not None and used > segment.target_s


def _turn(ledger: Ledger, at: datetime, **changes: Any) -> Ledger:
    """Ends the open segment and opens its successor with some terms changed; leaves out what has no length."""
    last = ledger.last
    at = max(_second(at), last.start)
    following = replace(last, start=at, **changes)
    if replace(following, start=last.start) == last:
        return ledger
    kept = ledger.segments[:-1]
    if at > last.start:
        return Ledger((*kept, replace(last, end=at), following))
    # The segment that just began is replaced; what is then the same as before it was never interrupted.
    if kept and replace(kept[-1], end=None) == replace(following, start=kept[-1].start):
        return Ledger((*kept[:-1], replace(kept[-1], end=None)))
    return Ledger((*kept, following))


def _part(share: float, seconds: int) -> int:
    """Rounded up, so that the share is really used; what binary fractions add is cut off first."""
    return ceil(round(share * seconds, 6))


def _second(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return at.astimezone(UTC).replace(microsecond=0)


def to_json(ledger: Ledger) -> list[dict[str, Any]]:
    """For a JSON column; what a segment does not have is left out."""
    return [_segment_to_json(segment) for segment in ledger.segments]


def from_json(stored: list[dict[str, Any]]) -> Ledger:
    """The inverse of `to_json`. Raises `ValueError` for what is not a ledger."""
    try:
        segments = tuple(_segment_from_json(entry) for entry in stored)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is not a stored ledger: {error!r}") from error
    if not segments or [segment.end for segment in segments] != [*(later.start for later in segments[1:]), None]:
        raise ValueError("The segments of a stored ledger must follow each other, and the last one must be open.")
    return Ledger(segments)


def _segment_to_json(segment: Segment) -> dict[str, Any]:
    entry = {
        "from": segment.start.isoformat(),
        "to": segment.end and segment.end.isoformat(),
        "hours": segment.hours_key,
        "state": segment.state.value,
        "target_s": segment.target_s,
        "fixed_due": segment.fixed_due and segment.fixed_due.isoformat(),
        "reasons": list(segment.reasons),
    }
    return {key: value for key, value in entry.items() if value not in (None, [])}


def _segment_from_json(entry: dict[str, Any]) -> Segment:
    return Segment(
        start=_second(datetime.fromisoformat(entry["from"])),
        end=_second(datetime.fromisoformat(entry["to"])) if "to" in entry else None,
        hours_key=entry["hours"],
        state=State(entry["state"]),
        target_s=entry.get("target_s"),
        fixed_due=_second(datetime.fromisoformat(entry["fixed_due"])) if "fixed_due" in entry else None,
        reasons=tuple(entry.get("reasons", ())),
    )
