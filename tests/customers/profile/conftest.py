"""The profile's pages in the browsers of those who may change them."""

from datetime import time

import pytest

from customers.models import ContactRole, ExternalDeadline
from tests import factories


@pytest.fixture(autouse=True)
def quiet(town):
    """As a customer is when it begins: nobody is woken for a P3."""
    town.quiet_from, town.quiet_until = time(20), time(7)
    town.save()


@pytest.fixture
def boards(as_user, lead):
    """The browser of the lead."""
    return as_user(lead)


@pytest.fixture
def portal(as_user, contact):
    """The browser of the customer's contact."""
    return as_user(contact)


@pytest.fixture
def page(town):
    return f"/desk/customers/{town.pk}/"


@pytest.fixture
def mail(town):
    return factories.ServiceFactory(customer=town, name="Mail", is_channel="email", tolerable_min=240)


@pytest.fixture
def deputy(town):
    return ContactRole.objects.create(customer=town, kind="deputy", name="Karl Sommer", phone="555 0192")


@pytest.fixture
def notice(town):
    return ExternalDeadline.objects.create(customer=town, name="Ministry", hours=48)
