"""Why a clock says what it says: the stretches in which it ran or waited, and the rule that chose its target.

Made out of what is stored, so that an explanation cannot differ from the clock (rule 24 of docs/sla.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from customers import policy
from customers.agreed import layer_words
from customers.models import Level
from customers.policy import Layer, Terms
from incidents import waiting
from incidents.corrections import BY_HAND
from incidents.models import Clock, ClockWaiver, Incident, IncidentEvent
from incidents.queries import ClockFace, face
from incidents.sla import ledger
from itsm import wording

Kind = IncidentEvent.Kind
JOINING = (Kind.ATTACHED_TO, Kind.DETACHED, Kind.DISSENTED, Kind.RESTORED, Kind.UPDATED)


@dataclass(frozen=True)
class Stretch:
    """`start` to `end` it ran or stood still; `used_s` of its working time went by in it."""

    start: datetime
    end: datetime
    runs: bool
    why: str
    used_s: int


@dataclass(frozen=True)
class Explained:
    """A clock with its verdict, its past and its rule."""

    clock: Clock
    face: ClockFace
    rule: str
    decided: str  # the layer of the agreement that chose the target
    stretches: list[Stretch]
    used_s: int
    customer_s: int | None  # the same wait by the customer's wall clock, without any pause
    agreed_for: datetime | None  # a deadline by hand
    promised_for: datetime | None  # an update that was promised sooner than the rule asks
    late_by_change: bool  # late since its terms were changed, and not before
    followed: str  # what of it came from a major incident that its incident had joined
    waiver: ClockWaiver | None

    @property
    def verdict(self) -> str:
        """running, paused, late (and still owed), met, missed, waived or cancelled."""
        if self.waiver:
            return "waived"
        if not self.clock.was_kept:
            return "late" if self.is_open else "missed"
        done = {Clock.State.STOPPED: "met", Clock.State.CANCELLED: "cancelled"}
        return done.get(Clock.State(self.clock.state), self.clock.state)

    @property
    def is_open(self) -> bool:
        return self.clock.state in (Clock.State.RUNNING, Clock.State.PAUSED)

    @property
    def may_be_waived(self) -> bool:
        return not self.clock.was_kept and self.waiver is None

    @property
    def may_be_agreed(self) -> bool:
        return self.is_open and self.clock.kind in BY_HAND


def explain(incident: Incident, now: datetime) -> list[Explained]:
    """All clocks of the incident, the open ones first, then the latest; four questions however many there are."""
    terms = policy.terms(incident.policy)
    today = policy.layers(incident.customer, incident.service)
    rows = incident.clocks.select_related("waiver__by").order_by("-started_at", "-pk")
    joined = list(incident.events.filter(kind__in=JOINING).order_by("pk"))
    found = [
        replace(_explained(clock, incident, terms, today, now), followed=_followed(clock, joined)) for clock in rows
    ]
    return sorted(found, key=lambda one: not one.is_open)


def _explained(clock: Clock, incident: Incident, terms: Terms, today: list[Layer], now: datetime) -> Explained:
    book = ledger.from_json(clock.ledger)
    end = clock.stopped_at or now
    by_hand = book.fixed_due if clock.kind in BY_HAND else None
    return Explained(
        clock=clock,
        face=face(clock, terms, now),
        rule=_rule(clock, book, terms),
        decided=_decided(clock, terms, today),
        stretches=list(_stretches(book, end, terms)),
        used_s=ledger.elapsed(book, end, terms.calendars),
        customer_s=int((end - clock.started_at).total_seconds()) if clock.kind == Clock.Kind.RESTORE else None,
        agreed_for=by_hand,
        promised_for=book.fixed_due if clock.kind not in BY_HAND else None,
        late_by_change=_late_by_change(clock, book),
        followed="",
        waiver=getattr(clock, "waiver", None),
    )


def _followed(clock: Clock, joined: list[IncidentEvent]) -> str:
    """In words, where joining a major incident ended the clock, or where something that happened there did."""
    ended = clock.stopped_at
    if ended is None:
        return ""
    at_once = {
        event.data["parent"] for event in joined if event.kind == Kind.ATTACHED_TO and event.occurred_at == ended
    }
    if at_once and clock.state == Clock.State.STOPPED:
        words = _("It joined %(parent)s then, and whoever reported it was given the latest news of that.")
    elif at_once:
        words = _(
            "It joined %(parent)s then: from there on the news of that, and its promises, are those of this report."
        )
    elif at_once := _by_parent(clock, ended, joined):
        words = _("It ended with %(parent)s, which it had joined: at the instant at which that was so there.")
    return words % {"parent": at_once.pop()} if at_once else ""


def _by_parent(clock: Clock, ended: datetime, joined: list[IncidentEvent]) -> set[str]:
    """The incident it had joined at that instant, unless something on its own had ended the clock."""
    if any(event.occurred_at == ended and not event.data.get("with_parent") for event in joined):
        return set()
    before = [event for event in joined if event.occurred_at < ended and event.kind in JOINING[:3]]
    follows = before and before[-1].kind == Kind.ATTACHED_TO and clock.kind in (Clock.Kind.RESPONSE, Clock.Kind.RESTORE)
    return {before[-1].data["parent"]} if follows else set()


def _late_by_change(clock: Clock, book: ledger.Ledger) -> bool:
    """New terms by which its time was over already: it is late from their moment on, not from the due time (rule 5)."""
    if clock.breached_at is None or clock.due_at is None or clock.due_at >= clock.breached_at:
        return False
    changes = (later for before, later in pairwise(book.segments) if before.target_s != later.target_s)
    return clock.breached_at in {segment.start for segment in changes}


def _rule(clock: Clock, book: ledger.Ledger, terms: Terms) -> str:
    """P2 of a customer at level 1 (Guided): 8 h 00, in business hours."""
    if clock.kind == Clock.Kind.TEAM:
        return _("The team gives itself %(time)s of its customer's business hours.") % {"time": _time(clock.target_s)}
    hours = terms.calendars[book.last.hours_key]
    words = {
        "priority": f"P{clock.priority}",
        "level": clock.level,
        "model": Level(clock.level).label,
        "time": _time(clock.target_s) if not hours.always_open else wording.duration_words(clock.target_s),
        "hours": _("around the clock") if hours.always_open else _("in business hours (%s)") % hours.zone.key,
    }
    if _is_own_agreement(clock, terms):
        return _("%(priority)s, agreed apart from level %(level)d (%(model)s): %(time)s, %(hours)s.") % words
    return _("%(priority)s of a customer at level %(level)d (%(model)s): %(time)s, %(hours)s.") % words


def _is_own_agreement(clock: Clock, terms: Terms) -> bool:
    """Whether the target is another than the one that the level ships with."""
    if clock.level != terms.level:
        return False  # it ended under an agreement before this one
    said = terms.content[clock.kind][clock.priority - 1]
    return bool(said) and said != policy.level_defaults(clock.level)[clock.kind][clock.priority - 1]


def _decided(clock: Clock, terms: Terms, today: list[Layer]) -> str:
    """From which layer it is, where that can still be said: what was changed since, was agreed as it stands here."""
    if clock.kind == Clock.Kind.TEAM:
        return ""
    layer = policy.deciding(today, clock.kind)
    by_level = layer.kind in ("shipped", "level")
    if terms.knob(clock.kind) != layer.knobs[clock.kind] or (by_level and layer.name != Level(terms.level).label):
        return _("As agreed when it was reported; today something else is agreed.")
    return _("From %(layer)s.") % {"layer": layer_words(layer)}


def _time(seconds: int) -> str:
    return wording.working_words(seconds)


def _stretches(book: ledger.Ledger, end: datetime, terms: Terms) -> Iterable[Stretch]:
    """What follows each other and differs only in its terms is one stretch: a reader looks for what happened."""
    last: Stretch | None = None
    for segment, until, used in ledger.spans(book, end, terms.calendars):
        runs, why = segment.state == ledger.State.RUNNING, _why(segment)
        if until <= segment.start:
            continue
        if last and last.runs == runs and last.why == why:
            last = Stretch(last.start, until, runs, why, last.used_s + used)
            continue
        if last:
            yield last
        last = Stretch(segment.start, until, runs, why, used)
    if last:
        yield last


def _why(segment: ledger.Segment) -> str:
    if segment.state == ledger.State.STOPPED:
        return _("it worked")
    return ", ".join(waiting.in_words(reason) for reason in segment.reasons)
