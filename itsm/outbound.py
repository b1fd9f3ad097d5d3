"""The one way to call somebody else's server over HTTP: nothing else in the house imports an HTTP client.

Whoever types an address may mean our own network by it. So the name is resolved once, each address found is checked,
and the connection goes to a checked address, not to the name once more. Redirects are never followed, nothing is tried
twice, an answer costs at most 64 kB and the time it was given, even when it comes drop by drop. An address is a secret
(its owner may have put one into it): no message and no log of ours repeats more of it than the host.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection

from itsm import addresses
from itsm.addresses import Address
from itsm.refusal import Refused

MOST_SENT, MOST_READ = 256 * 1024, 64 * 1024  # bytes
LONGEST_URL = 500
SECONDS = 10.0
SECONDS_TO_RESOLVE = 3.0
AGENT = "Evenkeel"


class NotAllowed(Refused):
    """An address that we do not call, with a sentence for whoever typed it."""


class Failed(Exception):
    """No answer came. `kind` is name, address, connection, tls, time or answer; the words name the host at most."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


@dataclass(frozen=True)
class Answer:
    """What the server said: as much of it as is read."""

    code: int
    text: str
    headers: Mapping[str, str]  # names in lower case


@dataclass(frozen=True)
class _Target:
    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The host as it stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def check(url: str) -> str:
    """The host, if we may call this address; else NotAllowed. A name that cannot be asked for now passes: it is
    checked again at each call."""
    target = _target(url)
    try:
        _allowed(target, _resolve(target, SECONDS_TO_RESOLVE), is_ours=False)
    except Failed as failed:
        if failed.kind != "time":
            raise NotAllowed(_sentence(failed, target)) from failed
    return target.host


def post(url: str, body: bytes, headers: Mapping[str, str], *, limit: float = SECONDS, is_ours: bool = False) -> Answer:
    """Sends the body and gives the answer, whatever its status; Failed when there is none within `limit` seconds.

    `is_ours`: the address comes from the settings, so it may stand in our own network and do without TLS.
    """
    if len(body) > MOST_SENT:
        raise Failed("answer", f"{len(body)} bytes are more than is sent")
    ends_at = time.monotonic() + min(limit, SECONDS)
    try:
        target = _target(url, is_ours=is_ours)
    except NotAllowed as refused:
        raise Failed("address", refused.sentence) from refused
    found = _allowed(target, _resolve(target, ends_at - time.monotonic()), is_ours=is_ours)
    connection = _connection(target, found, ends_at)
    try:
        return _exchange(connection, target, body, headers, ends_at)
    finally:
        connection.close()
        connection.checked.close()


# --- what was typed


