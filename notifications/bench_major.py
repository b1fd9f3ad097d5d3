"""What a major incident costs that many reports have joined: an update, telling everybody, joining, and its end.

Beside each update stands the same one on an incident that nobody has joined: only what the children cost is the
children's.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from django.db import connection, connections
from django.db.models.functions import Now

from customers.models import Service, User
from incidents import children, conversation, keeping_up, lifecycle, majors
from incidents.bench import Figure, copy, figure, one_incident
from incidents.models import Clock, Incident, IncidentEvent
from itsm import events
from notifications import fanning
from notifications.models import Delivery, FanOut

UPDATE_GOAL_MS, JOIN_GOAL_PER_S = 300, 5_000 / 60
HANDS = 2  # processes that join reports at once


@dataclass(frozen=True)
class Size:
    joined: int
    updates: int
    handed_on: int  # events of joining that are timed on their way to people


FULL = Size(joined=5_000, updates=40, handed_on=300)
SMALL = Size(joined=60, updates=5, handed_on=20)


def major(size: Size) -> Figure:
    parent, agent = _parent()
    reports = _reports(parent, size.joined)
    joining = _join(parent, agent, reports)
    alone = lifecycle.open_incident(by=parent.reporter, reporter=parent.reporter, text="Alone.", impact=1, urgency=1)
    majors.declare(alone, by=agent)
    told = _told(size)
    update = _updates(parent, agent, size)
    by_itself = _updates(alone, agent, size)
    return {
        "update_accepted": update | {"joined": parent.children.joined().count(), "goal_p95_ms": UPDATE_GOAL_MS},
        "update_alone": by_itself,
        "ratio": round(update["median"] / by_itself["median"], 2),
        "joining": joining,
        "joined_told": told,
        "fan_out": _fan_out(parent, agent),
        "restored": _restored(parent, agent),
    }


def _parent() -> tuple[Incident, User]:
    incident = one_incident({"tz": "UTC", "always_open": True})
    agent = User.objects.get(email="agent@bench.example")
    incident.service = Service.objects.create(customer=incident.customer, name="E-mail")
    incident.save(update_fields=["service"])
    majors.declare(incident, by=agent)
    return Incident.objects.get(pk=incident.pk), agent


def _reports(parent: Incident, number: int) -> list[int]:
    """As many reports as wanted, each by somebody else and with the clocks of a fresh one."""
    names = (User(email=f"p{n}@bench.example", name=f"Person {n}", customer=parent.customer) for n in range(number))
    User.objects.bulk_create(names, batch_size=1000)
    # Unlike the parent in what makes a major: as they come in.
    copy("incidents_incident", parent.pk, "customers_user u", {
        "id": "nextval('incidents_incident_id_seq')", "reference": "'INC-' || (900000000 + u.id)",
        "client_token": "gen_random_uuid()", "reporter_id": "u.id", "is_major": "false", "owner_id": "NULL",
    }, where="u.email LIKE 'p%@bench.example'")  # fmt: skip
    for kind in (Clock.Kind.RESPONSE, Clock.Kind.RESTORE):
        pattern = parent.clocks.get(kind=kind)
        copy("incidents_clock", pattern.pk, "incidents_incident i", {
            "id": "nextval('incidents_clock_id_seq')", "incident_id": "i.id",
        }, where=f"i.id <> {parent.pk}")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incidents_incident")
        cursor.execute("ANALYZE incidents_clock")
    IncidentEvent.objects.update(relayed_at=Now())
    return list(Incident.objects.exclude(pk=parent.pk).order_by("pk").values_list("pk", flat=True))


def _join(parent: Incident, agent: User, reports: Sequence[int]) -> Figure:
    """By two processes, in portions: reports a second."""
    portion = max(HANDS, len(reports) // 10)
    rates = []
    for start in range(0, len(reports), portion):
        some = reports[start : start + portion]
        rates.append(len(some) / _seconds(partial(_by_hands, parent, agent, some)))
    return figure(rates, "reports/s") | {"goal_per_second": round(JOIN_GOAL_PER_S, 1)}


def _by_hands(parent: Incident, agent: User, reports: Sequence[int]) -> None:
    connections.close_all()
    shares = [reports[number::HANDS] for number in range(HANDS)]
    hands = [get_context("fork").Process(target=_attach, args=(parent, agent, share)) for share in shares]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _attach(parent: Incident, agent: User, reports: Sequence[int]) -> None:
    for pk in reports:
        children.attach(Incident(pk=pk), to=parent, by=agent)


def _told(size: Size) -> Figure:
    """How fast those who join are given the latest news; of most of them only some, the rest is taken as told."""
    newest = IncidentEvent.objects.filter(kind=IncidentEvent.Kind.ATTACHED_TO, relayed_at__isnull=True).order_by("-pk")
    kept = list(newest.values_list("pk", flat=True)[: size.handed_on])
    IncidentEvent.objects.exclude(pk__in=kept).update(relayed_at=Now())
    taken = _seconds(events.relay)
    keeping_up.go_on(60)
    rate = len(kept) / taken
    return figure([rate, rate], "reports/s") | {"n": 1, "reports": len(kept)}


def _updates(incident: Incident, agent: User, size: Size) -> Figure:
    """What whoever sends an update waits for."""
    taken = []
    for number in range(size.updates + 1):
        verb = partial(conversation.update, incident, by=agent, text=f"News {number}")
        taken.append(_seconds(verb) * 1000)
    IncidentEvent.objects.update(relayed_at=Now())
    return figure(taken[1:], "ms")  # the first one warms up


def _fan_out(parent: Incident, agent: User) -> Figure:
    """From the record of an update until a message to everybody waits for its sender."""
    event = conversation.update(parent, by=agent, text="The server starts again.").events.latest("pk")
    taken = _seconds(lambda: (events.relay(), _until_told()))
    rows = Delivery.objects.filter(event=event)
    return figure([taken, taken], "s") | {
        "n": 1, "reports": parent.children.joined().count(), "messages": rows.filter(channel="email").count(),
        "people": rows.values("recipient").distinct().count(),
    }  # fmt: skip


def _until_told() -> None:
    while FanOut.objects.at_work().exists():
        fanning.go_on(60)


def _restored(parent: Incident, agent: User) -> Figure:
    """From the record of "works again" until the last report has followed."""
    lifecycle.restore(parent, by=agent, outcome="The server is up.", restored_by=Incident.RestoredBy.FIX)

    def follow() -> None:
        while keeping_up.keep_up(parent.pk):
            pass

    taken = _seconds(follow)
    restored = parent.children.filter(status=Incident.Status.RESTORED).count()
    late = Clock.objects.filter(incident__parent=parent, kind=Clock.Kind.RESTORE).exclude(state="stopped").count()
    return figure([taken, taken], "s") | {"n": 1, "followed": restored, "left_behind": late}


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
