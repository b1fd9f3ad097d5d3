"""A way out that takes everything at once, for tests of what happens beside it."""

from notifications.channels.base import Receipt
from notifications.models import Delivery


class Quick:
    def send(self, delivery: Delivery) -> Receipt:
        return Receipt(200, "taken")

    def close(self) -> None:
        pass


def open_quick(limit: float) -> Quick:
    return Quick()
