"""By which way each person is told, and when: the rule that chose them, their own wishes, and what works just now.

Each person told has a line in the portal, which is there at once. Besides, a message goes out by the ways that they
chose or that their customer's policy puts first. Where a way is itself down, the next one takes its place, and what
was written for it is kept until it works again (docs/telling.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from customers.models import Customer, CustomerEvent, StaffEvent, User
from incidents import clocks, family
from incidents.models import Incident, IncidentEvent
from itsm import moment
from itsm.events import Event
from notifications import availability, preferences, timing
from notifications.audience import BY_SMS, FOLLOWING, WORDS_FOR, Told, audience, is_pressing, roles_told
from notifications.availability import Reach
from notifications.models import Delivery
from notifications.timing import Hold, Pace
from notifications.wanted import INVITES
from problems.models import ProblemEvent

Channel, State, Held, Rank = Delivery.Channel, Delivery.State, Delivery.Held, Delivery.Rank
HIT = ("reporter", "me_too")
MANY = 100  # with more readers than these, the crowd comes after those who have to act
AT_LATEST = timedelta(hours=24)  # then what was kept for a channel goes out though nobody said that it works again
IN_ROLES = {  # what happened -> the text for somebody in a role
    IncidentEvent.Kind.UPDATED: "update", IncidentEvent.Kind.WAITING: "update", IncidentEvent.Kind.RESTORED: "restored",
    IncidentEvent.Kind.RESOLVED: "resolved",
}  # fmt: skip
IN_ROLES_IF_PRESSING = {IncidentEvent.Kind.OPENED: "reported", IncidentEvent.Kind.ASKED: "asked_them"}
ENDING = (IncidentEvent.Kind.RESTORED, IncidentEvent.Kind.RESOLVED)


@dataclass(frozen=True)
class Situation:
    """What holds for all readers of one event."""

    event: Event
    reach: Reach
    pace: Pace
    is_many: bool = False
    sms_first: bool = False
    kept: frozenset[int] = frozenset()  # people for whom mail is kept that can go out now

    @property
    def incident(self) -> Incident | None:
        return self.event.incident if isinstance(self.event, IncidentEvent) else None

    def usual(self, kind: str) -> list[str]:
        """The way that the policy puts first, or that suits this text."""
        by_text = kind in BY_SMS or (self.sms_first and self.pace.is_pressing)
        return [Channel.SMS if by_text else Channel.EMAIL]


def deliveries_for(event: Event) -> list[Delivery]:
    """What is to be written for this event, not saved yet. A fixed number of queries, however many people are told."""
    told = audience(event)
    if isinstance(event, IncidentEvent) and event.kind == IncidentEvent.Kind.ATTACHED_TO:
        event, told = _what_is_known(event, told)
    situation = _situation(event, told)
    rows = [row for each in told for row in _rows(each, situation)]
    return rows + _to_those_without_log_in(situation)


def deliveries_to_joined(event: IncidentEvent, told: list[Told], *, is_many: bool) -> list[Delivery]:
    """The same for people whose own reports have joined the event's incident; each is told by their own."""
    situation = replace(_situation(event, told), is_many=is_many)
    return [row for each in told for row in _rows(each, situation)]


def _what_is_known(event: IncidentEvent, told: list[Told]) -> tuple[IncidentEvent, list[Told]]:
    """Who joins later gets the last word at once; the same row as if they had joined before it was said."""
    word = family.latest_word(event.incident.parent) if event.incident.parent else None
    if word is None:
        return event, told
    works = word.kind == IncidentEvent.Kind.RESTORED  # that text has the offer to say no
    return word, [replace(each, of=event.incident, kind="restored" if works else each.kind) for each in told]


