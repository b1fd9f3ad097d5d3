"""What the list of customers costs who serves thousands of them: whole requests, the bare queries beside them."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from customers import profile_queries
from customers.models import ContactRole, Customer, MaturityAssessment, Team, User
from incidents import bench
from incidents.bench import Figure, Size
from itsm import moment

FULL = Size(samples=100, calls=1, running=20_000, due=5_000)  # running: incidents' clocks; due: customers
SMALL = Size(samples=5, calls=1, running=200, due=120)
GOAL_MS = 100
LIST = "/desk/customers/"
ANALYSED = (
    "incidents_incident", "customers_customer", "customers_contactrole", "customers_team_customers", "customers_team",
    "customers_membership", "customers_user", "customers_maturityassessment",
)  # fmt: skip


def customers(size: Size) -> Figure:
    """The list as a browser asks for it, from the first middleware to the last byte, in milliseconds.

    `ratio` compares it with the same page when nobody fits the search: what the portal costs without the list.
    """
    call_command("collectstatic", verbosity=0, interactive=False)  # the pages name files by their digest
    agent = _crowd(size)
    browser = Client(SERVER_NAME=_host())
    browser.force_login(agent)
    found: Figure = {"customers": Customer.objects.count(), "goal_ms": GOAL_MS}
    last = -(-size.due // profile_queries.PAGE)
    for name, query in (
        ("list", ""), ("last_page", f"?page={last}"), ("search", "?q=firm+1"), ("needing", "?show=needing"),
        ("empty", "?q=nobody+is+called+so"),
    ):  # fmt: skip
        found[name] = _timed(size, partial(_get, browser, LIST + query))
    database = _timed(size, partial(profile_queries.page_of_customers, agent, moment.now(), None))
    ratio = round(found["list"]["median"] / found["empty"]["median"], 2)
    return found | {"bare_queries": database, "ratio": ratio, "queries": _queries(browser)}


def _get(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code


def _timed(size: Size, work: Callable[[], object]) -> Figure:
    work()  # templates are read once a process
    taken, worked = [], []
    for _ in range(size.samples):
        begun, at_work = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
        worked.append((time.process_time() - at_work) * 1000)
    # Beside the clock on the wall the share of this process alone: on a busy machine the one says little of the other.
    return bench.figure(taken, "ms") | {"cpu_median": round(median(worked), 3)}


def _queries(browser: Client) -> int:
    """How many questions one list asks."""
    before = connection.force_debug_cursor
    connection.force_debug_cursor = True
    try:
        first = len(connection.queries_log)
        _get(browser, LIST)
        return len(connection.queries_log) - first
    finally:
        connection.force_debug_cursor = before


def _host() -> str:
    return next((host for host in settings.ALLOWED_HOSTS if "*" not in host and not host.startswith(".")), "localhost")


def _crowd(size: Size) -> User:
    """Customers of one team, a third without an out-of-band number, half of them assessed; incidents at all of them."""
    model = bench.one_incident({"tz": "UTC", "always_open": True})
    agent, calendar, now = User.objects.get(role=User.Role.AGENT), model.customer.calendar, moment.now()
    names = [f"Firm {number:05}" for number in range(size.due - 1)]
    firms = Customer.objects.bulk_create(
        [Customer(name=name, calendar=calendar, level=number % 5 + 1) for number, name in enumerate(names)],
        batch_size=1000,
    )
    through = Team.customers.through
    through.objects.bulk_create([through(team=model.team, customer=firm) for firm in firms], batch_size=1000)
    ContactRole.objects.bulk_create(
        [
            ContactRole(
                customer=firm, kind="named_contact", name="Somebody", out_of_band="555 0160" if number % 3 else ""
            )
            for number, firm in enumerate(firms)
        ],
        batch_size=1000,
    )
    at = now - timedelta(days=300)
    state = {"state": "in_force", "started_by": agent, "effective_on": at.date(), "in_force_at": at}
    stamps = dict.fromkeys(("finished_at", "accepted_here_at", "accepted_there_at"), at)
    MaturityAssessment.objects.bulk_create(
        [MaturityAssessment(customer=firm, **state, **stamps) for firm in firms[::2]], batch_size=1000
    )
    bench.multiply(model, size, now)
    _spread(firms[0].pk)
    return agent


def _spread(first: int) -> None:
    """Gives each incident but the pattern to one of the customers, in turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customer")
        (number,) = cursor.fetchone()
        cursor.execute(
            "UPDATE incidents_incident SET customer_id = %s + id %% %s WHERE reference LIKE 'BENCH-%%'",
            [first, number - 1],
        )
        for table in ANALYSED:
            cursor.execute(f"VACUUM ANALYZE {table}")
