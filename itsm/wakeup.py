"""Wake-ups after a commit: a worker need not wait for the next sweep, and a request never waits for Redis.

A wake-up is a courtesy, never a duty: it is sent by a thread of its own with short time limits, and when it
fails it is forgotten, since each sweep finds by itself what is due.
"""

import logging
import threading
import time

from django.db import transaction

from itsm.celery import app

log = logging.getLogger(__name__)
REST_AFTER_FAILURE = 5.0  # seconds without a new try: a frozen Redis is not asked again and again


class _Messenger:
    """One thread a process; what is asked while it works is asked once more, not once each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._something = threading.Event()
        self._thread: threading.Thread | None = None

    def want(self, task: str) -> None:
        with self._lock:
            self._wanted.add(task)
            # Started late and again: gunicorn and Celery fork, and threads do not survive a fork.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="wake-up", daemon=True)
                self._thread.start()
        self._something.set()

    def _take(self) -> set[str]:
        self._something.wait()
        with self._lock:
            self._something.clear()
            taken, self._wanted = self._wanted, set()
        return taken

    def _run(self) -> None:
        while True:
            for task in self._take():
                if not _send(task):
                    time.sleep(REST_AFTER_FAILURE)
                    break


def _send(task: str) -> bool:
    try:
        # Our app by name: Celery's "current app" is one per thread, and this thread has none of its own.
        app.send_task(task, retry=False, expires=30)
    except Exception:  # whatever the broker does, the request that asked is long answered
        log.warning("no wake-up for %s: the broker did not take it", task)
        return False
    return True


_messenger = _Messenger()


def after_commit(task: str) -> None:
    """Asks a worker to run `task` (a dotted name without arguments) once the current transaction is in."""
    transaction.on_commit(lambda: _messenger.want(task))