def unreached(event: Event, deliveries: Iterable[Delivery]) -> list[User]:
    """Who of those told at the customer reads none of these: by no way outside, and not in the portal either."""
    if not isinstance(event, IncidentEvent):
        return []
    rows = list(deliveries)
    reach = availability.reach([], event.incident, _hit((row.reason, row.recipient_id) for row in rows))
    if not reach.down | reach.down_here:
        return []
    people: dict[int, User] = {}
    reached: set[int] = set()
    for row in rows:
        if row.recipient is None:
            continue
        people[row.recipient.pk] = row.recipient
        waits_for_channel = row.state == State.HELD and row.held_for == Held.DOWN
        if reach.reads_portal(row.recipient) if row.channel == Channel.PORTAL else not waits_for_channel:
            reached.add(row.recipient.pk)
    return [person for key, person in people.items() if key not in reached]


def next_way(delivery: Delivery) -> Delivery | None:
    """After a way has failed: the next one for the same person and event, not saved yet; only of what is urgent."""
    if delivery.recipient is None or delivery.incident is None or not is_pressing(delivery.incident):
        return None
    person = delivery.recipient
    tried = Delivery.objects.filter(event=delivery.event_id, recipient=person).values_list("channel", flat=True)
    reach = availability.reach([person], delivery.incident, _hit([(delivery.reason, person.pk)]))
    for channel, address in _open_ways(person, reach).items():
        if channel not in set(tried):
            return Delivery(
                event_id=delivery.event_id, incident_id=delivery.incident_id, customer_id=delivery.customer_id,
                recipient=person, channel=channel, address=address, kind=delivery.kind, reason=delivery.reason,
                audience=delivery.audience, rank=delivery.rank, instead_of=delivery,
            )  # fmt: skip
    return None


def _situation(event: Event, told: list[Told]) -> Situation:
    now, people = moment.now(), [each.person for each in told]
    preferences.load(people)
    if not isinstance(event, IncidentEvent):
        return Situation(event, availability.reach(people), Pace(now))
    incident = event.incident
    reach = availability.reach(people, incident, _hit((each.reason, each.person.pk) for each in told))
    return Situation(
        event=event,
        reach=reach,
        pace=timing.pace(event, told, now, is_pressing=is_pressing(incident)),
        is_many=len(told) > MANY,
        sms_first=availability.sms_first(clocks.terms_of(incident).knob("channels")),
        kept=_kept(told, event) if event.kind in ENDING else frozenset(),
    )


def _hit(chosen: Iterable[tuple[str, int | None]]) -> list[int]:
    """Whoever cannot work because of it: their own channels may be the trouble."""
    return [person for reason, person in chosen if reason in HIT and person]


def _kept(told: list[Told], event: IncidentEvent) -> frozenset[int]:
    """For whom mail about this incident is kept until mail works again; its end belongs into the same message."""
    about = timing.incidents_of(told, event)
    rows = Delivery.objects.held().filter(incident__in=about, channel=Channel.EMAIL, held_for=Held.DOWN)
    return frozenset(rows.filter(recipient__isnull=False).values_list("recipient", flat=True))


def _rows(told: Told, situation: Situation) -> list[Delivery]:
    if told.kind in INVITES:  # always by mail, and who cannot sign in reads no portal
        return [_row(told, situation, Channel.EMAIL, told.person.email)]
    stands = _row(told, situation, Channel.PORTAL, "", state=State.SENT, sent_at=situation.pace.now)
    if situation.pace.is_unwanted(told):
        return [stands]
    what, usual = preferences.about(told.reason), situation.usual(told.kind)
    wanted = preferences.wanted(told.person, what, usual) if what else usual
    return [stands, *_outside(told, situation, wanted)]


