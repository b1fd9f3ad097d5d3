"""A real SMTP server for tests that does what its script says."""

import email
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Post:
    """What arrived, and how to treat whom: `refuse[address] = "550 gone"`, `on_data` per message."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.refuse: dict[str, str] = {}
        self.on_data: Callable[[SMTP], str | None] = lambda server: None

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, host: str, answers: list) -> list:
        self.connections += 1
        session.host_name = host
        return answers

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        if answer := self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.on_data(server)
        if not answer:
            self.mails.append(email.message_from_bytes(envelope.original_content, policy=default))
        return answer or "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


def drop(server: SMTP) -> None:
    """The connection ends after the message was taken and before that was said."""
    server.transport.abort()


def hang(seconds: float) -> Callable[[SMTP], str]:
    def sleep(server: SMTP) -> str:
        time.sleep(seconds)  # the server's whole thread: it answers nobody
        return "451 too late"

    return sleep


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving() -> Iterator[tuple[Post, int]]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield post, controller.port
    finally:
        controller.stop()
