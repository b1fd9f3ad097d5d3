"""The shared cache: Redis where it answers, this process's own memory where it does not."""

import time

import pytest
from django.conf import settings

from itsm import cache as caches
from itsm.cache import ForgivingRedisCache
from tests.faults.stack import broker


@pytest.fixture
def valkey():
    with broker() as running:
        yield running


@pytest.fixture
def cache(valkey, monkeypatch):
    monkeypatch.setattr(caches, "REST_AFTER_FAILURE", 0.3)
    return new_cache(valkey)


def new_cache(valkey) -> ForgivingRedisCache:
    """As another process has it."""
    made = ForgivingRedisCache(valkey.url, {"OPTIONS": settings.CACHES["default"]["OPTIONS"]})
    made._own.clear()
    return made


def test_processes_share_it(valkey, cache) -> None:
    cache.set("a", 1)

    assert new_cache(valkey).get("a") == 1


def test_all_that_is_asked_of_it_works(cache) -> None:
    assert cache.add("n", 1)
    assert not cache.add("n", 5)
    assert cache.incr("n") == 2
    assert cache.decr("n") == 1
    cache.set_many({"x": 1, "y": 2})
    assert cache.get_many(["x", "y", "z"]) == {"x": 1, "y": 2}
    assert "x" in cache
    assert cache.touch("x", 10)
    cache.delete_many(["x"])
    assert cache.get("x", "gone") == "gone"
    assert cache.delete("y")
    cache.clear()
    assert cache.get_or_set("n", 7) == 7


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_trouble_costs_one_time_limit_and_no_error(valkey, cache, trouble, monkeypatch) -> None:
    cache.set("a", 1)
    monkeypatch.setattr(caches, "REST_AFTER_FAILURE", 30)
    getattr(valkey, trouble)()
    began = time.monotonic()

    cache.set("a", 2)
    counts = [cache.get("a"), cache.add("n", 1), *(cache.incr("n") for _ in range(50))]

    assert time.monotonic() - began < 2
    assert (counts[0], counts[-1]) == (2, 51)


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_a_limit_is_never_off(valkey, cache, trouble) -> None:
    """allauth counts with add and incr: while Redis is away this process still counts."""
    getattr(valkey, trouble)()

    cache.add("tries", 0, 60)

    assert [cache.incr("tries") for _ in range(3)] == [1, 2, 3]


def test_it_is_used_again_when_it_is_back(valkey, cache) -> None:
    valkey.freeze()
    cache.set("a", "own")
    valkey.thaw()
    time.sleep(0.4)

    cache.set("a", "shared")

    assert new_cache(valkey).get("a") == "shared"