def _outside(told: Told, situation: Situation, wanted: list[str]) -> list[Delivery]:
    """By the ways that are wanted and work; instead of one that does not, by the next; kept is what waits for it."""
    person, reach = told.person, situation.reach
    ways = {channel: address for channel, address in _open_ways(person, reach).items() if channel in wanted}
    if not ways and (wanted or not reach.reads_portal(person)):
        ways = dict(list(_open_ways(person, reach).items())[:1])
    rows = []
    if Channel.EMAIL in wanted and reach.mail_is_down(person):
        rows.append(_kept_row(told, situation, situation.pace.now + AT_LATEST))
    elif person.pk in situation.kept:
        rows.append(_kept_row(told, situation, situation.pace.now))
        ways = {Channel.SMS: number} if (number := reach.number(person)) else {}
    elif Channel.EMAIL in wanted and not ways:
        ways = {Channel.EMAIL: person.email}  # it has refused mail before; what becomes of this one is written down
    return rows + [_timed(told, situation, channel, address) for channel, address in ways.items()]


def _open_ways(person: User, reach: Reach) -> dict[str, str]:
    """Channel -> address, in the order in which they are tried."""
    ways: dict[str, str] = {Channel.EMAIL: person.email} if reach.takes_mail(person) else {}
    number = reach.number(person)
    return ways | ({Channel.SMS: number} if number else {})


def _timed(told: Told, situation: Situation, channel: str, address: str) -> Delivery:
    hold = situation.pace.hold(told, channel)
    return _row(told, situation, channel, address, **(_held(hold) if hold else {}))


def _kept_row(told: Told, situation: Situation, until: datetime) -> Delivery:
    return _row(told, situation, Channel.EMAIL, told.person.email, **_held(Hold(Held.DOWN, until)))


def _held(hold: Hold) -> dict[str, Any]:
    return {"state": State.HELD, "held_for": hold.reason, "next_try_at": hold.until}


def _row(told: Told, situation: Situation, channel: str, address: str, **values: Any) -> Delivery:
    return Delivery(
        recipient=told.person, channel=channel, address=address, kind=told.kind, reason=told.reason,
        audience=told.audience, rank=_rank(told, situation), **_about(situation.event) | _of_theirs(told), **values,
    )  # fmt: skip


def _of_theirs(told: Told) -> dict[str, Any]:
    return {"incident_id": told.of.pk} if told.of else {}


def _rank(told: Told, situation: Situation) -> Delivery.Rank:
    """The few who act on it do not wait behind the many who read it."""
    if situation.is_many and (told.of or told.reason in FOLLOWING or not situation.pace.is_pressing):
        return Rank.BULK
    return Rank.URGENT if situation.pace.is_pressing else Rank.NORMAL


def _about(event: Event) -> dict[str, Any]:
    if isinstance(event, IncidentEvent):
        return {"event": event, "incident_id": event.incident_id, "customer_id": event.customer_id}
    if isinstance(event, CustomerEvent):
        return {"customer_event": event, "customer_id": event.customer_id}
    if isinstance(event, ProblemEvent):
        return {"problem_event": event, "customer_id": event.customer_id}
    assert isinstance(event, StaffEvent)  # of other events nobody is told
    return {"staff_event": event}


def _to_those_without_log_in(situation: Situation) -> list[Delivery]:
    """While a channel of the customer is down: a text message to whose number it gave us for that case."""
    event, incident = situation.event, situation.incident
    if incident is None or not isinstance(event, IncidentEvent) or not is_pressing(incident):
        return []
    kind = (IN_ROLES | IN_ROLES_IF_PRESSING).get(IncidentEvent.Kind(event.kind), "")
    if not kind or not (situation.reach.down or situation.kept):
        return []
    customer: Customer = incident.customer
    rows = availability.without_log_in(customer, incident.service_id, roles_told(incident))
    first = {row.out_of_band: row for row in reversed(rows)}  # two roles at one number are one message
    return [
        Delivery(
            name=row.name, channel=Channel.SMS, address=number, kind=kind, reason=row.kind,
            audience=WORDS_FOR.get(row.kind, Delivery.Audience.STAKEHOLDERS), rank=Rank.URGENT, **_about(event),
        )
        for number, row in first.items()
    ]  # fmt: skip
