"""What the customer must report to others because of an incident, and until when (docs/external-duties.md).

The duty is the customer's. Ours is to say in time that it is due, and to have the evidence ready (`incidents.packs`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Customer, ExternalDeadline, User
from customers.regimes import REGIMES
from incidents import moves
from incidents.journal import Kind, record
from incidents.models import ExternalDuty, Incident, MajorIncident
from incidents.moves import MoveRefused, locked
from itsm import moment, wording
from itsm.middleware import zone
from itsm.refusal import Refused
from itsm.text import clean

Base = ExternalDuty.Base
LONGEST_H = 8760  # a year
LONG_BEFORE = timedelta(days=366)  # what became known earlier than that is a typing error
BATCH = 200
NEVER_BEGUN = Incident.Status.CANCELLED


@dataclass(frozen=True)
class Face:
    """A duty as it is shown: `state` waits, runs, soon, late, sent or not_needed; `left_s` until or since due."""

    duty: ExternalDuty
    state: str
    left_s: int = 0
    share: int = 0  # of its time, in percent: what the bar shows

    @property
    def tone(self) -> str:
        return {"late": "late", "soon": "attention"}.get(self.state, "calm")

    @property
    def ticks(self) -> bool:
        """Beyond half a day, a day and an hour say more than minutes."""
        return self.left_s <= wording.COUNTDOWN_UP_TO

    @property
    def is_open(self) -> bool:
        return self.duty.is_open


def face(duty: ExternalDuty, now: datetime) -> Face:
    if not duty.is_open:
        return Face(duty, "sent" if duty.done_at else "not_needed")
    if duty.due_at is None:
        return Face(duty, "waits")
    left = duty.due_at - now
    if left < timedelta():
        return Face(duty, "late", int(-left.total_seconds()), 4)
    share = round(100 * min(left / (duty.due_at - duty.counted_from), 1))
    state = "soon" if share <= 100 * wording.SHORT_OF_TIME else "runs"
    return Face(duty, state, int(left.total_seconds()), share)


class Reminder(IntEnum):
    """How far the reminders of a duty are; each is said once."""

    HALF = 1
    LAST = 2
    MISSED = 3


@transaction.atomic
def begin(incident: Incident, *, at: datetime) -> list[ExternalDuty]:
    """It was declared major at `at`: what the customer's profile names is counted. Twice changes nothing."""
    incident = locked(incident)
    if not incident.is_major:
        return []
    owed = [_of_profile(row) for row in incident.customer.external_deadlines.order_by("regime", "position", "pk")]
    return _lay(incident, owed, aware=incident.opened_at, classified=at, by=None, at=at)


def choices(incident: Incident) -> list[tuple[str, str]]:
    """What can be added by hand: the customer's own deadlines first, then what is in the catalogue."""
    there = set(incident.external_duties.values_list("name", flat=True))
    rows = [row for row in incident.customer.external_deadlines.order_by("regime", "position") if row.name not in there]
    own = [(f"own:{row.pk}", row.name) for row in rows if not row.regime]
    regimes = {row.regime for row in rows} - {""}
    named = {key: regime.name for key, regime in REGIMES.items()}
    own += [(f"regime:{key}", str(named.get(key, key))) for key in sorted(regimes)]
    known = {row.regime for row in rows} | set(incident.external_duties.values_list("regime", flat=True))
    catalogue = [
        (f"regime:{key}", f"{regime.name}: {regime.meaning}") for key, regime in REGIMES.items() if key not in known
    ]
    return [*own, *catalogue, ("other", _("Something else"))]


@transaction.atomic
def add(
    incident: Incident,
    *,
    by: User,
    what: str,
    known_at: datetime | None = None,
    name: str = "",
    hours: int | None = None,
) -> list[ExternalDuty]:
    """Somebody says that there is a duty: one of `choices`, or with "other" a name and hours; counted from `known_at`.

    A regime brings all its reports. Refuses what is there already, and times that cannot be.
    """
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "note", by=by)
    known = _known(incident, known_at or now, now)
    owed = _asked_for(incident, what, name, hours)
    declared = MajorIncident.objects.filter(incident=incident).values_list("declared_at", flat=True).first()
    laid = _lay(incident, owed, aware=known, classified=declared or known, by=by, at=now)
    if not laid:
        raise MoveRefused(_("That is counted already."))
    return laid


