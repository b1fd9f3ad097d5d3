"""Stands in for a mail server: takes every mail over real SMTP and keeps it in a Maildir."""

import argparse
import mailbox
import signal
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Keeper:
    """aiosmtpd's handler: one file a mail, with the envelope's receivers on top."""

    def __init__(self, folder: Path) -> None:
        self.box = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        receivers = ", ".join(envelope.rcpt_tos)
        self.box.add(b"X-Envelope-To: " + receivers.encode("ascii", "replace") + b"\r\n" + envelope.original_content)
        return "250 kept"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    stop = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the server's thread starts, which inherits it
    controller = Controller(Keeper(options.maildir), hostname="127.0.0.1", port=options.port)
    controller.start()
    signal.sigwait(stop)
    controller.stop()


if __name__ == "__main__":
    main()
