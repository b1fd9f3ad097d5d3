"""The demo story, first floor: three customers, their people, and the desks that serve them."""

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db.models import F

from customers import agreements, assessment, calendars, goals
from customers.assessment import Given
from customers.maturity import MOST_TOLD
from customers.models import (
    Calendar,
    ContactRole,
    Customer,
    CustomerEvent,
    ExternalDeadline,
    MaturityAssessment,
    Membership,
    Service,
    Team,
    User,
)
from customers.regimes import REGIMES
from itsm import moment
from itsm.context import DEMO_PASSWORD

CAST: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("demo.toml").read_text())
WITH_US_FOR = timedelta(days=400)
AGREED_AFTER = timedelta(days=14)
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
    with moment.travel(since + AGREED_AFTER):
        _agree()
    _grew_up(moment.now())


def customers() -> Any:
    """The customers of the story."""
    return Customer.objects.filter(name__in=[customer["name"] for customer in CAST["customer"]])


def _agree() -> None:
    """Contracts and what is agreed beside them, as the manager and the administrator would do it."""
    staff = User.objects.filter(email__in=[person["email"] for person in CAST["staff"]])
    manager, administrator = (staff.filter(role=role)[0] for role in (User.Role.MANAGER, User.Role.ADMINISTRATOR))
    for told in CAST["contract"]:
        facts = {key: told[key] for key in ("name", "meaning", "knobs")}
        contract = agreements.create_contract_class(by=administrator, **facts)
        for customer in Customer.objects.filter(name__in=told["customers"]):
            agreements.set_contract(customer, by=manager, contract=contract, version=customer.version)
    for told in CAST["agreed"]:
        customer = Customer.objects.get(name=told["customer"])
        values = {"by": manager, "knobs": told["knobs"], "version": customer.version}
        if name := told.get("service"):
            agreements.change_service_agreement(customer.services.get(name=name), **values)
        else:
            agreements.change_customer_agreement(customer, **values)


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
    facts = {key: told[key] for key in ("time_zone", "hotline", "hotline_hours", "objective", "vip_manners")}
    facts["level"] = told.get("began_at") if "assessed" in told else told["level"]  # the rest is assessed
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


def _grew_up(now: datetime) -> None:
    """The assessments behind the levels, and those under way."""
    for customer in CAST["customer"]:
        for told in customer.get("assessed", []):
            _assessed(Customer.objects.get(name=customer["name"]), told, now)
        for told in customer["goals"]:
            _wanted(Customer.objects.get(name=customer["name"]), told, now)
    # The past is over: nobody is told of it again.
    events = CustomerEvent.objects.filter(customer__in=customers(), relayed_at__isnull=True)
    events.update(relayed_at=F("occurred_at"))


def _wanted(customer: Customer, told: dict[str, Any], now: datetime) -> None:
    """A goal that was agreed, and reached where the story says so."""
    lead = _lead(customer)
    with moment.travel(now - timedelta(days=told["days_ago"])):
        goal = goals.agree(customer, by=lead, key=told["key"])
    if "evidence" in told:
        with moment.travel(now - timedelta(days=told["reached_days_ago"])):
            goals.end(goal, by=lead, reached=True, evidence=told["evidence"])


def _lead(customer: Customer) -> User:
    return User.objects.filter(role=User.Role.LEAD, memberships__team__customers=customer).order_by("pk")[0]


def _assessed(customer: Customer, told: dict[str, Any], now: datetime) -> None:
    """An assessment as it was: answered in one meeting, accepted by both sides, in force on a Monday; or still open."""
    zone = ZoneInfo(customer.time_zone)
    met = datetime.combine((now - timedelta(days=told["days_ago"])).astimezone(zone).date(), time(10), zone)
    lead = _lead(customer)
    contact = customer.people.filter(role=User.Role.CONTACT).order_by("pk")[0]
    with moment.travel(min(met, now)):
        found = _answered(assessment.begin(customer, by=lead), told, lead)
    if told.get("is_open"):
        return
    with moment.travel(met + timedelta(days=1)):
        found = assessment.accept_here(found, by=lead)
    with moment.travel(met + timedelta(days=2)):
        found = assessment.accept_there(found, by=contact)
    assert isinstance(found.effective_on, date)
    with moment.travel(datetime.combine(found.effective_on, time(0, 1), zone)):
        assessment.come_into_force()


def _answered(found: MaturityAssessment, told: dict[str, Any], by: User) -> MaturityAssessment:
    for topic, text in told.get("context", {}).items():
        found = assessment.answer_context(found, by=by, topic=topic, text=text, seen=getattr(found, topic))
    marks = [int(mark) for mark in told["answers"].replace(";", ",").split(",")]
    for number, level in enumerate(marks, start=1):
        # Most was shown; what a first talk only told counts less and reads so.
        evidence = "told" if level <= MOST_TOLD and number % 4 == 0 else "shown"
        found = assessment.answer(found, by=by, number=number, given=Given(level, evidence))
    return assessment.finish(found, by=by)


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
