"""What the clocks cost, measured on this machine: arithmetic, a sweep that finds nothing, one that finds a lot.

Each figure comes with n, median and p95; speed is compared with something in the same run, never with another machine.
"""

import multiprocessing
import random
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from functools import partial
from multiprocessing.connection import Connection
from statistics import median, quantiles
from typing import Any

from django.db import connection, connections, transaction

from customers.models import Calendar, Customer, Membership, Team, User
from customers.working_hours import DAYS, Spec, WorkingHours, parse
from incidents import clocks as stored
from incidents import lifecycle
from incidents.models import Clock, ClockAlert, Incident
from incidents.sla import hours
from itsm import moment

Figure = dict[str, Any]
KINDS = (Clock.Kind.RESPONSE, Clock.Kind.UPDATE, Clock.Kind.RESTORE, Clock.Kind.REPLY)  # active at once, at most
TWENTY_HOURS = 72_000
APART = 36  # days from one holiday to the next: ten in a year
MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
DUE_GOAL_PER_S, IDLE_GOAL_MS, CROWD_GOAL_S = 100_000, 5, 10


@dataclass(frozen=True)
class Size:
    samples: int
    calls: int  # in one sample
    running: int  # clocks
    due: int  # of them


FULL = Size(samples=40, calls=5_000, running=1_000_000, due=10_000)
SMALL = Size(samples=4, calls=200, running=2_000, due=100)


def clocks(size: Size) -> Figure:
    return {"arithmetic": _arithmetic(size)} | _sweeps(size)


def _arithmetic(size: Size) -> Figure:
    """Microseconds for one due instant, on one core."""
    found: Figure = {}
    for name, years, holidays in (
        ("near", 0, 10),
        ("30_years_away", 30, 10),
        ("no_holiday", 0, 0),
        ("1000_holidays", 0, 1000),
    ):
        week = _office(holidays)
        start = MONDAY.replace(year=MONDAY.year + years)
        hours.due(week, start, 3600)  # the table is made once a process
        starts = [start + timedelta(minutes=random.Random(7).randrange(40_000)) for _ in range(size.calls)]  # noqa: S311  (the same ones each time)
        found[name] = _timed(size, partial(_all_due, week, starts))
    per_call = found["near"]["median"]
    found |= {"per_second": round(1e6 / per_call), "goal_per_second": DUE_GOAL_PER_S}
    found["businesstimedelta"] = _competitor(size)
    found["ratio"] = round(found["businesstimedelta"]["median"] / per_call, 1)
    return found


def _all_due(week: WorkingHours, starts: list[datetime]) -> list[datetime]:
    return [hours.due(week, at, TWENTY_HOURS) for at in starts]


def _office(holidays: int) -> WorkingHours:
    weekly = {day: [["09:00", "17:00"]] for day in list(DAYS)[:5]}
    days = [(date(2026, 1, 1) + timedelta(days=APART * number)).isoformat() for number in range(holidays)]
    return parse({"tz": "Europe/Berlin", "weekly": weekly, "holidays": days})


def _competitor(size: Size) -> Figure:
    """The same office hours and the same twenty hours in a library of that purpose; ten holidays."""
    import businesstimedelta  # noqa: PLC0415  (only developers have it)
    import holidays  # noqa: PLC0415  (likewise)
    import pytz  # noqa: PLC0415  (likewise)

    zone = pytz.timezone("Europe/Berlin")
    closed = holidays.HolidayBase()
    for number in range(10):
        closed[date(2026, 1, 1) + timedelta(days=APART * number)] = "closed"
    opening = {"start_time": dt_time(9), "end_time": dt_time(17)}
    day = businesstimedelta.WorkDayRule(**opening, working_days=[0, 1, 2, 3, 4], tz=zone)
    rules = businesstimedelta.Rules([day, businesstimedelta.HolidayRule(closed, tz=zone)])
    start, some = MONDAY.astimezone(zone), max(2, size.calls // 500)
    few = Size(size.samples, some, 0, 0)
    return _timed(few, lambda: [start + businesstimedelta.BusinessTimeDelta(rules, hours=20) for _ in range(some)])


def _timed(size: Size, work: Callable[[], object]) -> Figure:
    taken = []
    for _ in range(size.samples):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) / size.calls * 1e6)
    return figure(taken, "us")


def figure(values: list[float], unit: str) -> Figure:
    """n, median and p95 of at least two values."""
    return {
        "n": len(values),
        "median": round(median(values), 3),
        "p95": round(quantiles(values, n=20, method="inclusive")[-1], 3),
        "unit": unit,
    }


def apart(work: Callable[[], None], meanwhile: Callable[[], float] = lambda: 0.0) -> tuple[Figure, list[float]]:
    """`work` in a process of its own: its seconds and its peak of memory, and what `meanwhile` gave again and again."""
    connections.close_all()
    here, there = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.get_context("fork").Process(target=_report, args=(work, there))
    begun = time.perf_counter()
    worker.start()
    there.close()
    looks = [meanwhile(), meanwhile()]
    while worker.is_alive():
        looks.append(meanwhile())
        worker.join(0.05)
    taken = time.perf_counter() - begun
    return figure([taken, taken], "s") | {"n": 1, "peak_mb": here.recv()}, looks


