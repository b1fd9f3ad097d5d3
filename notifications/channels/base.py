"""What every channel can do: one interface, each channel a small file beside this one.

A channel is opened once for a run of many messages and closed at its end. What it is sent is written by the channel
itself (`letters` for e-mail, one small module each for the others): a delivery in, a receipt out.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from notifications.models import Delivery


class Refused(Exception):
    """The receiver does not want this message, now or later. `code` is SMTP's or HTTP's, where there was one."""

    def __init__(self, words: str, code: int | None = None) -> None:
        super().__init__(words)
        self.code = code


class AddressRefused(Refused):
    """It is the address itself that takes nothing: what else goes there would be refused as well."""


class NotNow(Exception):
    """It did not work this time: the server is away, too slow, or asks for patience, maybe until `again_in`."""

    def __init__(self, words: str, code: int | None = None, again_in: timedelta | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.again_in = again_in


@dataclass(frozen=True)
class Receipt:
    """What the other side said when it took the message."""

    code: int | None = None
    answer: str = ""


class Sender(Protocol):
    """An open way out. One message takes no longer than the limit that it was opened with, whatever the other does."""

    def send(self, delivery: Delivery) -> Receipt:
        """Returns when the other side has taken it; else Refused or NotNow."""

    def close(self) -> None: ...


class Channel(Protocol):
    """Opens a sender: `limit` is the most seconds that one message may take."""

    def __call__(self, limit: float) -> Sender: ...
