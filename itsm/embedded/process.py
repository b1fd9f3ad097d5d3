"""A child process that dies with its parent, logs into a file, and is stopped with patience."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5_000_000  # bytes; a longer log of earlier runs is put aside at the start


@dataclass
class Child:
    """One started program; `stop_with` is the signal that ends it gently within `patience` seconds."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path
    stop_with: signal.Signals = signal.SIGTERM
    patience: float = 15

    def ended(self) -> bool:
        return self.popen.poll() is not None

    def ask_to_stop(self) -> None:
        if not self.ended():
            self.popen.send_signal(self.stop_with)

    def wait(self) -> None:
        """Waits for the end that was asked for; after `patience` it is no longer a question."""
        try:
            self.popen.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def last_words(self, lines: int = 12) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def start(
    name: str,
    command: Sequence[str | Path],
    log_folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    stop_with: signal.Signals = signal.SIGTERM,
    patience: float = 15,
    user: int | None = None,
    folder: Path | None = None,
) -> Child:
    """Starts it in a session of its own, so that the terminal's Ctrl-C reaches only the supervisor."""
    log = log_folder / f"{name}.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    as_user: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    with log.open("ab") as out:
        popen = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_parent(stop_with),
            **as_user,
        )
    return Child(name, popen, log, stop_with, patience)


def _die_with_parent(wanted: signal.Signals) -> Callable[[], None]:
    """Linux tells the child when its parent is gone, also after kill -9; elsewhere the next start cleans up."""
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return lambda: None
    parent = os.getpid()

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return prepare


def wait_until(ready: Callable[[], bool], seconds: float, child: Child | None = None) -> bool:
    """Asks each 50 ms; gives up after `seconds`, or at once when the child has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        if child is not None and child.ended():
            return False
        time.sleep(0.05)
    return False
