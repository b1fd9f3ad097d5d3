"""Stands in for a mail server: takes every mail over real SMTP and keeps it in a Maildir.

What is addressed to the desk itself is also put into a second Maildir, as a mail server delivers it: with the
envelope's addresses on top.
"""

import argparse
import mailbox
import signal
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Keeper:
    """aiosmtpd's handler: one file a mail, with the envelope's receivers on top."""

    def __init__(self, folder: Path, desk: str = "", desk_folder: Path | None = None) -> None:
        self.box = mailbox.Maildir(folder, create=True)
        self.desk_local, _at, self.desk_host = desk.lower().rpartition("@")
        self.desk_box = mailbox.Maildir(desk_folder, create=True) if desk_folder else None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        receivers = ", ".join(envelope.rcpt_tos)
        self.box.add(b"X-Envelope-To: " + receivers.encode("ascii", "replace") + b"\r\n" + envelope.original_content)
        for address in envelope.rcpt_tos:
            if self.desk_box is not None and self._is_the_desks(address):
                above = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {address}\r\n"
                self.desk_box.add(above.encode("ascii", "replace") + envelope.original_content)
                break
        return "250 kept"

    def _is_the_desks(self, address: str) -> bool:
        local, _at, host = address.lower().rpartition("@")
        return (local.partition("+")[0], host) == (self.desk_local, self.desk_host)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--desk", default="", help="the desk's own address")
    parser.add_argument("--desk-maildir", type=Path, help="where mails to it are put as well")
    options = parser.parse_args()
    stop = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the server's thread starts, which inherits it
    controller = Controller(
        Keeper(options.maildir, options.desk, options.desk_maildir), hostname="127.0.0.1", port=options.port
    )
    controller.start()
    signal.sigwait(stop)
    controller.stop()


if __name__ == "__main__":
    main()
