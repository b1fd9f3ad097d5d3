"""Where the embedded run keeps its things, and the one exception that stops a start with a sentence."""

import errno
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Trouble(Exception):
    """The start cannot go on; its text says in a sentence what is wrong and what to do."""


@dataclass(frozen=True)
class Places:
    """The folders of one run. Sockets live apart: their paths may have about 100 bytes, a checkout's may be longer."""

    var: Path

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def sockets(self) -> Path:
        mark = hashlib.sha256(str(self.var).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"evenkeel-{os.getuid()}-{mark}"

    def make(self) -> None:
        """Makes them all; Trouble where that cannot be done."""
        try:
            for folder in (self.var, self.log, self.run):
                folder.mkdir(parents=True, exist_ok=True)
            (self.run / ".writable").write_text("yes")
            self._make_sockets()
        except OSError as error:
            raise Trouble(say_os_error(error, self.var)) from error

    def _make_sockets(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise Trouble(f"{self.sockets} belongs to somebody else. Please remove it and try again.")
        # Root's PostgreSQL runs as another user and must get through to its own folder inside, and no further.
        self.sockets.chmod(0o711 if os.getuid() == 0 else 0o700)


def places() -> Places:
    """EVENKEEL_VAR, or var/ beside the code."""
    return Places(Path(os.environ.get("EVENKEEL_VAR") or ROOT / "var").resolve())


def say_os_error(error: OSError, where: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk is full: nothing can be written to {where}. Please make room and try again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where} cannot be written to. Please change its rights, or point EVENKEEL_VAR at another folder."
    return f"{where} cannot be used: {error.strerror or error}."
