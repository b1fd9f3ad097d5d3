"""Real processes at work on the test's own database."""

import os
import sys

import pytest
from django.conf import settings

from tests.faults.stack import Process, database_url


@pytest.fixture
def workers(tmp_path):
    """workers(script) -> one more process that runs it until it is ended."""
    running: list[Process] = []
    environment = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "itsm.settings",
        "DATABASE_URL": database_url(),
        "EVENKEEL_SECRET_KEY": settings.SECRET_KEY,
    }

    def start(script: str) -> Process:
        log = tmp_path / f"worker-{len(running)}.log"
        running.append(Process([sys.executable, "-c", script], environment, log))
        return running[-1]

    yield start
    for process in running:
        process.kill()
