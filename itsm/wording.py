"""Time, states and clocks in words for people. Pure: no database, no request; the language is the active one."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext, pgettext_lazy

MINUTE, HOUR, DAY = 60, 3600, 86400
MINUTES_A_DAY = 1440
DAYS_FROM_HOURS = 120  # 72 h are said in hours, 720 h as 30 days
SHORT_OF_TIME = 0.25  # a clock asks for attention in its last quarter
COUNTDOWN_UP_TO = 12 * HOUR  # beyond it, a day and an hour say more than "17 h 20"


class ClockFace(Protocol):
    """What a clock must know to be shown (`incidents.queries` provides it)."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def remaining_s(self) -> float: ...
    @property
    def share_left(self) -> float: ...
    @property
    def is_late(self) -> bool: ...
    @property
    def paused_reason(self) -> str: ...


class Stretch(Protocol):
    """From when until when (`incidents.explanation` provides it)."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


@dataclass(frozen=True)
class ClockWords:
    """A clock in words: `<b>lead</b> rest`, and how it stands (calm, attention, late, paused, done, plain)."""

    tone: str
    lead: str
    rest: str
    icon: str
    bar: int
    ticks: bool


@dataclass(frozen=True)
class StatusWords:
    tone: str
    icon: str
    label: object


def duration_words(seconds: float) -> str:
    """25 min, 1 h 05, 1 day 3 h, 2 days. Rounded down: nobody is promised a minute that is not there."""
    seconds = abs(int(seconds))
    if seconds < MINUTE:
        return gettext("under 1 min")
    if seconds < HOUR:
        return gettext("%(minutes)d min") % {"minutes": seconds // MINUTE}
    if seconds < DAY:
        return gettext("%(hours)d h %(minutes)02d") % {"hours": seconds // HOUR, "minutes": seconds % HOUR // MINUTE}
    days, hours = seconds // DAY, seconds % DAY // HOUR
    words = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    if days == 1 and hours:
        return gettext("%(day)s %(hours)d h") % {"day": words, "hours": hours}
    return words


def working_words(seconds: float) -> str:
    """25 min, 1 h 05, 30 h 00: of working time, a day of which has not 24 hours."""
    seconds = abs(int(seconds))
    if seconds < DAY:
        return duration_words(seconds)
    return gettext("%(hours)d h %(minutes)02d") % {"hours": seconds // HOUR, "minutes": seconds % HOUR // MINUTE}


def clock_time(there: datetime) -> str:
    """15:30; in the night that has an hour twice, with its offset: 02:30 UTC+2."""
    wall = there.replace(tzinfo=None)
    offsets = [wall.replace(tzinfo=there.tzinfo, fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    if offsets[0] <= offsets[1]:  # the same; or a time that the clocks leave out, which nobody reads on one
        return f"{there:%H:%M}"
    minutes = int((there.utcoffset() or timedelta()).total_seconds()) // 60
    odd = f":{abs(minutes) % 60:02}" if minutes % 60 else ""
    return f"{there:%H:%M} UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60}{odd}"


def minutes_words(minutes: int) -> str:
    """A length of time as it was agreed, exactly: 30 min, 90 min, 4 h, 2 days."""
    if minutes % MINUTES_A_DAY == 0:
        days = minutes // MINUTES_A_DAY
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    if minutes % 60 == 0:
        return gettext("%(hours)d h") % {"hours": minutes // 60}
    return gettext("%(minutes)d min") % {"minutes": minutes}


def hours_words(hours: int) -> str:
    """As laws say it: 4 h, 24 h, 72 h, 30 days."""
    return gettext("%(hours)d h") % {"hours": hours} if hours < DAYS_FROM_HOURS else minutes_words(hours * 60)


def due_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """When, as one would say it: today 15:30, tomorrow 10:00, Wed 12:00, 3 Dec 09:00."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    clock = clock_time(there)
    named = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}.get(days)
    if named:
        return gettext("%(day)s %(clock)s") % {"day": named, "clock": clock}
    if 1 < days < 7:
        return f"{format_date(there, 'D')} {clock}"
    if there.year == here.year:
        return f"{format_date(there, 'j M')} {clock}"
    return f"{format_date(there, 'j M Y')} {clock}"


