"""Domain time: read once per verb and passed on; the demo, the SLA cases and tests travel in it.

Leases, retries and the relay do not use this: they ask the database's clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection
from django.utils import timezone

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)


def now() -> datetime:
    return _travelled.get() or timezone.now()


def database_now() -> datetime:
    """The database's clock: one for all workers, whatever their own clocks say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    found: datetime = row[0]
    return found


@contextmanager
def travel(at: datetime) -> Iterator[None]:
    """Within this block the domain's clock stands at `at` (aware)."""
    token = _travelled.set(at)
    try:
        yield
    finally:
        _travelled.reset(token)
