"""Is it alive, and is it ready."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from incidents.models import IncidentEvent
from itsm import heart
from itsm.models import Heartbeat


@pytest.fixture
def alive() -> None:
    heart.beat("worker")
    heart.beat("beat")


def ready() -> tuple[int, dict]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_healthz_asks_for_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")

    assert answer.content == b"ok\n"


def test_readyz_names_everything_that_is_needed(alive) -> None:
    status, checks = ready()

    assert status == 200
    assert {name for name, finding in checks.items() if finding["ok"]} == {
        "database", "migrations", "broker", "worker", "beat", "due_work", "events",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_readyz_misses_a_process(alive, name) -> None:
    Heartbeat.objects.filter(name=name).update(seen_at=Now() - timedelta(seconds=61))

    status, checks = ready()

    assert status == 503
    assert not checks[name]["ok"]


def test_readyz_sees_work_that_nobody_does(alive, incident) -> None:
    IncidentEvent.objects.update(recorded_at=Now() - timedelta(minutes=3))

    status, checks = ready()

    assert status == 503
    assert checks["due_work"]["oldest_s"]["events"] >= 180


def test_readyz_counts_failed_events(alive, incident) -> None:
    IncidentEvent.objects.update(failed_at=Now())

    status, checks = ready()

    assert status == 503
    assert checks["events"] == {"ok": False, "failed": 1}


def test_readyz_without_a_broker(alive, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    status, checks = ready()

    assert status == 503
    assert checks["broker"] == {"ok": False, "why": "ConnectionError"}
