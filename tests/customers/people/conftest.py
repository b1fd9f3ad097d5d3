"""Who keeps people, and what a live log-in looks like."""

import pytest
from django.test import Client
from knox.models import AuthToken

from tests import factories


@pytest.fixture
def administrator():
    return factories.UserFactory(name="Ada Admin", administrator=True)


@pytest.fixture
def log_in():
    """log_in(person) -> (a signed-in browser, a program with a token), both let in."""

    def make(person):
        browser, program = Client(), Client(headers={"authorization": f"Token {AuthToken.objects.create(person)[1]}"})
        browser.force_login(person)
        assert browser.get("/account/profile/").status_code == 200
        assert program.get("/api/v1/incidents/").status_code == 200
        return browser, program

    return make
