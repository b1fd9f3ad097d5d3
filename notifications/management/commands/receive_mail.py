"""manage.py receive_mail: everything that comes in by mail, in one process of its own.

A slow mailbox or a mail that is hard to read delays nothing else here. Each way in is named by a setting or an option;
any number of these processes may run.
"""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from itsm import heart
from notifications.inbound import drop, imap, lmtp, store, work

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between two looks
REST_AFTER_FAILURE = 5.0
MAILBOX_EVERY = 10.0
TIDY_EVERY = 3600.0
READERS = 2  # one mail that takes long does not hold up the others


class Command(BaseCommand):
    """Runs until it is told to stop."""

    help = "Takes mail in: from a mailbox, by LMTP or SMTP, out of a Maildir; and reads it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lmtp", default=settings.INBOUND_LMTP, metavar="HOST:PORT")
        parser.add_argument("--smtp", default=settings.INBOUND_SMTP, metavar="HOST:PORT")
        parser.add_argument("--maildir", default=settings.INBOUND_MAILDIR, metavar="FOLDER")
        parser.add_argument("--imap", default=settings.INBOUND_URL, metavar="URL", help="better by the environment")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        servers = [lmtp.listening(options[kind], lmtp=kind == "lmtp") for kind in ("lmtp", "smtp") if options[kind]]
        jobs = [(self._read, PAUSE)] * READERS + [(store.tidy, TIDY_EVERY)]
        if options["maildir"]:
            jobs.append((lambda: drop.take(Path(options["maildir"])), PAUSE))
        if options["imap"]:
            box, failures = imap.mailbox(options["imap"]), Counter[int]()
            jobs.append((lambda: imap.fetch(box, failures, self._goes_on), MAILBOX_EVERY))
        threads = [threading.Thread(target=self._loop, args=job, daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        while not self.stop.wait(heart_every()):
            self._beat()
        for server in servers:
            server.stop()
        for thread in threads:
            thread.join(timeout=40)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop.set()

    def _goes_on(self) -> bool:
        return not self.stop.is_set()

    def _read(self) -> int:
        return work.read_due(self._goes_on)

    def _beat(self) -> None:
        try:
            close_old_connections()
            heart.beat("receive_mail")
        except DatabaseError:
            log.warning("no sign of life: the database is away")

    def _loop(self, job: Callable[[], int], pause: float) -> None:
        """The same job again and again; whatever happens, it goes on after a rest."""
        while self._goes_on():
            try:
                close_old_connections()
                found = job()
            except Exception as error:
                log.warning("mail: %s: %s", type(error).__name__, error)
                connection.close()
                self.stop.wait(REST_AFTER_FAILURE)
            else:
                if not found:
                    self.stop.wait(pause)
        connection.close()


def heart_every() -> float:
    """As often as the workers say that they live."""
    return 10.0
