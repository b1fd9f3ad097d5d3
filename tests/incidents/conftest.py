"""Incidents in each state, reached by the verbs."""

import pytest

from incidents import lifecycle
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.incidents.moments import at

Status = Incident.Status


@pytest.fixture
def monday():
    """The domain's clock stands at Monday, 2 March 2026, 10:00 in the town."""
    with moment.travel(at("Mon 10:00")):
        yield


@pytest.fixture
def office(town):
    """The town's desk works on weekdays from 8 to 18."""
    town.calendar = factories.CalendarFactory(office=True)
    town.save()
    return town


@pytest.fixture
def in_state(reporter, agent):
    """in_state(status) -> an incident that came there by the verbs."""

    def bring(status: str) -> Incident:
        incident = factories.open_incident(reporter)
        if status == Status.CANCELLED:
            return lifecycle.cancel(incident, by=reporter, reason="It was my own cable.")
        steps = {
            Status.ASSIGNED: lambda: factories.taken(incident, agent),
            Status.IN_PROGRESS: lambda: factories.answered(incident, agent),
            Status.PENDING: lambda: lifecycle.ask(incident, by=agent, question="Which printer is it?"),
            Status.RESTORED: lambda: factories.restored(incident, agent),
            Status.RESOLVED: lambda: factories.resolved(incident, agent),
            Status.CLOSED: lambda: lifecycle.close(factories.resolved(incident, agent)),
        }
        return steps[status]() if status in steps else incident

    return bring
