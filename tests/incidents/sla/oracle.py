"""A second opinion on working time: minute by minute, no tables, no bisecting, no shortcut of `incidents.sla.hours`."""

from datetime import UTC, datetime, timedelta
from functools import cache

MINUTE = timedelta(minutes=1)


@cache
def wall_minutes(zone, first, days):
    """From each wall time of these dates to the first instant that shows it, by walking through the instants."""
    seen = {}
    instant = datetime.combine(first, datetime.min.time(), tzinfo=UTC) - timedelta(days=2)
    for _ in range((days + 4) * 1440):
        seen.setdefault(instant.astimezone(zone).replace(tzinfo=None), instant)
        instant += MINUTE
    return seen


def instant_of(zone, first, days, wall):
    """Rule 2: the first occurrence; a time that does not exist moves forward by the length of the gap."""
    seen = wall_minutes(zone, first, days)
    if wall in seen:
        return seen[wall]
    before, after = wall, wall
    while before not in seen:
        before -= MINUTE
    while after not in seen:
        after += MINUTE
    gap = after - before - MINUTE
    return seen[wall + gap]


def open_minutes(hours, first, days):
    """The instants of all open minutes of these local dates, as a set: what overlaps counts once."""
    found = set()
    for day in (first + timedelta(days=number) for number in range(days)):
        midnight = datetime.combine(day, datetime.min.time())
        for start, end in hours.on(day):
            instant = instant_of(hours.zone, first, days + 1, midnight + timedelta(minutes=start))
            closing = instant_of(hours.zone, first, days + 1, midnight + timedelta(minutes=end))
            while instant < closing:
                found.add(instant)
                instant += MINUTE
    return found


def elapsed(opened, start, end):
    return sum(60 for minute in opened if start <= minute < end)


def due(opened, start, minutes):
    """`minutes` of work after `start`, or None when the oracle's days do not hold so much."""
    following = sorted(minute for minute in opened if minute >= start)
    return following[minutes - 1] + MINUTE if 0 < minutes <= len(following) else None
