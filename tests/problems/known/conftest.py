"""A known error in each state, and what it needs."""

import pytest

from problems import known_errors
from problems.models import KnownError

VALUES = {
    "title": "Printer at the counter is silent",
    "symptom": "The printer at the counter is silent, the queue shows all jobs as waiting.",
    "applies_when": "After the update of the print server",
    "cause": "The spooler keeps a lock",
    "workaround": "Switch the printer off, wait ten seconds, switch it on.",
    "verify": "A test page comes out",
}


@pytest.fixture
def values():
    return dict(VALUES)


@pytest.fixture
def known(town, agent, values) -> KnownError:
    """A draft by the agent."""
    return known_errors.draft(town, by=agent, values=values)


@pytest.fixture
def at_the_desk(known, agent) -> KnownError:
    return known_errors.publish(known, by=agent)


@pytest.fixture
def for_customers(at_the_desk, lead) -> KnownError:
    return known_errors.review(at_the_desk, by=lead)


@pytest.fixture
def shared(for_customers, lead) -> KnownError:
    return known_errors.share(for_customers, by=lead)
