"""A major incident on the town's e-mail, and people who report the same."""

import pytest

from incidents import children, keeping_up, majors
from incidents.models import Incident
from itsm import events
from tests import factories


@pytest.fixture
def email(town):
    return factories.ServiceFactory(customer=town, name="E-mail")


@pytest.fixture
def major(reporter, agent, team, email):
    """Rosa's report, declared by the agent."""
    incident = factories.open_incident(reporter, text="My mailbox in room 12 is empty", service=email)
    majors.declare(incident, by=agent)
    return Incident.objects.get(pk=incident.pk)


@pytest.fixture
def report(town, email):
    """report() -> one more report of the same by somebody else."""

    def make(person=None, text="No mail since nine", **values) -> Incident:
        person = person or factories.UserFactory(customer=town)
        return factories.open_incident(person, text=text, **{"service": email} | values)

    return make


@pytest.fixture
def child(report, major, agent, colleague):
    """Carl's report, joined."""
    return children.attach(report(colleague), to=major, by=agent)


@pytest.fixture
def follow():
    """follow() -> what workers do in the background."""

    def go() -> None:
        events.relay()
        keeping_up.go_on()
        events.relay()

    return go