def exact_words(at: datetime, zone: tzinfo) -> str:
    """Mon 23 Nov, 14:00 CET: for words that are read again on another day, or in another zone."""
    there = at.astimezone(zone)
    return f"{format_date(there, 'D j M')}, {there:%H:%M} {there.tzname()}"


def by_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """As due_words, for after the word "by": today's times need no day (next news by 14:00)."""
    there = at.astimezone(zone)
    return clock_time(there) if there.date() == now.astimezone(zone).date() else due_words(at, now, zone)


def span_words(start: datetime, end: datetime, now: datetime, zone: tzinfo) -> str:
    """today 13:43 to 15:16, yesterday 17:00 to today 09:00: the day is said again only when it is another."""
    there = end.astimezone(zone)
    same_day = there.date() == start.astimezone(zone).date()
    until = clock_time(there) if same_day else due_words(end, now, zone)
    return gettext("%(start)s to %(end)s") % {"start": due_words(start, now, zone), "end": until}


def initials(name: str) -> str:
    """Ines Karlsson -> IK; a single name gives its first letter."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


PURPOSES = {
    "response": (pgettext_lazy("clock", "to answer"), pgettext_lazy("clock", "answer")),
    "reply": (pgettext_lazy("clock", "to reply"), pgettext_lazy("clock", "reply")),
    "update": (pgettext_lazy("clock", "to update"), pgettext_lazy("clock", "update")),
    "restore": (pgettext_lazy("clock", "to restore"), pgettext_lazy("clock", "restore")),
    "team": (pgettext_lazy("clock", "for the team"), pgettext_lazy("clock", "team's own target")),
    "close_out": (pgettext_lazy("clock", "to close"), pgettext_lazy("clock", "close-out")),
}


def clock_words(face: ClockFace, now: datetime, zone: tzinfo) -> ClockWords:
    """One line for a queue row. A clock that runs only in office hours shows its due time, not a false countdown."""
    if face.state != "running" or face.due_at is None:
        return _standing_words(face)
    to_do, name = PURPOSES.get(face.kind, ("", face.kind))
    bar = _bar(face)
    wall = (face.due_at - now).total_seconds()
    if face.is_late or wall < 0:
        late = pgettext("clock", "%(time)s late") % {"time": duration_words(wall)}
        return ClockWords("late", late, str(to_do), "clock-alert", 4, ticks=True)
    tone = "attention" if face.share_left <= SHORT_OF_TIME else "calm"
    icon = "hourglass" if tone == "attention" else ""
    if not _counts_down(face, now):
        return ClockWords(tone, due_words(face.due_at, now, zone), str(name), icon, bar, ticks=False)
    return ClockWords(tone, duration_words(wall), str(to_do), icon, bar, ticks=True)


def _bar(face: ClockFace) -> int:
    return round(100 * min(max(face.share_left, 0), 1))


def _standing_words(face: ClockFace) -> ClockWords:
    """A clock that does not run: it is paused, was kept or missed, or is no longer needed."""
    to_do, name = PURPOSES.get(face.kind, ("", face.kind))
    time = duration_words(face.remaining_s)
    if face.state == "paused" and face.is_late:
        late = pgettext("clock", "%(time)s late") % {"time": time}
        return ClockWords(
            "late", late, pgettext("clock", "%(to_do)s, paused") % {"to_do": to_do}, "pause", 4, ticks=False
        )
    if face.state == "paused":
        left = pgettext("clock", "%(time)s left") % {"time": time}
        return ClockWords("paused", pgettext("clock", "paused,"), f"{left} {to_do}", "pause", _bar(face), ticks=False)
    if face.state == "cancelled":
        return ClockWords("plain", pgettext("clock", "not needed"), str(name), "", 0, ticks=False)
    if face.is_late:
        return ClockWords("late", pgettext("clock", "was late"), str(name), "clock-alert", 100, ticks=False)
    return ClockWords("done", pgettext("clock", "kept"), str(name), "check", 100, ticks=False)


def _counts_down(face: ClockFace, now: datetime) -> bool:
    """Is it soon, and does the clock run through until then? Then minutes say most, else the time it is due."""
    wall = (face.due_at - now).total_seconds() if face.due_at else 0
    return wall <= COUNTDOWN_UP_TO and wall - face.remaining_s <= MINUTE


def clock_sentence(face: ClockFace, now: datetime, zone: tzinfo) -> str:
    """What follows the words of a clock where there is room: when it is or was due, or why it stands still."""
    if face.state == "paused":
        return face.paused_reason
    if face.due_at is None or face.state == "cancelled":
        return ""
    if face.state == "running" and not face.is_late and not _counts_down(face, now):
        return gettext("%(time)s of service time left") % {"time": working_words(face.remaining_s)}
    when = due_words(face.due_at, now, zone)
    # What was done before its time was not "due tomorrow": it would have had until then.
    if face.state == "stopped" and face.due_at > now:
        return gettext("there was time until %(when)s") % {"when": when}
    past = face.due_at < now or face.state == "stopped"
    return (gettext("was due %(when)s") if past else gettext("due %(when)s")) % {"when": when}


def countdown_words() -> dict[str, str]:
    """The patterns the ticking script fills in, so that it says the same words as the server."""
    return {
        "under": gettext("under 1 min"),
        "minutes": gettext("%(minutes)d min") % {"minutes": 0},
        "hours": gettext("%(hours)d h %(minutes)02d") % {"hours": 0, "minutes": 0},
        "late": pgettext("clock", "%(time)s late") % {"time": "{}"},
    }


DESK_STATUS = {
    "new": StatusWords("attention", "inbox", gettext_lazy("New")),
    "assigned": StatusWords("calm", "user", gettext_lazy("Assigned")),
    "in_progress": StatusWords("calm", "wrench", gettext_lazy("In progress")),
    "pending": StatusWords("attention", "pause", gettext_lazy("Waiting for the customer")),
    "waiting": StatusWords("attention", "hourglass", gettext_lazy("Waiting for a supplier")),
    "restored": StatusWords("done", "check", gettext_lazy("Restored")),
    "resolved": StatusWords("done", "check-check", gettext_lazy("Resolved")),
    "closed": StatusWords("plain", "lock", gettext_lazy("Closed")),
    "cancelled": StatusWords("plain", "circle-slash", gettext_lazy("Withdrawn")),
}
CUSTOMER_STATUS = {
    "new": StatusWords("calm", "inbox", gettext_lazy("Received")),
    "assigned": StatusWords("calm", "user", gettext_lazy("We have it")),
    "in_progress": StatusWords("calm", "wrench", gettext_lazy("Working on it")),
    "pending": StatusWords("attention", "message-circle-question-mark", gettext_lazy("Waiting for your answer")),
    "waiting": StatusWords("calm", "hourglass", gettext_lazy("Waiting for somebody else")),
    "restored": StatusWords("done", "check", gettext_lazy("Works again, we watch it")),
    "resolved": StatusWords("done", "check-check", gettext_lazy("Solved")),
    "closed": StatusWords("plain", "lock", gettext_lazy("Closed")),
    "cancelled": StatusWords("plain", "circle-slash", gettext_lazy("Withdrawn")),
}


def status_words(status: str, *, for_customer: bool) -> StatusWords:
    table = CUSTOMER_STATUS if for_customer else DESK_STATUS
    return table.get(status, StatusWords("plain", "info", status))
