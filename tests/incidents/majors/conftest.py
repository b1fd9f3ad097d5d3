"""A major incident that Ines declared on Monday at ten."""

import pytest

from incidents import majors
from incidents.models import Incident
from tests import factories


@pytest.fixture
def mate(team):
    """Another agent of the same team."""
    return factories.UserFactory(name="Tomas Lund", agent=True, member_of=team)


@pytest.fixture
def major(monday, incident, agent) -> Incident:
    majors.declare(incident, by=agent, reason="All three sites are down.")
    incident.refresh_from_db()
    return incident
