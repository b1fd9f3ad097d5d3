"""A mail server as a process: keeps what it gets in a Maildir. `python -m tests.faults.sink PORT MAILDIR [DELAY]`."""

import asyncio
import mailbox
import signal
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class Keeper:
    def __init__(self, folder: str, delay: float) -> None:
        self.box = mailbox.Maildir(folder)
        self.delay = delay

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.delay)
        self.box.add(envelope.original_content)
        return "250 OK"


async def main(port: int, folder: str, delay: float) -> None:
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder, delay)
    await loop.create_server(lambda: SMTP(keeper, loop=loop), "127.0.0.1", port)
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float((sys.argv[3:] or ["0"])[0])))
