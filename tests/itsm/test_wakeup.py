"""Wake-ups: a worker hears at once, and whatever Redis does, nobody waits for it."""

import json
import threading
import time

import pytest
from celery import Celery
from django.db import connection, transaction

from incidents.models import Incident
from itsm import events, wakeup
from tests import factories
from tests.faults.stack import Broker, broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
RELAY = "itsm.tasks.relay_events"


@pytest.fixture
def valkey(settings, monkeypatch, transactional_db):
    """A broker of one's own, to which wake-ups go."""
    with broker() as running:
        settings.CELERY_BROKER_URL = f"redis+socket://{running.socket}?virtual_host=0"
        app = Celery("wake-ups", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        monkeypatch.setattr(wakeup, "app", app)
        monkeypatch.setattr(wakeup, "_messenger", wakeup._Messenger())
        monkeypatch.setattr(wakeup, "REST_AFTER_FAILURE", 0.2)
        yield running


@pytest.fixture
def filing():
    """filing() -> how long it took until a report was in."""
    reporter = factories.UserFactory(customer=factories.CustomerFactory(served=True))

    def file() -> float:
        began = time.monotonic()
        with transaction.atomic():
            factories.open_incident(reporter)
        return time.monotonic() - began

    return file


def asked(valkey: Broker, queue: str = "sweep") -> list[str]:
    return [json.loads(raw)["headers"]["task"] for raw in valkey.client().lrange(queue, 0, -1)]


def test_a_worker_is_asked_once_the_transaction_is_in(valkey) -> None:
    with transaction.atomic():
        wakeup.after_commit(RELAY)
        time.sleep(0.1)
        assert asked(valkey) == []

    wait_for(lambda: asked(valkey) == [RELAY])


def test_each_task_goes_to_its_own_queue(valkey) -> None:
    wakeup.after_commit("notifications.tasks.send_due")

    wait_for(lambda: asked(valkey, "mail") == ["notifications.tasks.send_due"])


def test_nobody_is_asked_for_what_was_rolled_back(valkey) -> None:
    with transaction.atomic():
        wakeup.after_commit(RELAY)
        transaction.set_rollback(True)

    time.sleep(0.1)
    assert asked(valkey) == []


def test_filing_wakes_the_relay_and_the_relay_the_sender(valkey, filing) -> None:
    filing()
    wait_for(lambda: RELAY in asked(valkey))

    events.relay()

    wait_for(lambda: "notifications.tasks.send_due" in asked(valkey, "mail"))


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_filing_does_not_wait_for_a_broker_in_trouble(valkey, filing, trouble) -> None:
    filing()
    wait_for(lambda: asked(valkey))
    getattr(valkey, trouble)()

    took = [filing() for _ in range(5)]

    assert max(took) < 2
    assert Incident.objects.count() == 6


def test_a_broker_that_is_back_is_used_again(valkey, filing) -> None:
    valkey.kill()
    filing()
    valkey.start()

    def asked_again() -> list[str]:
        filing()
        return asked(valkey)

    wait_for(asked_again, 10, each=0.3)


def test_what_is_asked_often_is_asked_a_few_times(valkey) -> None:
    valkey.freeze()
    for _ in range(500):
        wakeup.after_commit(RELAY)
    valkey.thaw()

    wait_for(lambda: asked(valkey))
    assert len(asked(valkey)) < 50


def test_a_messenger_that_did_not_survive_a_fork_is_replaced(valkey) -> None:
    gone = threading.Thread(target=lambda: None)
    gone.start()
    gone.join()
    wakeup._messenger._thread = gone

    wakeup.after_commit(RELAY)

    wait_for(lambda: asked(valkey) == [RELAY])


def test_a_thread_of_its_own_holds_no_database_connection(valkey, filing) -> None:
    before = backends()

    filing()
    wait_for(lambda: asked(valkey))

    assert backends() <= before


def backends() -> set[int]:
    """Who is connected: maybe one more than this test, when an earlier one's process is still on its way out."""
    with connection.cursor() as cursor:
        # An autovacuum worker of the server may be there as well: it is nobody's connection.
        clients = "datname = current_database() AND backend_type = 'client backend'"
        cursor.execute(f"SELECT pid FROM pg_stat_activity WHERE {clients}")
        return {pid for (pid,) in cursor.fetchall()}
