"""Problems in each state, reached by the verbs."""

import pytest

from incidents import lifecycle as incidents
from itsm import events
from problems import lifecycle
from problems.models import Problem
from tests import factories


@pytest.fixture
def worked_around(reporter, agent):
    """worked_around(**values) -> an incident of P2 that works by a workaround, told to the other floors."""

    def make(**values):
        values = {"impact": 2, "urgency": 1} | values
        incident = factories.open_incident(values.pop("reporter", reporter), **values)
        incident = factories.restored(incident, agent)
        events.relay()
        return incident

    return make


@pytest.fixture
def problem(worked_around) -> Problem:
    """Open, with one incident that works by a workaround."""
    return worked_around().problems.get()


@pytest.fixture
def candidate(incident, agent, monkeypatch) -> Problem:
    """Proposed by an agent once it worked again by a fix."""
    factories.restored(incident, agent, "fix")
    events.relay()
    return lifecycle.propose([incident], why="new_kind", at=incident.opened_at, by=agent)


@pytest.fixture
def break_again(reporter):
    """break_again(incident): it is down again, and everybody has heard of it."""

    def again(incident):
        incidents.still_broken(incident, by=reporter)
        events.relay()

    return again