@transaction.atomic
def done(duty: ExternalDuty, *, by: User, at: datetime | None = None) -> ExternalDuty:
    """The customer has sent it, at `at` (else now). What counts from it begins; other limits of the same report end."""
    now, incident, duty = _going_on(duty, by)
    sent = (at or now).astimezone(UTC)
    if sent > now:
        raise Refused(_("That lies ahead. Please write when it was sent."))
    if sent < duty.counted_from:
        raise Refused(_("That is before it began to count. Please write when it was sent."))
    if duty.due_at is None:
        raise Refused(_("The report before it is still open. Please say first what became of that one."))
    same = incident.external_duties.filter(regime=duty.regime, position=duty.position, done_at__isnull=True)
    rows = same.filter(not_needed="") if duty.regime else same.filter(pk=duty.pk)
    rows.update(done_at=sent, done_by=by, remind_at=None)
    _tell(incident, duty, by, now, "done", sent_at=sent, is_late=sent > duty.due_at)
    _chain(incident)
    duty.refresh_from_db()
    return duty


@transaction.atomic
def not_needed(duty: ExternalDuty, *, by: User, why: str) -> ExternalDuty:
    """The customer decided that it need not be reported. Why is asked: an authority may ask it too."""
    now, incident, duty = _going_on(duty, by)
    reason = " ".join(clean(why).split())
    if not reason:
        raise Refused(_("Please say in one sentence why the customer need not report it."))
    if len(reason) > 300:  # the column's length
        raise Refused(_("The reason has %(length)d characters; at most 300 can be kept.") % {"length": len(reason)})
    duty.not_needed, duty.remind_at = reason, None
    duty.save(update_fields=["not_needed", "remind_at"])
    _tell(incident, duty, by, now, "not_needed", reason=reason)
    _chain(incident)
    return duty


@transaction.atomic
def reopen(duty: ExternalDuty, *, by: User) -> ExternalDuty:
    """It was not sent after all, or is needed after all. What counted from it waits again, unless it was sent."""
    now = moment.now()
    incident = locked(duty.incident)
    moves.check(incident, "note", by=by)
    duty = ExternalDuty.objects.select_for_update(no_key=True).get(pk=duty.pk)
    if duty.is_open:
        return duty
    rows = incident.external_duties.filter(pk=duty.pk)
    if duty.done_at and duty.regime:
        rows = incident.external_duties.filter(regime=duty.regime, position=duty.position, done_at=duty.done_at)
    rows.update(done_at=None, done_by=None, not_needed="", reminders=0)
    for row in rows:
        _plan(row, now)
    _tell(incident, duty, by, now, "reopened")
    _chain(incident)
    duty.refresh_from_db()
    return duty


@transaction.atomic
def recount(duty: ExternalDuty, *, by: User, known_at: datetime) -> ExternalDuty:
    """It became known at another time than was thought: counted anew from there, with new reminders."""
    now, incident, duty = _going_on(duty, by)
    if duty.base == Base.PREVIOUS and _before(duty, list(incident.external_duties.all())):
        raise Refused(_("It counts from the report before it. Please correct when that was sent."))
    known = _known(incident, known_at, now)
    duty.known_at = duty.counted_from = known
    duty.due_at, duty.reminders = known + timedelta(hours=duty.hours), 0
    duty.save(update_fields=["known_at", "counted_from", "due_at", "reminders"])
    _plan(duty, now)
    _tell(incident, duty, by, now, "recounted", known_at=known)
    return duty


@transaction.atomic
def follow_customer(incident: Incident, *, at: datetime) -> None:
    """It was booked on the wrong customer: those duties are no more; a major's begin for the right one."""
    incident = locked(incident)
    incident.external_duties.exclude(customer=incident.customer_id).delete()
    begin(incident, at=at)


