"""A mail server for measurements: takes everything, keeps nothing. `python -m notifications.bench_sink PORT`."""

import asyncio
import signal
import sys


class Conversation(asyncio.Protocol):
    """As much SMTP as it takes to be sent a message; so little that it is not what is measured."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.out, self.heard, self.in_letter = transport, b"", False
        self.out.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        while (end := self.heard.find(b"\r\n.\r\n" if self.in_letter else b"\r\n")) >= 0:
            line, self.heard = self.heard[:end], self.heard[end + (5 if self.in_letter else 2) :]
            self.out.write(b"250 kept\r\n" if self.in_letter else self._answer(line[:4].upper()))
            self.in_letter = not self.in_letter and line[:4].upper() == b"DATA"

    def _answer(self, verb: bytes) -> bytes:
        return {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 fine\r\n")


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(Conversation, "127.0.0.1", port)
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
