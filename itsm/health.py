"""Is it alive, and is it ready: for supervisors and load balancers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from itsm import events, heart, moment

STALE = timedelta(seconds=60)  # a heartbeat comes each 10 s
LATE = timedelta(seconds=120)  # due work that old means nobody works

Finding = dict[str, Any]


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Each thing the portal needs, by name; 503 when one is bad. Says nothing about anybody's data."""
    findings = {name: _ask(check) for name, check in CHECKS.items()}
    ok = all(finding["ok"] for finding in findings.values())
    return JsonResponse({"ok": ok, "checks": findings}, status=200 if ok else 503)


def _ask(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except (DatabaseError, redis.RedisError, OSError) as error:
        return {"ok": False, "why": type(error).__name__}


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {"ok": not missing, "missing": len(missing)}


def _broker() -> Finding:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
    try:
        client.ping()
    finally:
        client.close()
    return {"ok": True}


def heartbeat(name: str) -> Callable[[], Finding]:
    def check() -> Finding:
        seen = heart.last_seen().get(name)
        if seen is None:
            return {"ok": False, "why": "never seen"}
        age = moment.database_now() - seen
        return {"ok": age < STALE, "age_s": round(age.total_seconds())}

    return check


def _due_work() -> Finding:
    """The oldest work that is due and not done: events to hand on, and what the floors above report."""
    ages = {name: import_string(path)() for name, path in settings.DUE_WORK.items()}
    worst = max(ages.values(), default=timedelta())
    given_up = {name: import_string(path)() for name, path in settings.GIVEN_UP_WORK.items()}
    return {
        "ok": worst < LATE,
        "oldest_s": {name: round(age.total_seconds()) for name, age in ages.items()},
        "given_up": given_up,
    }


def _failed() -> Finding:
    failed = sum(model._default_manager.filter(failed_at__isnull=False).count() for model in events.kinds_of_events())
    return {"ok": failed == 0, "failed": failed}


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": heartbeat("worker"),
    "beat": heartbeat("beat"),
    "due_work": _due_work,
    "events": _failed,
}
