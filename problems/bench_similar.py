"""What "similar" and known-error suggestions cost in a large house, beside the same questions without an index."""

import random
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection, transaction

from customers.models import Customer, Membership, Service, Team, User
from incidents import bench, lifecycle, similar
from incidents.bench import Figure, Size
from incidents.models import Incident
from itsm import likeness, moment
from problems import known_errors, suggestions
from problems.models import KnownError

# running: incidents; due: known errors
FULL = Size(samples=100, calls=1, running=1_000_000, due=10_000)
SMALL = Size(samples=5, calls=1, running=2_000, due=200)
GOAL_MS = 100
CUSTOMERS = 200
LARGEST = 0.1  # of all incidents are one customer's
DAYS = 365
WORDS = 3_000  # that people use, some of them often
TABLES = ("incidents_incident", "incidents_incidentwords", "problems_knownerror")


def similar_and_known(size: Size) -> Figure:
    """Milliseconds for "looks like", for what may help with an incident, and for what is offered to whoever types.

    `largest` is asked for the customer that has a tenth of all incidents, `usual` for one of the others; `ratio` says
    how much longer the same questions take without their index. Filing is what a report costs with the index there.
    """
    agent = _house(size)
    found: Figure = {"incidents": Incident.objects.count(), "known_errors": KnownError.objects.count()}
    _analyse()
    found |= {"goal_ms": GOAL_MS, "bare_question": _timed([agent] * 50, _nothing)}
    customers = Customer.objects.order_by("pk")
    for name, of in (("largest", customers[0]), ("usual", customers[7])):
        rows = Incident.objects.filter(customer=of).select_related("service").order_by("-opened_at")
        asked = list(rows[: size.samples])
        found[name] = {
            "similar": _timed(asked, partial(_like, agent)),
            "known_errors": _timed(asked, partial(_known, agent)),
            "typing": _timed(asked, partial(_typing, agent)),
        }
    few = list(Incident.objects.filter(customer=customers[0]).order_by("-opened_at")[:3])
    with _without_index():
        found["unindexed"] = {
            "similar": _timed(few, partial(_like, agent)), "typing": _timed(few, partial(_typing, agent)),
        }  # fmt: skip
    found["ratio"] = {
        name: round(found["unindexed"][name]["median"] / found["largest"][name]["median"], 1)
        for name in ("similar", "typing")
    }
    return found | {"filing": _filing(size), "words_written": _words_written(few, size), "plan": _plan(agent, few[0])}


def _like(agent: User, incident: Incident) -> object:
    return similar.like(incident, agent)


def _known(agent: User, incident: Incident) -> object:
    return suggestions.for_incident(incident, agent)


def _typing(agent: User, incident: Incident) -> object:
    return suggestions.for_words(incident.title, agent, customer=incident.customer_id)


def _timed(asked: list[Any], work: Callable[[Any], object]) -> Figure:
    work(asked[0])  # what is read once a process is read
    taken = []
    for incident in asked:
        begun = time.perf_counter()
        work(incident)
        taken.append((time.perf_counter() - begun) * 1000)
    return bench.figure(taken, "ms")


