"""Dull makers of rows; states are reached by the verbs, as in life."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from customers.models import Calendar, Customer, Membership, Service, Team, User
from incidents import conversation, lifecycle
from incidents.models import Incident

WEEKDAYS = {"mon": [["08:00", "18:00"]], "tue": [["08:00", "18:00"]], "wed": [["08:00", "18:00"]],
            "thu": [["08:00", "18:00"]], "fri": [["08:00", "18:00"]], "sat": [], "sun": []}  # fmt: skip
OFFICE_HOURS = {"tz": "Europe/Berlin", "always_open": False, "weekly": WEEKDAYS, "holidays": []}
ROUND_THE_CLOCK = {"tz": "Europe/Berlin", "always_open": True, "weekly": {}, "holidays": []}


class CalendarFactory(DjangoModelFactory):
    class Meta:
        model = Calendar
        django_get_or_create = ("name",)

    name = "Round the clock"
    spec = ROUND_THE_CLOCK

    class Params:
        office = factory.Trait(name="Office hours", spec=OFFICE_HOURS)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Customer {n}")
    calendar = factory.SubFactory(CalendarFactory)
    time_zone = "Europe/Berlin"
    hotline = "555 0142"
    quiet_from = quiet_until = None  # what a test sends goes out by day and by night

    @factory.post_generation
    def served(customer: Customer, create: bool, wanted: Any, **_kwargs: Any) -> None:
        """`served=True`: a team of its own."""
        if wanted:
            TeamFactory(customers=[customer])


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def customers(team: Team, create: bool, served: Any, **_kwargs: Any) -> None:
        team.customers.set(served or [])


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        agent = factory.Trait(role=User.Role.AGENT, customer=None)
        lead = factory.Trait(role=User.Role.LEAD, customer=None)
        manager = factory.Trait(role=User.Role.MANAGER, customer=None)
        administrator = factory.Trait(role=User.Role.ADMINISTRATOR, customer=None)

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    role = User.Role.REPORTER
    customer = factory.SubFactory(CustomerFactory)
    password = factory.django.Password("a-long-enough-password")

    @factory.post_generation
    def member_of(user: User, create: bool, team: Team | None, **_kwargs: Any) -> None:
        if team:
            Membership.objects.create(team=team, user=user)

    @factory.post_generation
    def leads(user: User, create: bool, team: Team | None, **_kwargs: Any) -> None:
        if team:
            Membership.objects.create(team=team, user=user, is_lead=True)


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Service {n}")


def open_incident(reporter: User, text: str = "Documents at counter 2 won't print", **values: Any) -> Incident:
    """A report by the reporter; a team is made when nobody serves the customer yet."""
    if reporter.customer and not reporter.customer.teams.exists():
        TeamFactory(customers=[reporter.customer])
    return lifecycle.open_incident(by=reporter, reporter=reporter, text=text, **values)


def taken(incident: Incident, agent: User) -> Incident:
    return lifecycle.take(incident, by=agent)


def restored(incident: Incident, agent: User, restored_by: str = "workaround") -> Incident:
    return lifecycle.restore(incident, by=agent, outcome="Printing works over printer 2.", restored_by=restored_by)


def resolved(incident: Incident, agent: User) -> Incident:
    return lifecycle.resolve(restored(incident, agent), by=agent, note="The driver was replaced.")


def answered(incident: Incident, agent: User, text: str = "We are looking at the printer.") -> Incident:
    return conversation.update(incident, by=agent, text=text)
