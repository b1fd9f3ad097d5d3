"""E-mail over SMTP: one connection for many messages, one time limit for each, and what an answer means."""

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend


class Refused(Exception):
    """The receiver does not want this message, now or later."""


class NotNow(Exception):
    """It did not work this time: the server is away, too slow, or asks for patience."""


class Mailer:
    """A connection that opens when it is first needed, and once more after a failure.

    When the server cannot be reached at all, the rest of the run is told so at once instead of waiting each time.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._backend = EmailBackend(timeout=min(limit, 5.0), fail_silently=False)
        self._unreachable: NotNow | None = None

    def connect(self) -> None:
        """A living connection, or NotNow."""
        if self._unreachable:
            raise self._unreachable
        connection = self._backend.connection
        if connection is not None and not _is_alive(connection):
            self.close()
        try:
            self._backend.open()
        except (smtplib.SMTPException, OSError) as error:
            self._unreachable = NotNow(f"no connection to the mail server: {_words(error)}")
            raise self._unreachable from error

    def send(self, message: EmailMessage) -> None:
        """Returns when the server has taken the message; else Refused or NotNow."""
        self.connect()
        try:
            with self._in_time():
                self._backend.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            raise _verdict(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotNow(_words(error)) from error

    def close(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._backend.close()
        self._backend.connection = None

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """A server that answers drop by drop never runs into a socket's time limit; this ends it all the same."""
        connection = self._backend.connection
        guard = threading.Timer(self._limit, _cut, [connection])
        guard.daemon = True
        guard.start()
        try:
            yield
        finally:
            guard.cancel()


def _is_alive(connection: smtplib.SMTP) -> bool:
    try:
        return bool(connection.noop()[0] == 250)
    except (smtplib.SMTPException, OSError):
        return False


def _cut(connection: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(2)  # type: ignore[union-attr]  # None once it is closed


def _verdict(code: int, answer: bytes | str) -> Exception:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return (Refused if 500 <= code < 600 else NotNow)(f"{code} {text}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