def _report(work: Callable[[], None], there: Connection) -> None:
    work()
    there.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _sweeps(size: Size) -> Figure:
    now = moment.database_now()
    with moment.travel(now - timedelta(hours=5)):
        model = one_incident({"tz": "UTC", "always_open": True})  # its four hours have been over for an hour
    multiply(model, size, now)
    return {"idle_sweep": _idle(size, now), "crowd": _crowd(size, now)}


def one_incident(spec: Spec) -> Incident:
    """A P1 of a customer with these hours: the pattern of all others."""
    calendar = Calendar.objects.create(name="Bench", spec=parse(spec).to_spec())
    awake = {"quiet_from": None, "quiet_until": None}  # by night as by day
    customer = Customer.objects.create(name="Bench", calendar=calendar, level=1, **awake)
    team = Team.objects.create(name="Bench desk")
    team.customers.add(customer)
    agent = User.objects.create(name="Agent", email="agent@bench.example", role=User.Role.AGENT)
    Membership.objects.create(team=team, user=agent)
    reporter = User.objects.create(name="Reporter", email="reporter@bench.example", customer=customer)
    return lifecycle.open_incident(by=reporter, reporter=reporter, text="Nothing works.", impact=1, urgency=1)


def multiply(model: Incident, size: Size, now: datetime) -> None:
    """As many running clocks as wanted, up to four to an incident; all look into the future but those that are due."""
    incidents = size.running // len(KINDS)
    copy("incidents_incident", model.pk, f"generate_series(1, {incidents}) AS n", {
        "id": "nextval('incidents_incident_id_seq')", "reference": "'BENCH-' || n", "client_token": "gen_random_uuid()",
    })  # fmt: skip
    pattern = model.clocks.get(kind=Clock.Kind.RESTORE)
    kinds = ", ".join(f"('{kind}')" for kind in KINDS)
    copy("incidents_clock", pattern.pk, f"incidents_incident i, (VALUES {kinds}) AS k (kind)", {
        "id": "nextval('incidents_clock_id_seq')", "incident_id": "i.id", "kind": "k.kind",
        "next_alert_at": "now() + interval '1 day' * random()",
    }, where=f"i.id <> {model.pk}")  # fmt: skip
    late = Clock.objects.filter(kind=Clock.Kind.RESTORE).exclude(incident=model).order_by("pk")[: size.due]
    Clock.objects.filter(pk__in=late.values("pk")).update(next_alert_at=now + timedelta(hours=-1), priority=2)
    Clock.objects.filter(incident=model).update(next_alert_at=None)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE incidents_clock")
        cursor.execute("VACUUM ANALYZE incidents_incident")


def copy(table: str, pk: int, source: str, other: dict[str, str], where: str = "true") -> None:
    """Rows like the one of `pk`, one for each of `source`, with `other` columns of their own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        names = [name for (name,) in cursor.fetchall()]
        values = ", ".join(other.get(name, f'pattern."{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} pattern, {source} "  # noqa: S608  (our names)
            f"WHERE pattern.id = {pk} AND {where}"
        )


def _idle(size: Size, now: datetime) -> Figure:
    """The very question the sweep asks, with nothing due: milliseconds inside the database."""
    before = now - timedelta(hours=2)
    plans = [_explained(before) for _ in range(max(20, size.samples))]
    return figure([plan["Execution Time"] for plan in plans], "ms") | {
        "running_clocks": Clock.objects.active().count(),
        "goal_ms": IDLE_GOAL_MS,
        "plan": nodes(plans[-1]["Plan"]),
    }


def _explained(now: datetime) -> Figure:
    with transaction.atomic():
        sql, parameters = stored.batch_due(now).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
            found: Figure = cursor.fetchone()[0][0]
    return found


def nodes(plan: Figure) -> list[str]:
    """From the top: what each step of the plan is, and by which index."""
    own = " ".join(filter(None, [plan["Node Type"], plan.get("Index Name") or plan.get("Relation Name", "")]))
    return [own, *(node for part in plan.get("Plans", []) for node in nodes(part))]


def _crowd(size: Size, now: datetime) -> Figure:
    """All that is due at once, by two processes: seconds until both find nothing more, and how often each was told."""
    connections.close_all()
    processes = [multiprocessing.get_context("fork").Process(target=stored.sweep, args=(now,)) for _ in range(2)]
    begun = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    taken = time.perf_counter() - begun
    alerts = list(ClockAlert.objects.filter(threshold=100).values_list("clock", flat=True))
    return figure([taken, taken], "s") | {
        "n": 1,
        "due": size.due,
        "told": len(alerts),
        "told_twice": len(alerts) - len(set(alerts)),
        "still_due": Clock.objects.to_alert(now).count(),
        "goal_s": CROWD_GOAL_S,
    }
