"""`portal.py run` as somebody at a terminal has it: its own folder, its own port, its output."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from itsm.embedded.network import free_port
from itsm.embedded.places import Places

ROOT = Path(__file__).parent.parent.parent
OVERRIDES = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EVENKEEL_VAR", "PORT", "DJANGO_SETTINGS_MODULE",
             "EVENKEEL_STARTED_AT")  # fmt: skip


class Portal:
    """One supervisor. What the suite itself runs with is taken out of its environment."""

    def __init__(self, var: Path, *, user: int | None = None, **more: str) -> None:
        self.var, self.port = var, free_port()
        environment = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
        environment |= {"EVENKEEL_VAR": str(var), "PORT": str(self.port), "EVENKEEL_DEMO": "0"} | more
        self.output = var.parent / f"{var.name}.out"
        with self.output.open("wb") as out:
            self.popen = subprocess.Popen(
                [*_as_somebody(user), sys.executable, "-m", "itsm.embedded", "run"],
                cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for(self, words: str, seconds: float = 90) -> "Portal":
        until(lambda: words in self.said() or self.popen.poll() is not None, seconds, self.said)
        assert words in self.said(), self.said()
        return self

    def up(self) -> "Portal":
        return self.wait_for("Evenkeel answers at")

    def end(self, seconds: float = 60) -> int:
        """Its exit code, once it has ended by itself."""
        return self.popen.wait(seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.end()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            return refused.code, refused.read().decode()
        except (URLError, OSError):
            return 0, ""

    def ready(self) -> dict[str, object]:
        """What /readyz says as soon as all is well."""
        until(lambda: self.get("/readyz")[0] == 200, 60, lambda: self.get("/readyz")[1])
        return json.loads(self.get("/readyz")[1])

    def manage(self, code: str) -> str:
        """`portal.py manage shell` in a second terminal, beside this one."""
        environment = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
            cwd=ROOT, env=environment | {"EVENKEEL_VAR": str(self.var)}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def left(self) -> list[str]:
        """The command lines of processes that still belong to this run."""
        marks = (str(self.var), str(Places(self.var.resolve()).sockets), f":{self.port}")
        return [line for line in command_lines() if any(mark in line for mark in marks)]


def _as_somebody(user: int | None) -> list[str]:
    """Not root, and with nobody's rights, but able to read root's own Python where that lies in root's home."""
    if user is None:
        return []
    reading = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *reading]


def command_lines() -> list[str]:
    """Of all processes but those that are dead and not yet buried."""
    lines = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                environment = (folder / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if line and "pytest" not in line:
                variable = re.search(r"EVENKEEL_VAR=([^\0]*)", environment)
                lines.append(f"{line} {variable[0] if variable else ''}")
    return lines


def until(what: object, seconds: float, why: object) -> None:
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]  # a function without arguments
        assert time.monotonic() < end, why()  # type: ignore[operator]  # likewise
        time.sleep(0.1)
