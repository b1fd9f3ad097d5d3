"""When a message may go out: at once, after the quiet hours, in the daily digest, or some minutes after the last one.

What is urgent, and what answers somebody's own act, does not wait for the morning.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from incidents.models import Follow, IncidentEvent, Message
from notifications import preferences
from notifications.audience import FOLLOWING, TO_ONESELF, Told
from notifications.models import ChannelWish, Delivery, Preference

Held, Mode, Kind = Delivery.Held, Preference.Mode, IncidentEvent.Kind
NEWS = {"taken", "update", "restored", "resolved", "withdrawn"}  # what a daily digest can hold
# Within such a time after the last message on the same incident the next one of this kind waits.
ONE_IN = {"update": timedelta(minutes=10), "customer_wrote": timedelta(minutes=2)}
AT_ONCE = TO_ONESELF | {"we_tried_to_call"}  # answers what the reader has just done, or stands for a call
MUTED = "none"  # of one incident that somebody follows: only in the portal


@dataclass(frozen=True)
class Hold:
    """Kept back: why, and until when."""

    reason: Delivery.Held
    until: datetime


@dataclass(frozen=True)
class Pace:
    """What is to be known of one event and its readers for all of that, asked once for all of them."""

    now: datetime
    is_pressing: bool = False
    is_step: bool = True  # something has changed: begun, cause or way round found, works again, solved
    modes: dict[int, str] = field(default_factory=dict)  # person -> how often, for this one incident
    last: dict[tuple[int, str], datetime] = field(default_factory=dict)  # person and channel -> when last told

    def mode(self, told: Told) -> str:
        """How often they want to hear of it; people at the desk hear of their work each time."""
        if preferences.about(told.reason) == ChannelWish.About.WORK or told.kind not in NEWS:
            return Mode.EVERY
        own = self.modes.get(told.person.pk, "") if told.reason in FOLLOWING else ""
        return own or preferences.of(told.person).mode

    def is_unwanted(self, told: Told) -> bool:
        """Not by a way outside the portal."""
        mode = self.mode(told)
        return mode == MUTED or (mode == Mode.PHASES and not self.is_step)

    def hold(self, told: Told, channel: str) -> Hold | None:
        """Why it waits, or None."""
        if told.kind in AT_ONCE:
            return None
        if self.mode(told) == Mode.DAILY and not (self.is_pressing and self.is_step):
            return Hold(Held.DIGEST, preferences.digest_at(told.person, self.now))
        at = self._long_enough_after(told, channel)
        if not self.is_pressing and (morning := preferences.quiet_until(told.person, at or self.now)):
            return Hold(Held.QUIET, morning)
        return Hold(Held.OFTEN, at) if at else None

    def _long_enough_after(self, told: Told, channel: str) -> datetime | None:
        last, gap = self.last.get((told.person.pk, channel)), ONE_IN.get(told.kind)
        if last is None or gap is None or (self.is_step and told.kind == "update"):
            return None
        return last + gap if last + gap > self.now else None


def pace(event: IncidentEvent, told: list[Told], now: datetime, *, is_pressing: bool) -> Pace:
    """At most four queries, however many people are told."""
    kinds = {each.kind for each in told}
    follows = any(each.reason in FOLLOWING for each in told)
    return Pace(
        now=now,
        is_pressing=is_pressing,
        is_step=is_step(event),
        modes=_modes(event, told) if follows else {},
        last=_last_told(event, told, now) if kinds & ONE_IN.keys() else {},
    )


def is_step(event: IncidentEvent) -> bool:
    """Something changes with it. An update does when it is the first one, or tells of another phase than the last."""
    if event.kind not in (Kind.UPDATED, Kind.WAITING):
        return True
    earlier = Message.objects.filter(incident=event.incident_id, is_public=True, event__kind__in=_UPDATES)
    before = earlier.filter(event__pk__lt=event.pk or 0).order_by("-event__pk").first()
    phase = event.message.phase if event.message else ""
    return before is None or bool(phase and _stage(phase) != _stage(before.phase))


def _stage(phase: str) -> str:
    """That we know of it and that we look for the way out are one stage for whoever waits."""
    return Message.Phase.INVESTIGATING if phase == Message.Phase.ACKNOWLEDGED else phase


_UPDATES = (Kind.UPDATED, Kind.WAITING)


def incidents_of(told: list[Told], event: IncidentEvent) -> set[int]:
    """By which incidents these people are told: of what has joined the event's own, by that."""
    return {each.of.pk if each.of else event.incident_id for each in told} or {event.incident_id}


def _modes(event: IncidentEvent, told: list[Told]) -> dict[int, str]:
    followed = Follow.objects.filter(incident__in=incidents_of(told, event), ended_at__isnull=True)
    chosen = followed.exclude(mode="")
    return dict(chosen.values_list("person", "mode"))


def _last_told(event: IncidentEvent, told: list[Told], now: datetime) -> dict[tuple[int, str], datetime]:
    """By the time of what they were told of: that clock travels with the story, the sender's does not."""
    since = now - max(ONE_IN.values())
    about, people = incidents_of(told, event), [each.person for each in told]
    lately = Delivery.objects.filter(incident__in=about, recipient__in=people, event__occurred_at__gt=since)
    out = lately.outside().exclude(event=event.pk)
    gone = out.exclude(state__in=[Delivery.State.HELD, Delivery.State.SKIPPED, Delivery.State.BOUNCED])
    rows = gone.values_list("recipient", "channel").annotate(at=Max("event__occurred_at"))
    return {(person, channel): at for person, channel, at in rows if person}
