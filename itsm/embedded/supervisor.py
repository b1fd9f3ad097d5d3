"""`portal.py run`: starts everything in order, watches it, and stops what it started."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from email.utils import parseaddr
from types import FrameType
from urllib.parse import urlsplit

from itsm.embedded import network, process
from itsm.embedded.lock import only_one
from itsm.embedded.places import ROOT, Places, Trouble, places, say_os_error
from itsm.embedded.postgres import Postgres
from itsm.embedded.valkey import Valkey

FIRST_PAGE = 60  # seconds until the web server must answer


def say(text: str) -> None:
    """The terminal may be gone; the logs are not."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Supervisor:
    """Holds what was started, in order; stopping goes backwards."""

    def __init__(self, where: Places) -> None:
        self.places = where
        self.children: list[process.Child] = []
        self.wanted_to_stop = False
        self.started_at = float(os.environ.get("EVENKEEL_STARTED_AT") or time.monotonic())
        self.environment = dict(os.environ)

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._start()
            return self._watch()
        except Trouble as trouble:
            if not self.wanted_to_stop:
                say(str(trouble))
            return 0 if self.wanted_to_stop else 1
        except OSError as error:
            say(say_os_error(error, self.places.var))
            return 1
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.wanted_to_stop = True

    def _start(self) -> None:
        port = network.web_port()
        if port != network.FIRST_PORT and "PORT" not in os.environ:
            say(f"Port {network.FIRST_PORT} is taken; using {port}.")
        self._set_environment(port)
        self._start_services()
        self._write_down(port)
        logins = self._prepare()
        self._start_portal(port)
        address = f"http://localhost:{port}"
        healthy = f"http://127.0.0.1:{port}/healthz"
        if not network.answers_http(healthy, FIRST_PAGE, lambda: not self._ended() and not self.wanted_to_stop):
            raise Trouble(f"The web server did not start. Its last words:\n{self.children[-1].last_words()}")
        self._greet(address, logins)

    def _set_environment(self, port: int) -> None:
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "itsm.settings",
            "EVENKEEL_VAR": str(self.places.var),
            "EVENKEEL_SECRET_KEY": os.environ.get("EVENKEEL_SECRET_KEY") or self._secret_key(),
            "EVENKEEL_BASE_URL": os.environ.get("EVENKEEL_BASE_URL") or f"http://localhost:{port}",
            "EVENKEEL_DEMO": os.environ.get("EVENKEEL_DEMO", "1"),
            "PYTHONUNBUFFERED": "1",
        }
        # The demo's own programs stand on this machine; a portal that is not for show calls nothing here.
        self.environment.setdefault("EVENKEEL_OUTBOUND_LOOPBACK", self.environment["EVENKEEL_DEMO"])

    def _secret_key(self) -> str:
        path = self.places.var / "secret.key"
        if not path.exists():
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(60))
        return path.read_text().strip()

    def _start_services(self) -> None:
        if url := os.environ.get("DATABASE_URL"):
            network.check_database(url)
        else:
            say("Starting the database ...")
            postgres = Postgres(self.places)
            self.children.append(postgres.start())
            self.environment["DATABASE_URL"] = postgres.url()
        if url := os.environ.get("REDIS_URL"):
            network.check_redis(url)
        else:
            valkey = Valkey(self.places.sockets, self.places.var / "valkey", self.places.log)
            self.children.append(valkey.start())
            self.environment["REDIS_URL"] = valkey.url
        if "EMAIL_URL" not in os.environ:
            self._start_smtp_catcher()
        if "EVENKEEL_SMS_URL" not in os.environ:
            self._start_sms_gateway()

    def _start_smtp_catcher(self) -> None:
        port, maildir = network.free_port(), self.places.var / "mail"
        arguments = ["--maildir", str(maildir), "--port", str(port)]
        if "EVENKEEL_INBOUND_MAILDIR" not in os.environ:
            drop = self.places.var / "mail-in"
            arguments += ["--desk", self._desk_address(), "--desk-maildir", str(drop)]
            self.environment["EVENKEEL_INBOUND_MAILDIR"] = str(drop)
        self.children.append(self._python("smtp", "-m", "itsm.embedded.smtp_catcher", *arguments))
        self.environment |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "EVENKEEL_MAILDIR": str(maildir)}

    def _start_sms_gateway(self) -> None:
        port, folder = network.free_port(), self.places.var / "sms"
        arguments = ["--folder", str(folder), "--port", str(port)]
        self.children.append(self._python("sms", "-m", "itsm.embedded.sms_gateway", *arguments))
        url = f"http://127.0.0.1:{port}/messages"
        self.environment |= {"EVENKEEL_SMS_URL": url, "EVENKEEL_SMS_FOLDER": str(folder)}
        # The story's people write their numbers as at home.
        self.environment.setdefault("EVENKEEL_SMS_COUNTRY", os.environ.get("EVENKEEL_SMS_COUNTRY", "+49"))

    def _desk_address(self) -> str:
        """As the settings make it out of the same variables."""
        host = urlsplit(self.environment["EVENKEEL_BASE_URL"]).hostname
        return parseaddr(os.environ.get("EVENKEEL_MAIL_FROM", f"Evenkeel <desk@{host}>"))[1]

    def _write_down(self, port: int) -> None:
        """For `manage.py` in a second terminal; with the database's password, so for nobody else's eyes."""
        names = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL", "email_url": "EMAIL_URL"}
        names |= {"sms_url": "EVENKEEL_SMS_URL", "sms_folder": "EVENKEEL_SMS_FOLDER"}
        names |= {"maildir": "EVENKEEL_MAILDIR", "secret_key": "EVENKEEL_SECRET_KEY", "base_url": "EVENKEEL_BASE_URL"}
        names |= {"inbound_maildir": "EVENKEEL_INBOUND_MAILDIR"}
        found = {key: self.environment.get(name) for key, name in names.items()} | {"port": port, "pid": os.getpid()}
        path = self.places.run / "services.json"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            json.dump(found, out)

    def _prepare(self) -> str:
        """Migrations, static files and, the first time, the demo story; returns the log-ins to print."""
        say("Preparing the database ...")
        log = self.places.log / "prepare.log"
        with log.open("ab") as errors:
            done = subprocess.Popen(
                [sys.executable, "manage.py", "prepare"],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
            output, _ = done.communicate()
        if done.returncode:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            full = "No space left" in log.read_text(errors="replace")[-5000:]
            why = "the disk is full" if full else " ".join(last)
            raise Trouble(f"The database could not be prepared ({why}). More stands in {log}.")
        return output

    def _start_portal(self, port: int) -> None:
        # Three workers: a slow mail server must delay neither the clocks nor the other channels.
        for name, queues, hands in (("worker", "default,sweep", 1), ("mailer", "mail,long", 2), ("caller", "hooks", 2)):
            options = f"--queues {queues} --concurrency {hands} --hostname {name}@%h --without-mingle --without-gossip"
            command = f"celery -A itsm worker --loglevel info {options}"
            self.children.append(self._python(name, "-m", *command.split()))
        # Mail that comes in has a lane of its own: what strangers send must delay nothing.
        self.children.append(self._python("mail-in", "manage.py", "receive_mail"))
        beat = "celery -A itsm beat --loglevel warning --pidfile= --schedule"
        self.children.append(self._python("beat", "-m", *beat.split(), str(self.places.run / "beat")))
        web = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket")
        recycle = ("--max-requests", "2000", "--max-requests-jitter", "200", "--graceful-timeout", "10")
        bind = ("--bind", f"{os.environ.get('EVENKEEL_BIND', '127.0.0.1')}:{port}")
        self.children.append(self._python("web", "-m", "gunicorn", "itsm.wsgi:application", *bind, *web, *recycle))

    def _python(self, name: str, *arguments: str) -> process.Child:
        command = [sys.executable, *arguments]
        return process.start(name, command, self.places.log, environment=self.environment, folder=ROOT)

    def _greet(self, address: str, logins: str) -> None:
        took = time.monotonic() - self.started_at
        say(f"\nEvenkeel answers at {address} ({took:.1f} s after the start).")
        if self.environment["EVENKEEL_DEMO"] == "1":
            say(f"Mails it sends: {address}/dev/mail/" if "EMAIL_URL" not in os.environ else "Mails go to EMAIL_URL.")
            if "EVENKEEL_SMS_URL" not in os.environ:
                say(f"Text messages it sends: {address}/dev/sms/")
        if logins.strip():
            say(f"\nDemo log-ins:\n{logins.rstrip()}")
        say("\nCtrl-C stops it; the data stays in " + str(self.places.var))

    def _ended(self) -> process.Child | None:
        return next((child for child in self.children if child.ended()), None)

    def _watch(self) -> int:
        while not self.wanted_to_stop:
            if ended := self._ended():
                say(f"{ended.name} ended by itself; stopping everything. Its last words are in {ended.log}:")
                say(ended.last_words(5))
                return 1
            time.sleep(0.3)
        say("\nStopping ...")
        return 0

    def _stop(self) -> None:
        """First those who use the services, all at once; then the services, the last started first."""
        services = ("postgres", "valkey", "smtp", "sms")
        users = [child for child in self.children if child.name not in services]
        for child in users:
            child.ask_to_stop()
        for child in users:
            child.wait()
        for child in reversed([child for child in self.children if child.name in services]):
            child.ask_to_stop()
            child.wait()
        with contextlib.suppress(OSError):
            (self.places.run / "services.json").unlink(missing_ok=True)


def main() -> int:
    where = places()
    try:
        where.make()
        with only_one(where, "Evenkeel"):
            return Supervisor(where).run()
    except Trouble as trouble:
        say(str(trouble))
        return 1
