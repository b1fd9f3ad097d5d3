"""Workers die by `kill -9`, again and again; every message arrives."""

import time
from collections import Counter
from functools import partial

from django.db.models.functions import Now
from django.utils import timezone

from customers.models import User
from incidents.models import IncidentEvent
from notifications import letters, sending
from notifications.models import Delivery
from tests import factories
from tests.faults.stack import Stack, stack, wait_for

MESSAGES, KILLS = 500, 10


def make_deliveries() -> None:
    """One update that 500 people of a customer hear of."""
    customer = factories.CustomerFactory(served=True, shares_incidents=True)
    agent = factories.UserFactory(agent=True, member_of=customer.teams.get())
    incident = factories.answered(factories.open_incident(factories.UserFactory(customer=customer)), agent)
    event = incident.events.get(kind="updated")
    people = [User(email=f"p{n}@example.com", name=f"Person {n}", customer=customer) for n in range(MESSAGES)]
    common = {"event": event, "incident": incident, "customer": customer, "kind": "update", "reason": "reporter"}
    Delivery.objects.bulk_create(
        Delivery(recipient=person, address=person.email, **common) for person in User.objects.bulk_create(people)
    )
    IncidentEvent.objects.update(relayed_at=timezone.now())


def kill_while_they_send(running: Stack) -> None:
    """Kills one of two workers each time some more messages have arrived, and starts it again."""
    workers = [running.work("one"), running.work("two")]
    for kill in range(KILLS):
        enough = len(running.mail_files()) + 20
        nudge_until(running, partial(has_arrived, running, enough))
        workers[kill % 2].kill()
        workers[kill % 2].start()


def has_arrived(running: Stack, enough: int) -> bool:
    return len(running.mail_files()) >= enough


def nudge_until(running: Stack, what) -> None:
    def nudged() -> object:
        # On a busy machine a message may run into its time limit: its minute of back-off is not waited for here.
        Delivery.objects.filter(state="queued").update(next_try_at=Now())
        running.nudge("notifications.tasks.send_due")
        return what()

    wait_for(nudged, 40, each=0.1)


def test_500_deliveries_survive_ten_kills() -> None:
    make_deliveries()
    began = time.monotonic()

    with stack(EVENKEEL_DELIVERY_LEASE_SECONDS="3") as running:
        running.catch_mail(delay=0.01)
        kill_while_they_send(running)
        nudge_until(running, lambda: not Delivery.objects.exclude(state="sent").exists())
        arrived = Counter(mail["Message-ID"] for mail in running.mails())

    wanted = {letters.message_id(row) for row in Delivery.objects.select_related("incident")}
    twice = sum(arrived.values()) - len(arrived)
    print(f"{len(arrived)} messages, {KILLS} kills, {twice} came twice, {time.monotonic() - began:.0f} s")
    assert set(arrived) == wanted
    assert len(wanted) == MESSAGES
    assert twice <= KILLS
    assert sending.given_up() == 0
