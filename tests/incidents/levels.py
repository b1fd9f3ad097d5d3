"""The same customer at another maturity level: what its policy asks and offers then."""

from customers.models import Customer, User
from tests import factories


def customer_at(level: int) -> Customer:
    """A customer of this level, served, with an end user whose telephone we do not know yet."""
    return factories.CustomerFactory(name=f"A customer at level {level}", level=level, served=True)


def person_at(level: int, **values: object) -> User:
    return factories.UserFactory(name="Rosa Reporter", customer=customer_at(level), **values)
