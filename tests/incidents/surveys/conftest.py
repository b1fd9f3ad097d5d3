"""Incidents that were solved a while ago."""

from datetime import timedelta

import pytest

from incidents import surveys
from incidents.models import Survey
from itsm import moment
from tests import factories


@pytest.fixture
def solved(agent):
    """solved(person, ago=..., **values) -> an incident of theirs, solved that long before now."""

    def make(person, ago=timedelta(hours=3), **values):
        with moment.travel(moment.now() - ago):
            return factories.resolved(factories.open_incident(person, **values), agent)

    return make


@pytest.fixture
def asked(solved):
    """asked(person) -> the question they were asked just now."""

    def ask(person, **values) -> Survey:
        incident = solved(person, **values)
        surveys.ask_due()
        return Survey.objects.get(incident=incident)

    return ask