def _target(url: str, *, is_ours: bool = False) -> _Target:
    """The parts of an address that may be called at all."""
    parts = _split(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and (is_ours or settings.OUTBOUND_LOOPBACK)):
        raise NotAllowed(_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(_("Please leave name and password out of the address."))
    is_tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(is_tls, _host(parts), parts.port or (443 if is_tls else 80), path)


def _split(url: str) -> SplitResult:
    strange = any(not character.isprintable() or character in ' \\"<>^`{|}' for character in url)
    try:
        parts = urlsplit(url)
        if strange or len(url) > LONGEST_URL or parts.port == 0 or not (parts.path + parts.query).isascii():
            raise ValueError
    except ValueError:  # also of a port that is none
        raise NotAllowed(_("This is not an address that can be called.")) from None
    return parts


def _host(parts: SplitResult) -> str:
    """As DNS knows it."""
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return host
    try:
        return host.encode("idna").decode("ascii") if host else _no_host()
    except UnicodeError:
        return _no_host()


def _no_host() -> str:
    raise NotAllowed(_("The address names no server."))


# --- where it leads


def _resolve(target: _Target, seconds: float) -> list[Address]:
    """All addresses of a host. The system's resolver knows no time limit, so a thread asks it."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = found.get(timeout=max(0.01, min(seconds, SECONDS_TO_RESOLVE)))
    except queue.Empty:
        raise Failed("time", f"the name {target.host} was not found in time") from None
    if isinstance(answer, Exception) or not answer:
        raise Failed("name", f"the name {target.host} is not known")
    return list(dict.fromkeys(addresses.read(str(each[4][0])) for each in answer))


def _allowed(target: _Target, found: list[Address], *, is_ours: bool) -> list[Address]:
    """The addresses, if each one may be called: a name with one private address among others is a trap."""
    if is_ours or all(_may_call(address, is_tls=target.is_tls) for address in found):
        return found
    raise Failed("address", f"{target.host} does not stand in the public Internet")


def _may_call(address: Address, *, is_tls: bool) -> bool:
    if addresses.is_loopback(address):
        return bool(settings.OUTBOUND_LOOPBACK)
    return is_tls and addresses.is_public(address)


def _sentence(failed: Failed, target: _Target) -> str:
    if failed.kind == "name":
        return _("There is no server called %(host)s.") % {"host": target.host}
    if not target.is_tls:
        return _("The address must begin with https://.")
    return _("%(host)s is not a server in the public Internet; we call no others.") % {"host": target.host}


# --- the call


class _Plain(HTTPConnection):
    """A connection over a socket that is connected already, to the address that was checked."""

    checked: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.checked


class _Tls(HTTPSConnection):
    """The same with TLS; the certificate is held against the name, not against the address."""

    checked: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.checked


def _connection(target: _Target, found: list[Address], ends_at: float) -> _Plain | _Tls:
    """To the first of the checked addresses that answers."""
    sock = _connect(target, found, ends_at)
    connection: _Plain | _Tls
    if target.is_tls:
        context = ssl.create_default_context(cafile=settings.OUTBOUND_CA or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        connection = _Tls(target.host, target.port, timeout=_left(ends_at), ssl_context=context)
    else:
        connection = _Plain(target.host, target.port, timeout=_left(ends_at))
    connection.checked = sock
    return connection


def _connect(target: _Target, found: list[Address], ends_at: float) -> socket.socket:
    why: OSError | None = None
    for place, address in enumerate(found):
        # A share of the time each: a first address that swallows everything must not cost the second.
        share = _left(ends_at) / (len(found) - place)
        try:
            return _open(address, target.port, share)
        except OSError as error:
            why = error
    if isinstance(why, TimeoutError):
        raise Failed("time", f"{target.host} did not answer in time") from why
    raise Failed("connection", f"no connection to {target.host}: {why.strerror if why else ''}") from why


def _open(address: Address, port: int, seconds: float) -> socket.socket:
    """By the address itself: nobody asks for a name any more."""
    sock = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        sock.settimeout(max(seconds, 0.05))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def _exchange(
    connection: _Plain | _Tls, target: _Target, body: bytes, headers: Mapping[str, str], ends_at: float
) -> Answer:
    with _in_time(connection.checked, ends_at) as is_over, _named_failures(target, is_over):
        connection.checked.settimeout(_left(ends_at))
        sent = {"User-Agent": AGENT, "Host": target.named, "Accept-Encoding": "identity", "Connection": "close"}
        connection.request(
            "POST", target.path, body=body, headers=sent | dict(headers), preload_content=False, decode_content=False
        )
        with closing(connection.getresponse()) as response:
            text = response.read(MOST_READ, decode_content=False)
        if is_over.is_set():  # an answer that ends with its connection looks whole when we cut it
            raise TimeoutError
    said = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, text[:MOST_READ].decode("utf-8", "replace"), said)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise Failed("time", "the time was over before the call began")
    return left


@contextmanager
def _in_time(sock: socket.socket, ends_at: float) -> Iterator[threading.Event]:
    """A server that answers drop by drop never runs into a socket's time limit; this ends it all the same."""
    seconds = _left(ends_at)
    handle = sock.dup()  # wrapped for TLS, the socket itself changes hands
    is_over = threading.Event()

    def cut() -> None:
        is_over.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    guard = threading.Timer(seconds, cut)
    guard.daemon = True
    guard.start()
    try:
        yield is_over
    finally:
        guard.cancel()
        handle.close()


@contextmanager
def _named_failures(target: _Target, is_over: threading.Event) -> Iterator[None]:
    """What went wrong, told apart for whoever reads the log; nothing of the address but its host."""
    try:
        yield
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        why = error.__cause__ or error
        if is_over.is_set() or isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
            raise Failed("time", f"{target.host} did not answer in time") from error
        if isinstance(error, ssl.SSLError | urllib3.exceptions.SSLError):
            reason = getattr(why, "verify_message", "") or getattr(why, "reason", "") or type(why).__name__
            raise Failed("tls", f"no safe connection to {target.host}: {reason}") from error
        raise Failed("answer", f"{target.host} gave no answer that can be read ({type(error).__name__})") from error