def remind(now: datetime | None = None) -> int:
    """Says of each duty once: half of the time is over, it is the last moment, it is missed. Returns how many."""
    now = now or moment.now()
    due = ExternalDuty.objects.filter(remind_at__lte=now).select_related("incident").order_by("remind_at")
    return sum(_remind(duty, now) for duty in due[:BATCH])


@transaction.atomic
def _remind(duty: ExternalDuty, now: datetime) -> int:
    incident = locked(duty.incident)
    rows = ExternalDuty.objects.select_for_update(no_key=True)
    found = rows.filter(pk=duty.pk, remind_at__lte=now, due_at__isnull=False).first()
    if found is None:
        return 0
    if incident.status == NEVER_BEGUN and incident.merged_into_id is None:
        ExternalDuty.objects.filter(pk=found.pk).update(remind_at=None)  # withdrawn: there was nothing to report
        return 0
    over = max((stage for stage, when in reminders(found, incident.customer) if when <= now), default=None)
    if over is None or over <= found.reminders:
        _plan(found, now)
        return 0
    found.reminders, found.reminded_at = over, now
    found.save(update_fields=["reminders", "reminded_at"])
    _plan(found, now)
    _tell(incident, found, None, now, over.name.lower())
    return 1


def reminders(duty: ExternalDuty, customer: Customer) -> list[tuple[Reminder, datetime]]:
    """When each reminder of a duty that is due some time is to be said.

    The last moment is an eighth of the time before, between an hour and a day; of short ones a quarter. One that falls
    into the customer's quiet hours comes an hour before they begin, if half of the time is over by then.
    """
    assert duty.due_at is not None  # what counts from nothing yet is reminded of by nobody
    total = duty.due_at - duty.counted_from
    half = duty.counted_from + total / 2
    before = max(min(total / 8, timedelta(days=1)), min(timedelta(hours=1), total / 4))
    last = _while_awake(duty.due_at - before, customer)
    return [(Reminder.HALF, half), (Reminder.LAST, max(last, half)), (Reminder.MISSED, duty.due_at)]


def _while_awake(at: datetime, customer: Customer) -> datetime:
    if customer.quiet_from is None or customer.quiet_until is None:
        return at
    there = at.astimezone(zone(customer.time_zone))
    begins, ends, clock = customer.quiet_from, customer.quiet_until, there.time()
    wraps = begins > ends
    is_quiet = (clock >= begins or clock < ends) if wraps else begins <= clock < ends
    if not is_quiet:
        return at
    day = there.date() - timedelta(days=1) if wraps and clock < ends else there.date()
    evening = datetime.combine(day, begins, tzinfo=there.tzinfo) - timedelta(hours=1)
    return evening.astimezone(at.tzinfo)


def _plan(duty: ExternalDuty, now: datetime) -> None:
    """When the sweep looks at it next; what ran out while nobody looked is said once, by the latest word."""
    duty.refresh_from_db()
    ahead = reminders(duty, duty.customer) if duty.due_at and duty.is_open else []
    duty.remind_at = next((when for stage, when in ahead if stage > duty.reminders), None)
    duty.save(update_fields=["remind_at"])


def _of_profile(row: ExternalDeadline) -> ExternalDuty:
    copied = {name: getattr(row, name) for name in ("name", "regime", "hours", "base", "position")}
    return ExternalDuty(deadline=row, **copied)


def _asked_for(incident: Incident, what: str, name: str, hours: int | None) -> list[ExternalDuty]:
    kind, _colon, key = what.partition(":")
    own = incident.customer.external_deadlines.order_by("position", "pk")
    if kind == "own" and key.isdigit() and len(key) < 10:  # no number that PostgreSQL cannot hold
        return [_of_profile(row) for row in own.filter(pk=key)]
    if kind == "regime" and key:
        return [_of_profile(row) for row in own.filter(regime=key)] or _of_catalogue(key)
    if kind != "other":
        raise Refused(_("Please choose what has to be reported."))
    words = " ".join(clean(name).split())
    if not words or len(words) > 120:  # the column's length
        raise Refused(_("Please write what has to be reported, in at most 120 characters."))
    if not hours or not 1 <= hours <= LONGEST_H:
        raise Refused(_("Please write after how many hours it is due: from 1 to %(most)d.") % {"most": LONGEST_H})
    return [ExternalDuty(name=words, hours=hours)]


