"""Starts PostgreSQL and Valkey for the whole test run before Django's settings load; loaded by `-p tests.stack_plugin`.

Importing it is what starts them, because pytest-django reads the settings before any hook of ours could run. Workers of
xdist inherit the addresses; where DATABASE_URL is set already, nothing is started.
"""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from itsm.embedded import scratch
from itsm.embedded.places import ROOT, Places


def start() -> None:
    where = Places(Path(os.environ.get("EVENKEEL_VAR") or ROOT / "var").resolve() / "test")
    held = ExitStack()
    os.environ.update(held.enter_context(scratch.servers(where, "The test suite")))
    atexit.register(held.close)


if "DATABASE_URL" not in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
    start()
