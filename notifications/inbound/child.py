"""Reads mails, each in a process of its own: `raw` in a folder becomes `answer` (JSON) and `files` beside it.

Whatever a mail does to a parser, it does it there, where memory, time and files have limits. This process only forks
and waits: a line on stdin names a folder, a line on stdout says how the reading ended (0: well). It knows no
framework, so that it starts fast and holds no secrets, and it ends when whoever started it does.
"""

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

from notifications.inbound import mime

CPU_SECONDS = 10
WALL_SECONDS = 25.0
MEMORY_BYTES = 512 * 1024**2
FILE_BYTES = 64 * 1024**2
OPEN_FILES = 64


def main() -> int:
    for line in sys.stdin.buffer:
        code = in_a_process(Path(os.fsdecode(line.rstrip(b"\n"))))
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()
    return 0


def in_a_process(folder: Path) -> int:
    """Reads the mail in this folder in a fork, which lives no longer than the limit; its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            read(folder)
            code = 0
        finally:  # whatever it was: a fork never comes back into the loop
            os._exit(code)
    return _wait(pid)


def read(folder: Path) -> None:
    """From here on the kernel watches over this process."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    found = mime.read((folder / "raw").read_bytes(), folder / "files")
    (folder / "answer").write_bytes(json.dumps(found).encode("ascii"))


def _wait(pid: int) -> int:
    ends_at, pause = time.monotonic() + WALL_SECONDS, 0.001
    while time.monotonic() < ends_at:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -signal.SIGKILL


if __name__ == "__main__":
    sys.exit(main())
