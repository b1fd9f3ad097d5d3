"""The cast and the stage of all tests."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation

from customers import policy
from customers.models import User
from tests import factories


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The database can be dropped at the end, whoever has a session there still or wants one.

    A process that was killed keeps its session until the server notices, a thread until Python has collected it.
    """
    yield
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} ALLOW_CONNECTIONS false")
            # Ours only: an autovacuum worker is the server's, which ends it by itself when the database goes.
            ours = "datname = %s AND usename = current_user AND backend_type = 'client backend'"
            cursor.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {ours}", [name])


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """The database is there by default: nearly all that matters happens in it."""


@pytest.fixture(autouse=True)
def _own_cache(request: pytest.FixtureRequest) -> None:
    cache.clear()
    policy.forget()


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """The test client leaves the language of its last reader behind; a worker or a web request never inherits one."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def town():
    """Ostermoor, level 1, served by the team of `agent`."""
    return factories.CustomerFactory(name="Town of Ostermoor", level=1)


@pytest.fixture
def team(town):
    return factories.TeamFactory(name="Town desk", customers=[town])


@pytest.fixture
def reporter(town):
    """An end user at the town."""
    return factories.UserFactory(name="Rosa Reporter", customer=town)


@pytest.fixture
def colleague(town):
    """Another end user at the town."""
    return factories.UserFactory(name="Carl Colleague", customer=town)


@pytest.fixture
def contact(town):
    return factories.UserFactory(name="Birte Brandt", customer=town, role=User.Role.CONTACT)


@pytest.fixture
def agent(team):
    return factories.UserFactory(name="Ines Keller", agent=True, member_of=team)


@pytest.fixture
def lead(team):
    return factories.UserFactory(name="Lena Lund", lead=True, leads=team)


@pytest.fixture
def manager(team):
    return factories.UserFactory(name="Mona Mayer", manager=True, member_of=team)


@pytest.fixture
def stranger():
    """An end user of another customer, which another team serves."""
    return factories.UserFactory(name="Sam Stranger", customer=factories.CustomerFactory(name="Quillpay", served=True))


@pytest.fixture
def other_agent(stranger):
    """An agent who serves the stranger's customer only."""
    return factories.UserFactory(name="Otto Other", agent=True, member_of=stranger.customer.teams.get())


@pytest.fixture
def incident(reporter, team):
    """A fresh report of the reporter."""
    return factories.open_incident(reporter)


@pytest.fixture
def as_user():
    """as_user(person) -> a client signed in as them."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in
