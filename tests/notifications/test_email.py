"""The mail connection and servers that misbehave below the level of SMTP."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.mail import EmailMessage

from notifications.channels.base import NotNow
from notifications.channels.email import Mailer

LETTER = EmailMessage("Subject", "Text", "desk@example.com", ["rosa@example.com"])


@contextmanager
def server(talk):
    """A TCP server that says what `talk(connection)` says, to one caller after another."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            try:
                talk(connection)
            except OSError:
                pass
            finally:
                connection.close()

    threading.Thread(target=run, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def greet(connection: socket.socket) -> None:
    connection.sendall(b"220 here\r\n")
    connection.recv(1000)
    connection.sendall(b"250 hello\r\n")


def drip(connection: socket.socket) -> None:
    """Greets, and then answers MAIL FROM without ever coming to an end."""
    greet(connection)
    while True:
        connection.sendall(b"250-and\r\n")
        time.sleep(0.02)


def nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\xff\xfe\0 nonsense\r\n" * 3)


def goodbye(connection: socket.socket) -> None:
    connection.sendall(b"421 too busy\r\n")


def silence(connection: socket.socket) -> None:
    time.sleep(1)


def try_to_send(settings, port: int) -> float:
    """How long it took to see that it does not work."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    mailer = Mailer(limit=0.4)
    began = time.monotonic()
    with pytest.raises(NotNow):
        mailer.post(LETTER)
    took = time.monotonic() - began
    mailer.close()
    return took


@pytest.mark.parametrize("talk", [drip, nonsense, goodbye, silence], ids=lambda talk: talk.__name__)
def test_a_server_that_misbehaves_costs_little_time(settings, talk) -> None:
    with server(talk) as port:
        assert try_to_send(settings, port) < 3


def test_a_server_that_is_not_there_is_asked_once_a_run(settings) -> None:
    asked = []
    with server(lambda connection: asked.append(connection)) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        mailer = Mailer(limit=0.4)
        for _ in range(5):
            with pytest.raises(NotNow, match="no connection to the mail server"):
                mailer.post(LETTER)

    assert len(asked) == 1


def test_a_connection_that_went_stale_is_replaced(settings, post) -> None:
    mailer = Mailer(limit=2)
    mailer.post(LETTER)
    mailer._backend.connection.sock.shutdown(socket.SHUT_RDWR)

    mailer.post(LETTER)
    mailer.close()

    assert (len(post.mails), post.connections) == (2, 2)