def _filing(size: Size) -> Figure:
    """A report with all that is there: its words are a worker's work, and no part of it."""
    reporter = User.objects.filter(customer__isnull=False).order_by("pk")[0]
    taken = []
    for number in range(max(5, size.samples // 4)):
        begun = time.perf_counter()
        lifecycle.open_incident(by=reporter, reporter=reporter, text=f"Nothing works, case {number}")
        taken.append((time.perf_counter() - begun) * 1000)
    return bench.figure(taken, "ms")


def _words_written(incidents: list[Incident], size: Size) -> Figure:
    """What the worker then does for one report."""
    taken = []
    for number in range(max(5, size.samples // 4)):
        begun = time.perf_counter()
        similar.index([incidents[number % len(incidents)]])
        taken.append((time.perf_counter() - begun) * 1000)
    return bench.figure(taken, "ms")


def _plan(agent: User, incident: Incident) -> list[str]:
    """How the candidates are found."""
    with transaction.atomic(), connection.cursor() as cursor:
        rows = similar.candidates(similar.Looks.of(incident, incident.title), incident.opened_at - similar.WITHIN)
        sql, parameters = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        plan: Figure = cursor.fetchone()[0][0]["Plan"]
    return bench.nodes(plan)


def _nothing(_agent: Any) -> None:
    """How busy the machine is: a question that costs nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _analyse() -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


@contextmanager
def _without_index() -> Any:
    """The same questions, each row looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_bitmapscan = off")
        cursor.execute("SET enable_indexscan = off")
        yield
        cursor.execute("RESET enable_bitmapscan")
        cursor.execute("RESET enable_indexscan")


def _house(size: Size) -> User:
    """Many customers of one desk, one of them large; their incidents spread over a year; known errors of all."""
    model = bench.one_incident({"tz": "UTC", "always_open": True})
    agent, largest = User.objects.get(role=User.Role.AGENT), model.customer
    names = [f"Firm {number:05}" for number in range(CUSTOMERS - 1)]
    firms = Customer.objects.bulk_create([Customer(name=name, calendar=largest.calendar) for name in names])
    team = Team.objects.get()
    team.customers.add(*firms)
    assert Membership.objects.filter(user=agent, team=team).exists()
    Service.objects.bulk_create(
        [Service(customer=firm, name=f"Service {number}") for firm in (largest, *firms) for number in range(5)]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET statement_timeout = 0")  # a million rows at once are no request of anybody's
    _incidents(model, size)
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    _known_errors([largest, *firms], agent, size)
    return agent


def _incidents(model: Incident, size: Size) -> None:
    """Told in words of which some are frequent; the titles first, then the index's rows by the product's own rules."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE told AS SELECT n, "
            "(SELECT string_agg('w' || floor(power(random(), 3) * %s)::int, ' ') FROM generate_series(1, 7 + n - n))"
            " AS title, random() AS r, now() - interval '1 day' * (random() * %s) AS at FROM generate_series(1, %s) n",
            [WORDS, DAYS, size.running],
        )
    bench.copy("incidents_incident", model.pk, "told t", {
        "id": "nextval('incidents_incident_id_seq')", "reference": "'BENCH-' || t.n", "title": "t.title",
        "client_token": "gen_random_uuid()", "opened_at": "t.at",
        "customer_id": f"CASE WHEN t.r < {LARGEST} THEN {model.customer_id} ELSE {model.customer_id} + 1"
        f" + (t.r * 1e6)::int % {CUSTOMERS - 1} END",
    })  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incident i SET service_id = s.id FROM customers_service s WHERE s.customer_id ="
            " i.customer_id AND s.name = 'Service ' || i.id % 5"
        )
        cursor.execute(
            "INSERT INTO incidents_incidentwords (incident_id, customer_id, opened_at, text, lexemes) "
            "SELECT id, customer_id, opened_at, title, array_to_tsvector(ARRAY(SELECT DISTINCT left(w, %s) FROM"
            " unnest(string_to_array(title, ' ')) w WHERE length(w) > 2) || ('cw:' || customer_id || '-' ||"
            " extract(epoch FROM opened_at)::bigint / %s)) FROM incidents_incident WHERE reference LIKE 'BENCH-%%'",
            [likeness.STEM, 7 * 86_400],
        )


def _known_errors(customers: list[Customer], agent: User, size: Size) -> None:
    """A third of them the largest customer's, a tenth shared, the rest the others'."""
    draw, now = random.Random(7), moment.now()  # noqa: S311  (the same ones each time)
    rows = []
    for number in range(size.due):
        owner = customers[0] if number % 3 == 0 else customers[number % len(customers)]
        known = KnownError(
            customer=None if number % 10 == 1 else owner, title=_said(draw, 6), symptom=_said(draw, 15),
            workaround=_said(draw, 20), status=KnownError.Status.AGENTS, written_by=agent, created_at=now,
            changed_at=now,
        )  # fmt: skip
        known.lexemes = known_errors.lexemes(known)
        rows.append(known)
    KnownError.objects.bulk_create(rows, batch_size=1000)


def _said(draw: random.Random, number: int) -> str:
    return " ".join(f"w{int(draw.random() ** 3 * WORDS)}" for _ in range(number))
