"""Starts PostgreSQL and Valkey for the whole test run before Django's settings load; loaded by `-p tests.stack_plugin`.

Importing it is what starts them, because pytest-django reads the settings before any hook of ours could run. Workers of
xdist inherit the addresses; where DATABASE_URL is set already, nothing is started.
"""

import atexit
import os
from pathlib import Path

from itsm.embedded import process
from itsm.embedded.lock import only_one
from itsm.embedded.places import ROOT, Places
from itsm.embedded.postgres import Postgres
from itsm.embedded.valkey import Valkey


def start() -> None:
    where = Places(Path(os.environ.get("EVENKEEL_VAR") or ROOT / "var").resolve() / "test")
    where.make()
    held = only_one(where, "The test suite")
    held.__enter__()
    postgres = Postgres(where, careless=True)
    children = [postgres.start()]
    atexit.register(stop, children, held)
    valkey = Valkey(where.sockets, where.var / "valkey", where.log)
    children.append(valkey.start())
    os.environ.update(DATABASE_URL=postgres.url(), REDIS_URL=valkey.url, EVENKEEL_SECRET_KEY="only-for-tests")


def stop(children: list[process.Child], held: object) -> None:
    for child in reversed(children):
        child.ask_to_stop()
        child.wait()


if "DATABASE_URL" not in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
    start()
