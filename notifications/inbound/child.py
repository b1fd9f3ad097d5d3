"""Reads one mail in a process of its own: bytes on stdin, JSON on stdout, attachments as files into a folder.

Whatever a mail does to a parser, it does it here, where memory, time and files have limits. Started by
`notifications.inbound.reading`; knows no framework, so that it starts fast and holds no secrets.
"""

import json
import resource
import sys
from pathlib import Path

from notifications.inbound import mime

CPU_SECONDS = 10
MEMORY_BYTES = 512 * 1024**2
FILE_BYTES = 64 * 1024**2
OPEN_FILES = 64


def limit() -> None:
    """From here on the kernel watches over this process."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> int:
    limit()
    found = mime.read(sys.stdin.buffer.read(), Path(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(found).encode("ascii"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
