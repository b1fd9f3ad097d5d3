"""E-mail over SMTP: one connection for many messages, one time limit for each, and what an answer means."""

import re
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from notifications import letters
from notifications.channels.base import AddressRefused, NotNow, Receipt, Refused
from notifications.models import Delivery

GOODBYE = 421
NOBODY = ""  # the sender of what nobody is to answer: MAIL FROM:<>
# 5.7.1 and its like speak of us or of what we said, not of the address.
_POLICY = re.compile(r"\b5\.7\.\d+\b")


class _Goodbye(Exception):
    """The connection ended before anything was said about a message."""


def open_email(limit: float) -> "Mailer":
    """The way out by e-mail (`channels.base.Channel`)."""
    return Mailer(limit)


class _Guard(threading.Thread):
    """Ends what takes too long: one thread for many messages, since to start one each would cost more than to send."""

    def __init__(self, limit: float, cut: Callable[[], None]) -> None:
        super().__init__(name="mail-guard", daemon=True)
        self.over, self.cut_at = threading.Event(), float("inf")
        self._cut, self._pause = cut, limit / 4

    def run(self) -> None:
        while not self.over.wait(max(0.01, min(self._pause, self.cut_at - time.monotonic()))):
            if time.monotonic() >= self.cut_at:
                self._cut()


class Mailer:
    """A connection that opens when it is first needed, and once more after a failure.

    When the server cannot be reached at all, the rest of the run is told so at once instead of waiting each time.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._backend = EmailBackend(timeout=min(limit, 5.0), fail_silently=False)
        self._unreachable: NotNow | None = None
        self._takes_from_nobody = True
        self._guard: _Guard | None = None

    def send(self, delivery: Delivery) -> Receipt:
        """Returns when the server has taken the letter; else Refused or NotNow."""
        return self.post(letters.write(delivery), from_nobody=delivery.kind in letters.ACKNOWLEDGES)

    def post(self, letter: EmailMessage, *, from_nobody: bool = False) -> Receipt:
        """Returns when the server has taken this message; else Refused or NotNow."""
        encoding = letter.encoding or "utf-8"
        content = letters.as_sent(letter)
        sender, receiver = (sanitize_address(each, encoding) for each in (letter.from_email, letter.to[0]))
        was_open = self._backend.connection is not None
        try:
            return self._say(sender, receiver, content, from_nobody=from_nobody)
        except _Goodbye as goodbye:
            self._hang_up()
            if not was_open:
                raise NotNow(str(goodbye), GOODBYE) from goodbye
        # It had ended while nobody used it. Nothing was said yet: nothing can come twice.
        return self.post(letter, from_nobody=from_nobody)

    def close(self) -> None:
        self._hang_up()
        if self._guard:
            self._guard.over.set()
            self._guard = None

    def _hang_up(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._backend.close()
        self._backend.connection = None

    def _connected(self) -> smtplib.SMTP:
        """A connection, or NotNow."""
        if self._unreachable:
            raise self._unreachable
        try:
            self._backend.open()
            opened: Any = self._backend.connection
            opened.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            self._unreachable = NotNow(f"no connection to the mail server: {_words(error)}", _code(error))
            raise self._unreachable from error
        return cast(smtplib.SMTP, opened)

    def _say(self, sender: str, receiver: str, content: bytes, *, from_nobody: bool) -> Receipt:
        try:
            with self._in_time():
                connection = self._connected()
                self._introduce(connection, sender, from_nobody=from_nobody)
                return self._hand_over(connection, receiver, content)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise NotNow(_words(error), _code(error)) from error

    def _introduce(self, connection: smtplib.SMTP, sender: str, *, from_nobody: bool) -> None:
        """The server knows who writes, or NotNow: if it does not like us, no address is to blame."""
        envelope = NOBODY if from_nobody and self._takes_from_nobody else sender
        try:
            code, answer = connection.mail(envelope)
        except smtplib.SMTPServerDisconnected as error:
            raise _Goodbye(_words(error)) from error
        if code >= 400 and code != GOODBYE and envelope == NOBODY:  # a server for people, who have names
            self._takes_from_nobody = False
            _start_over(connection)
            code, answer = connection.mail(sender)
        if code == GOODBYE:
            raise _Goodbye(f"{code} {_text(answer)}")
        if code >= 400:
            _start_over(connection)
            raise NotNow(f"{code} {_text(answer)}", code)

    def _hand_over(self, connection: smtplib.SMTP, receiver: str, content: bytes) -> Receipt:
        code, answer = connection.rcpt(receiver)
        about_address = code >= 400
        if not about_address:
            try:
                code, answer = connection.data(content)
            except smtplib.SMTPDataError as error:  # it refused before it had read anything
                code, answer = error.smtp_code, _bytes(error.smtp_error)
        if code >= 400:
            self._give_back(connection, code)
            raise _verdict(code, _text(answer), about_address=about_address)
        return Receipt(code, _text(answer))

    def _give_back(self, connection: smtplib.SMTP, code: int) -> None:
        """After a refusal: ready for the next message, unless the server says goodbye with it."""
        if code == GOODBYE:
            self._hang_up()
        else:
            _start_over(connection)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """A server that answers drop by drop never runs into a socket's time limit; this ends it all the same."""
        if self._guard is None:
            self._guard = _Guard(self._limit, self._cut)
            self._guard.start()
        self._guard.cut_at = time.monotonic() + self._limit
        try:
            yield
        finally:
            self._guard.cut_at = float("inf")

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            cast(Any, self._backend.connection).sock.shutdown(2)


def _start_over(connection: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPServerDisconnected):
        connection.rset()


def _verdict(code: int, answer: str, *, about_address: bool) -> Exception:
    words = f"{code} {answer}"
    if not 500 <= code < 600:
        return NotNow(words, code)
    if about_address and not _POLICY.search(answer):
        return AddressRefused(words, code)
    return Refused(words, code)


def _code(error: Exception) -> int | None:
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _bytes(answer: bytes | str) -> bytes:
    return answer.encode() if isinstance(answer, str) else answer


def _text(answer: bytes) -> str:
    return answer.decode("utf-8", "replace")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