def _of_catalogue(key: str) -> list[ExternalDuty]:
    if key not in REGIMES:
        raise Refused(_("Please choose what has to be reported."))
    return [ExternalDuty(regime=key, **vars(report)) for report in REGIMES[key].reports]


def _lay(
    incident: Incident, owed: Iterable[ExternalDuty], *, aware: datetime, classified: datetime, by: User | None,
    at: datetime,
) -> list[ExternalDuty]:  # fmt: skip
    there = set(incident.external_duties.values_list("name", flat=True))
    fresh = [each for each in owed if each.name not in there]
    for each in fresh:
        each.incident, each.customer = incident, incident.customer
        each.known_at = each.counted_from = classified if each.base == Base.CLASSIFIED else aware
        each.due_at = None if each.base == Base.PREVIOUS else each.known_at + timedelta(hours=each.hours)
    if not fresh:
        return []
    ExternalDuty.objects.bulk_create(fresh)
    for each in fresh:
        _plan(each, at)
    record(incident, Kind.DUTY, by=by, at=at, did="begun", names=[each.name for each in fresh])
    _chain(incident)
    return fresh


def _chain(incident: Incident) -> None:
    """What counts from the report before: begins with it, waits while that is open, and stands alone without one."""
    rows = list(incident.external_duties.order_by("position", "pk"))
    for duty in rows:
        if duty.base != Base.PREVIOUS or not duty.is_open:
            continue
        before = _before(duty, rows)
        sent = [each.done_at for each in before if each.done_at]
        start = min(sent) if sent else duty.known_at
        due = start + timedelta(hours=duty.hours) if sent or not before else None
        if (due, start) == (duty.due_at, duty.counted_from):
            continue
        duty.due_at, duty.counted_from, duty.reminders = due, start, 0
        duty.save(update_fields=["due_at", "counted_from", "reminders"])
        _plan(duty, start)


def _before(duty: ExternalDuty, rows: list[ExternalDuty]) -> list[ExternalDuty]:
    """The report before it, which may have several limits; one that is not needed is passed over."""
    earlier = [
        each for each in rows
        if each.regime == duty.regime and each.position < duty.position and not each.not_needed
    ]  # fmt: skip
    last = max((each.position for each in earlier), default=0)
    return [each for each in earlier if each.position == last]


def _going_on(duty: ExternalDuty, by: User) -> tuple[datetime, Incident, ExternalDuty]:
    now = moment.now()
    incident = locked(duty.incident)
    moves.check(incident, "note", by=by)
    duty = ExternalDuty.objects.select_for_update(no_key=True).get(pk=duty.pk)
    if not duty.is_open:
        raise MoveRefused(_("Meanwhile somebody said what became of it. Please open it again first."))
    return now, incident, duty


def _known(incident: Incident, known: datetime, now: datetime) -> datetime:
    """In UTC: 72 hours are 72 hours, also when the clocks are changed meanwhile."""
    if known > now:
        raise Refused(_("That lies ahead. Please write when it became known."))
    if known < incident.opened_at - LONG_BEFORE:
        raise Refused(_("That is more than a year before this was reported. Please look at the date again."))
    return known.astimezone(UTC)


def _tell(
    incident: Incident, duty: ExternalDuty, by: User | None, at: datetime, did: str, **more: object
) -> None:  # fmt: skip
    facts = {"duty": duty.pk, "name": duty.name, "due_at": duty.due_at}
    record(incident, Kind.DUTY, by=by, at=at, did=did, **facts, **more)
