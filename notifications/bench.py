"""What messages cost: how many a second by one worker of two processes, and how soon a single one is out.

Real processes: a broker, Celery workers, a mail server that takes everything. Beside it the same letters by smtplib
alone, from two processes to the same server: faster than that nobody can be who speaks to it in this way.
"""

import os
import smtplib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection, connections
from django.db.models import F, Q
from django.db.models.functions import Now

from customers.models import Customer, User
from incidents import conversation
from incidents.bench import Figure, figure, one_incident
from incidents.models import Incident, IncidentEvent, Message
from itsm import events
from itsm.celery import app
from itsm.embedded import network, process
from itsm.embedded.places import ROOT
from notifications import claiming, letters
from notifications.models import Delivery, DeliveryQuerySet

PER_SECOND_GOAL, P95_GOAL_S = 300, 1.0
HANDS = 2  # processes of the worker, and of what it is compared with
WINDOW = 100  # messages; of so many each a rate is taken


@dataclass(frozen=True)
class Size:
    messages: int
    singles: int


FULL = Size(messages=3_000, singles=40)
SMALL = Size(messages=400, singles=5)


def notify(size: Size) -> Figure:
    incident = one_incident({"tz": "UTC", "always_open": True})
    agent = User.objects.get(email="agent@bench.example")
    with _processes() as start:
        port = network.free_port()
        start("sink", "notifications.bench_sink", str(port))
        _until(lambda: not network.is_free(port), "the mail server is there")
        work = partial(start, port=port)
        many = _many(incident, agent, size, work)
        raw = _raw(incident, size, port)
        single = _single(incident, agent, size, work)
    return {
        "many": many,
        "smtplib_alone": raw,
        "ratio": round(many["median"] / raw["median"], 2),
        "goal_per_second": PER_SECOND_GOAL,
        "single": single,
        "goal_p95_s": P95_GOAL_S,
    }


def _many(incident: Incident, agent: User, size: Size, work: Callable[..., Any]) -> Figure:
    """One update that all people of a customer hear of; rates over each hundred messages, in the order of sending."""
    event = conversation.update(incident, by=agent, text="We are looking at it." * 10).events.latest("pk")
    events.relay()
    Delivery.objects.all().delete()
    customer = incident.customer
    Customer.objects.filter(pk=customer.pk).update(shares_incidents=True)
    names = (User(email=f"p{n}@bench.example", name=f"Person {n}", customer=customer) for n in range(size.messages))
    people = User.objects.bulk_create(names, batch_size=1000)
    common = {"event": event, "incident": incident, "customer": customer, "kind": "update", "reason": "reporter"}
    rows = [Delivery(recipient=person, address=person.email, **common) for person in people]
    Delivery.objects.bulk_create(rows, batch_size=1000)
    worker = work("mailer", "celery", "-A", "itsm", "worker", "-Q", "mail", "-c", str(HANDS), *QUIET)
    while left := Delivery.objects.exclude(state=Delivery.State.SENT).count():
        if left == size.messages or Delivery.objects.waiting().exists():
            for _ in range(HANDS):  # both of them, as the beat would have it
                app.send_task("notifications.tasks.send_due", retry=False, expires=20)
        time.sleep(0.5)
    _stop(worker)
    sent = [at for at in Delivery.objects.order_by("sent_at").values_list("sent_at", flat=True) if at]
    edges = sent[::WINDOW]
    rates = [WINDOW / (after - before).total_seconds() for before, after in pairwise(edges)]
    twice = Delivery.objects.filter(~Q(attempts=1)).count()
    return figure(rates, "messages/s") | {
        "messages": size.messages,
        "overall": round(size.messages / (sent[-1] - sent[0]).total_seconds()),
        "not_at_once": twice,
    }


def _raw(incident: Incident, size: Size, port: int) -> Figure:
    """The same letters, written beforehand, from as many processes over a connection each."""
    row = Delivery.objects.select_related(*claiming.RELATED).filter(incident=incident).latest("pk")
    content = letters.as_sent(letters.write(row))
    connections.close_all()
    share, rates = size.messages // HANDS, []
    for _ in range(3):
        hands = [get_context("fork").Process(target=_by_hand, args=(port, content, share)) for _ in range(HANDS)]
        began = time.perf_counter()
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        rates.append(share * HANDS / (time.perf_counter() - began))
    return figure(rates, "messages/s")


def _by_hand(port: int, content: bytes, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as out:
        for _ in range(number):
            out.sendmail("desk@bench.example", ["p@bench.example"], content)


def _single(incident: Incident, agent: User, size: Size, work: Callable[..., Any]) -> Figure:
    """From the record of an update to the moment at which its message was taken, while nothing else is to be done."""
    workers = [
        work("worker", "celery", "-A", "itsm", "worker", "-Q", "default,sweep", "-c", "1", "-n", "w@%h", *QUIET),
        work("mailer", "celery", "-A", "itsm", "worker", "-Q", "mail", "-c", str(HANDS), "-n", "m@%h", *QUIET),
    ]
    IncidentEvent.objects.update(relayed_at=Now())
    taken = []
    for number in range(size.singles + 1):
        phase = STEPS[number % 2]  # a step each time: what is none would wait for the next
        event = conversation.update(incident, by=agent, text=f"News {number}", phase=phase).events.latest("pk")
        told = Delivery.objects.filter(event=event, channel=Delivery.Channel.EMAIL)
        _until(partial(_is_sent, told, nudged=number == 0), "a message is sent")
        sent = told.filter(state=Delivery.State.SENT)
        took = sent.annotate(took=F("sent_at") - F("event__recorded_at")).latest("sent_at").took
        taken.append(took.total_seconds())
        time.sleep(0.2)  # idle in between
    for worker in workers:
        _stop(worker)
    return figure(taken[1:], "s")  # the first one waits for the workers to start


def _is_sent(told: DeliveryQuerySet, *, nudged: bool) -> bool:
    """Wake-ups are forgotten after a while, and the first one may be before a worker has started."""
    if nudged:
        for task in ("itsm.tasks.relay_events", "notifications.tasks.send_due"):
            app.send_task(task, retry=False, expires=1)
    return told.filter(state=Delivery.State.SENT).exists()


STEPS = (Message.Phase.INVESTIGATING, Message.Phase.IDENTIFIED)
QUIET = ("-l", "WARNING", "--without-gossip", "--without-mingle")


@contextmanager
def _processes() -> Iterator[Callable[..., process.Child]]:
    """start(name, module, *arguments): of one's own, against the database of the measurement; all end with it."""
    children: list[process.Child] = []
    log = Path(settings.VAR) / "log"
    log.mkdir(parents=True, exist_ok=True)

    def start(name: str, *command: str, port: int = 0) -> process.Child:
        environment = dict(os.environ) | {"DATABASE_URL": _database(), "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        line = [sys.executable, "-m", *command]
        child = process.start(f"bench-{name}", line, log, environment=environment, folder=ROOT)
        children.append(child)
        return child

    try:
        yield start
    finally:
        for child in reversed(children):
            _stop(child)


def _database() -> str:
    url = urlsplit(settings.DATABASE_URL)
    return url._replace(path=quote(f"/{connection.settings_dict['NAME']}")).geturl()


def _stop(child: process.Child) -> None:
    child.ask_to_stop()
    child.wait()


def _until(what: Callable[[], object], words: str) -> None:
    if not process.wait_until(lambda: bool(what()), 60):
        raise TimeoutError(f"waited a minute until {words}")
