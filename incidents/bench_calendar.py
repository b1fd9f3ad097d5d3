"""What one edit of a calendar costs that moves many open clocks: time, memory, and what the desk notices of it."""

import time

from customers.models import Calendar, User
from customers.working_hours import DAYS
from incidents import bench, queries, recalculation
from incidents.bench import Figure, Size
from incidents.models import Clock, Recalculation
from itsm import moment

FULL = Size(samples=40, calls=1, running=100_000, due=0)
SMALL = Size(samples=4, calls=1, running=400, due=0)
MEMORY_GOAL_MB = 300
WORKDAYS = list(DAYS)[:5]
State = Recalculation.State


def edit(size: Size) -> Figure:
    """Other hours for a customer with many open incidents: the preview, then its application, by one process each.

    Meanwhile this process looks at the desk's list again and again: its figures stand beside those of a quiet desk.
    """
    model = bench.one_incident({"tz": "Europe/Berlin", "weekly": {day: [["08:00", "18:00"]] for day in WORKDAYS}})
    # A first answer is due within minutes, which no edit may move; four hours are more than the new days have.
    model.clocks.filter(kind=Clock.Kind.RESPONSE).delete()
    bench.multiply(model, size, moment.database_now())
    calendar, agent = Calendar.objects.get(), User.objects.get(role=User.Role.AGENT)
    week = {day: [["09:00", "12:00"]] for day in WORKDAYS}
    quiet = bench.figure([_look(agent) for _ in range(size.samples)], "ms")
    job = recalculation.propose_calendar(calendar, {"spec": calendar.spec | {"weekly": week}}, by=agent)
    found: Figure = {"clocks": Clock.objects.active().count(), "desk_quiet": quiet}
    found["preview"] = _phase(job, agent)
    recalculation.decide(job, by=agent, apply=True)
    found["apply"] = _phase(job, agent)
    job.refresh_from_db()
    return found | {"state": job.state, "moved": job.clocks_moved, "goal_mb": MEMORY_GOAL_MB}


def _phase(job: Recalculation, agent: User) -> Figure:
    found, looks = bench.apart(_work, lambda: _look(agent))
    per_second = round(Clock.objects.active().count() / found["median"])
    return found | {"clocks_per_s": per_second, "desk_meanwhile": bench.figure(looks, "ms")}


def _work() -> None:
    while Recalculation.objects.at_work().exists():
        recalculation.go_on()


def _look(agent: User) -> float:
    """The desk's list as its page asks for it, in milliseconds."""
    begun = time.perf_counter()
    now = moment.now()
    queries.board(agent, "open", now)
    queries.queue_views(agent, now)
    return (time.perf_counter() - begun) * 1000
