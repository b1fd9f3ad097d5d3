"""The demo story, first floor: three customers, their people, and the desks that serve them."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from customers import calendars
from customers.models import Calendar, ContactRole, Customer, ExternalDeadline, Membership, Service, Team, User
from customers.regimes import REGIMES
from itsm import moment
from itsm.context import DEMO_PASSWORD

CAST: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("demo.toml").read_text())
WITH_US_FOR = timedelta(days=400)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def seed() -> None:
    """Does nothing when the demo's customers are there already."""
    if customers().exists():
        return
    since = moment.now() - WITH_US_FOR
    password = make_password(DEMO_PASSWORD)  # once: it is slow on purpose
    for calendar in CAST["calendar"]:
        if not Calendar.objects.filter(name=calendar["name"]).exists():
            _calendar(calendar, since).save()
    for customer in CAST["customer"]:
        _customer(customer, since, password)
    for team in CAST["team"]:
        found, _ = Team.objects.get_or_create(name=team["name"])
        found.customers.add(*Customer.objects.filter(name__in=team["customers"]))
    for person in CAST["staff"]:
        _colleague(person, since, password)


def customers() -> Any:
    """The customers of the story."""
    return Customer.objects.filter(name__in=[customer["name"] for customer in CAST["customer"]])


def _calendar(told: dict[str, Any], since: datetime) -> Calendar:
    """As a lead would write it: the week, the country's public holidays, and days of one's own."""
    years = range(since.year - calendars.YEARS_BACK, since.year + calendars.YEARS_AHEAD)
    own = {
        f"{year}-{day}": name for year in range(since.year, since.year + 6) for day, name in told["own_days"].items()
    }
    public = calendars.public_holidays(told["country"], told["region"], years)
    spec = {
        "tz": told["tz"],
        "always_open": False,
        "weekly": {day: [told["hours"]] for day in WEEKDAYS},
        "holidays": sorted({day.isoformat() for day in public} | own.keys()),
    }
    return Calendar(name=told["name"], spec=spec, country=told["country"], region=told["region"], own_days=own)


def _customer(told: dict[str, Any], since: datetime, password: str) -> None:
    facts = {key: told[key] for key in ("level", "time_zone", "hotline", "hotline_hours", "objective", "vip_manners")}
    customer = Customer.objects.create(
        name=told["name"],
        calendar=Calendar.objects.get(name=told["calendar"]),
        shares_incidents=told.get("shares_incidents", False),
        quiet_from=told["quiet"][0],
        quiet_until=told["quiet"][1],
        created_at=since,
        **facts,
    )
    User.objects.bulk_create(
        User(customer=customer, password=password, date_joined=since, **person) for person in told["people"]
    )
    _profile(customer, told)


def _profile(customer: Customer, told: dict[str, Any]) -> None:
    """Services in business words, whom to reach, outside clocks."""
    people = {person.email.split(".")[0]: person for person in customer.people.all()}
    for name in [*told["critical"], *told["services"]]:
        facts = dict(told["about"].get(name, {}))
        owner = people.get(facts.pop("owner", ""))
        is_critical = name in told["critical"]
        Service.objects.create(customer=customer, name=name, is_critical=is_critical, owner=owner, **facts)
    for contact in told["reach"]:
        facts = dict(contact)
        service = customer.services.filter(name=facts.pop("service", "")).first()
        person = people.get(facts.pop("person", ""))
        ContactRole.objects.create(customer=customer, person=person, service=service, **facts)
    ExternalDeadline.objects.bulk_create(
        ExternalDeadline(customer=customer, regime=regime, **vars(report))
        for regime in told["regimes"]
        for report in REGIMES[regime].reports
    )


def _colleague(told: dict[str, Any], since: datetime, password: str) -> None:
    role = told.get("role", User.Role.AGENT)
    person = User.objects.create(
        name=told["name"],
        email=told["email"],
        role=role,
        password=password,
        date_joined=since,
        time_zone="Europe/Berlin",
    )
    Membership.objects.bulk_create(
        Membership(team=team, user=person, is_lead=role == User.Role.LEAD)
        for team in Team.objects.filter(name__in=told["teams"])
    )
