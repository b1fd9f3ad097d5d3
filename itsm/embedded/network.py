"""Ports and servers: are they free, do they answer."""

import os
import socket
import time
import urllib.request
from collections.abc import Callable
from urllib.error import URLError
from urllib.parse import urlsplit

import psycopg2
import redis

from itsm.embedded.places import Trouble

FIRST_PORT = 8000
PORTS_TO_TRY = 50


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Any free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def web_port() -> int:
    """PORT where it is set, else the first free one from 8000 on."""
    wanted = os.environ.get("PORT", "")
    if not wanted:
        free = next((port for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY) if is_free(port)), None)
        if free is None:
            raise Trouble(f"No port from {FIRST_PORT} on is free. Please set PORT.")
        return free
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise Trouble(f"PORT={wanted} is not a port number. Please set it to a number from 1 to 65535.")
    if not is_free(int(wanted)):
        raise Trouble(f"Port {wanted} is taken by another program. Please stop it, or set PORT to another number.")
    return int(wanted)


def check_database(url: str) -> None:
    _check("DATABASE_URL", url, "database", lambda: psycopg2.connect(url, connect_timeout=5).close())


def check_redis(url: str) -> None:
    def ping() -> None:
        redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5).ping()

    _check("REDIS_URL", url, "Redis server", ping)


def _check(variable: str, url: str, what: str, ask: Callable[[], object]) -> None:
    try:
        ask()
    except (psycopg2.Error, redis.RedisError, ValueError, OSError) as error:
        where = urlsplit(url).hostname or url.split("@")[-1]
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Trouble(
            f"The {what} at {where} cannot be reached ({why}). Please start it, or mend {variable}."
        ) from error


def answers_http(url: str, seconds: float, go_on: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and go_on():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (our own address)
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.1)
    return False
