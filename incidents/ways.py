"""The ways to reach us, in the order of the customer's policy."""

from dataclasses import dataclass
from typing import Any

from customers.models import Customer

WRITE = "portal"
OPEN_HERE = ("hotline", "call_back", "portal", "api")  # what has a place of its own on a page


@dataclass(frozen=True)
class Ways:
    """What is offered before one writes here, and what after that."""

    first: list[str]
    then: list[str]

    @property
    def besides(self) -> list[str]:
        """All of them, for a page on which one can write anyway."""
        return self.first + self.then


def offered(channels: list[str], customer: Customer) -> Ways:
    """Hotline and portal always; SMS, mail and chat are led to by what we send, and need no place here."""
    there = [way for way in channels if way in OPEN_HERE and (way != "hotline" or customer.hotline)]
    here = there.index(WRITE)
    return Ways(there[:here], there[here + 1 :])


def calls_first(knobs: dict[str, Any]) -> bool:
    """Are people here called before they are written to? Then we need their number."""
    channels = knobs["channels"]
    return "call_back" in channels and channels.index("call_back") < channels.index(WRITE)
