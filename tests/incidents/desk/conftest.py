"""An agent at the desk."""

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents import conversation
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX


@pytest.fixture
def desk(as_user, agent):
    """The browser of the agent."""
    return as_user(agent)


@pytest.fixture
def mate(team):
    """Another agent of the same team."""
    return factories.UserFactory(name="Tomas Lund", agent=True, member_of=team)


@pytest.fixture
def address(incident):
    """address("take") -> where that is done to the incident; address() -> its page."""

    def find(verb: str = "incident") -> str:
        return reverse(f"incidents:desk_{verb}", kwargs={"reference": incident.reference})

    return find


@pytest.fixture
def fragment(desk):
    """fragment(url, target) -> what htmx gets for that element."""

    def fetch(url: str, target: str = "") -> str:
        return desk.get(url, headers=HX | {"HX-Target": target}).content.decode()

    return fetch


@pytest.fixture
def overtaken(incident, mate):
    """Since the agent opened a form, Tomas wrote to the customer."""
    version = incident.version
    conversation.update(incident, by=mate, text="The toner is on its way.")
    return version


@pytest.fixture
def still():
    """The domain's clock stands still: two looks at the same thing show the same minutes."""
    with moment.travel(timezone.now()):
        yield
