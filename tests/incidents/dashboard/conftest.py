"""Incidents with a past: what was kept and what was not is known in advance."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from incidents import lifecycle
from incidents.models import Incident
from itsm import moment
from tests import factories

NOW = timezone.now().replace(microsecond=0)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.fixture(autouse=True)
def _still():
    """The domain's clock stands still, so that a period has ends one can count to."""
    with moment.travel(NOW):
        yield


@pytest.fixture
def restored(reporter, agent):
    """restored(opened_at, hours) -> a P1 (restore: 4 h) that worked again after so many hours."""

    def make(opened: datetime, hours: float = 1, *, by=reporter, who=agent, urgency: int = 1) -> Incident:
        with moment.travel(opened):
            incident = factories.open_incident(by, impact=1, urgency=urgency)
        with moment.travel(opened + timedelta(minutes=5)):
            factories.answered(incident, who)
        with moment.travel(opened + timedelta(hours=hours)):
            return lifecycle.restore(incident, by=who, outcome="It prints again.", restored_by="fix")

    return make


@pytest.fixture
def boards(as_user, lead):
    """The browser of the lead."""
    return as_user(lead)
