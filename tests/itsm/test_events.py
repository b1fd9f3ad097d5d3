"""The relay: in order, to everybody, once; and what fails holds up nobody else."""

import threading
import time
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import InterfaceError, connection, transaction
from django.db.models.functions import Now

from customers.models import Customer
from incidents.models import Incident, IncidentEvent
from itsm import events
from tests import factories

heard: list[tuple[str, str]] = []  # reference, kind: in the order in which the consumer was called
broken: set[str] = set()  # references on which the consumer fails
slow = threading.Event()  # while it is set, the consumer takes its time
held = threading.Event()  # the consumer has an event in its hands


def listen(event) -> None:
    """The consumer of these tests."""
    heard.append((event.incident.reference, event.kind))
    held.set()
    while slow.is_set():
        time.sleep(0.01)


def scribble(event) -> None:
    """A consumer that writes, and then fails for some."""
    Customer.objects.filter(pk=event.customer_id).update(objective=f"heard {event.kind}")
    if event.incident.reference in broken:
        raise RuntimeError("a consumer that fails")


def pass_on(event) -> None:
    """A consumer whose writing shows how often it was in: once a row."""
    factories.ServiceFactory(customer=event.customer, name=f"{event.pk}.{threading.get_ident()}")


@pytest.fixture(autouse=True)
def consumers(settings):
    heard.clear()
    broken.clear()
    slow.clear()
    settings.EVENT_CONSUMERS = ["tests.itsm.test_events.scribble", "tests.itsm.test_events.listen"]


@pytest.fixture
def other(reporter, team):
    return factories.open_incident(reporter, text="The telephone is silent")


def due_again() -> None:
    IncidentEvent.objects.filter(failed_at=None).update(next_try_at=None)


def kinds_heard(incident: Incident) -> list[str]:
    return [kind for reference, kind in heard if reference == incident.reference]


def test_events_of_an_incident_are_handed_on_in_order(incident, other, agent) -> None:
    for each in (incident, other):
        factories.restored(factories.answered(factories.taken(each, agent), agent), agent)

    assert events.relay() == 8

    assert kinds_heard(incident) == kinds_heard(other) == ["opened", "taken", "updated", "restored"]
    assert not IncidentEvent.objects.unrelayed().exists()


def test_events_are_handed_on_once(incident) -> None:
    events.relay()

    assert events.relay() == 0
    assert heard == [(incident.reference, "opened")]


def test_a_failing_consumer_holds_up_its_own_incident_only(incident, other, agent) -> None:
    broken.add(incident.reference)
    factories.taken(incident, agent)
    factories.taken(other, agent)

    events.relay()

    assert kinds_heard(incident) == []
    assert kinds_heard(other) == ["opened", "taken"]


def test_what_a_failing_consumer_wrote_is_undone(incident) -> None:
    broken.add(incident.reference)

    events.relay()

    incident.customer.refresh_from_db()
    assert incident.customer.objective == ""
    assert incident.events.get().relayed_at is None


def test_a_failed_event_is_tried_again_later_and_then_the_rest_follows(incident, agent) -> None:
    broken.add(incident.reference)
    factories.taken(incident, agent)
    events.relay()
    assert incident.events.get(kind="opened").next_try_at > IncidentEvent.objects.values_list(Now()).first()[0]
    broken.clear()
    assert events.relay() == 0

    due_again()
    events.relay()

    assert kinds_heard(incident) == ["opened", "taken"]


def test_back_off_grows_and_has_an_end() -> None:
    waits = [events._when_to_try_again(tries) for tries in range(1, 11)]

    assert all("next_try_at" in wait for wait in waits[:9])
    assert waits[9] == {"failed_at": Now()}


def test_after_ten_tries_it_is_put_aside_and_the_rest_goes_on(incident, agent) -> None:
    broken.add(incident.reference)
    for _ in range(events.MAX_TRIES):
        due_again()
        events.relay()
    put_aside = incident.events.get()
    assert (put_aside.tries, put_aside.relayed_at) == (events.MAX_TRIES, None)
    assert put_aside.failed_at

    broken.clear()
    factories.taken(incident, agent)
    events.relay()

    assert kinds_heard(incident) == ["taken"]
    assert IncidentEvent.objects.failed().get() == put_aside


def test_failed_events_can_be_replayed(incident) -> None:
    IncidentEvent.objects.update(failed_at=Now(), tries=10)

    call_command("replay_events")
    events.relay()

    assert kinds_heard(incident) == ["opened"]
    assert not IncidentEvent.objects.failed().exists()


def test_oldest_due_is_the_age_of_what_waits(incident) -> None:
    IncidentEvent.objects.update(recorded_at=Now() - timedelta(minutes=5))
    assert timedelta(minutes=5) <= events.oldest_due() < timedelta(minutes=6)

    events.relay()

    assert events.oldest_due() == timedelta()


def test_heads_are_found_by_an_index(incident) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = IncidentEvent.objects.heads()[:50].explain()

    assert "unrelayed" in plan
    assert "Seq Scan" not in plan


def in_threads(number: int, work) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def story(transactional_db):
    """Ten incidents with four events each, committed."""
    reporter = factories.UserFactory(customer=factories.CustomerFactory(served=True))
    agent = factories.UserFactory(agent=True, member_of=reporter.customer.teams.get())
    for number in range(10):
        with transaction.atomic():
            incident = factories.open_incident(reporter, text=f"Printer {number}")
            factories.restored(factories.answered(factories.taken(incident, agent), agent), agent)
    return reporter.customer


@pytest.mark.django_db(transaction=True)
def test_many_relays_at_once_hand_each_event_on_exactly_once(story, settings) -> None:
    settings.EVENT_CONSUMERS = ["tests.itsm.test_events.pass_on", "tests.itsm.test_events.listen"]

    in_threads(6, events.relay)

    handed_on = [int(name.split(".")[0]) for name in story.services.values_list("name", flat=True)]
    assert sorted(handed_on) == sorted(IncidentEvent.objects.values_list("pk", flat=True))
    by_incident = defaultdict(list)
    for reference, kind in heard:
        by_incident[reference].append(kind)
    assert set(map(tuple, by_incident.values())) == {("opened", "taken", "updated", "restored")}


@pytest.mark.django_db(transaction=True)
def test_nobody_overtakes_an_event_that_is_just_being_handed_on(story) -> None:
    held.clear()
    slow.set()
    first = threading.Thread(target=in_threads, args=(1, events.relay))
    first.start()
    assert held.wait(5)

    assert events.relay() == 0

    assert len(heard) == 1
    slow.clear()
    first.join()
    for incident in Incident.objects.all():
        assert kinds_heard(incident) == ["opened", "taken", "updated", "restored"]


@pytest.mark.django_db(transaction=True)
def test_a_relay_that_dies_leaves_everything_to_the_next(story) -> None:
    def die() -> None:
        with suppress(InterfaceError), transaction.atomic():
            head = IncidentEvent.objects.heads().select_for_update(of=("self",), skip_locked=True, no_key=True)[0]
            assert events._hand_on(head, [scribble, listen])
            connection.connection.close()  # as the server sees a process that was killed

    in_threads(1, die)
    assert len(heard) == 1

    assert events.relay() == 40
    assert len(heard) == 41
