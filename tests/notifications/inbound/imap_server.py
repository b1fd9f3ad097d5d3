"""A real IMAP server (pymap, on a Maildir) in a process of its own, and a wire in front of it that can be cut."""

import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from imapclient import IMAPClient
from pysasl.hashing import BuiltinHash

from tests.faults.stack import free_port, wait_for

USER, PASSWORD = "desk", "open/sesame"  # what is special in a URL is encoded there


class Server:
    """The server, its one mailbox, and what lies in it."""

    def __init__(self, folder: Path, *, keeps_marks: bool) -> None:
        self.folder, self.port, self.keeps_marks = folder, free_port(), keeps_marks
        self.inbox = folder / USER
        (folder / "pymap-etc-passwd").write_text(f"{USER}:x::::{USER}:\n")
        (folder / "pymap-etc-shadow").write_text(f"{USER}:{BuiltinHash(rounds=10).hash(PASSWORD)}:::::::\n")
        self.start()
        self.client().logout()  # makes the mailbox
        if keeps_marks:
            (self.inbox / "dovecot-keywords").write_text("0 $Evenkeel\n")

    def start(self) -> None:
        program = Path(sys.executable).parent / "pymap"
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "maildir", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([str(program), *options], stdout=log, stderr=log)
        wait_for(self._answers)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def number_anew(self) -> None:
        """What a server does that was moved or restored: another UIDVALIDITY, other UIDs."""
        self.stop()
        (self.inbox / "dovecot-uidlist").unlink()
        self.start()

    def url(self, port: int = 0) -> str:
        return f"imap://{USER}:open%2Fsesame@127.0.0.1:{port or self.port}/INBOX"

    def client(self) -> IMAPClient:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10)
        client.login(USER, PASSWORD)
        return client

    def put(self, *mails: bytes, flags: tuple[bytes, ...] = ()) -> None:
        client = self.client()
        for raw in mails:
            client.append("INBOX", raw, flags)
        client.logout()

    def flags(self, folder: str = "INBOX") -> list[set[bytes]]:
        client = self.client()
        client.select_folder(folder, readonly=True)
        found = client.get_flags(client.search())
        client.logout()
        return [set(flags) - {b"\\Recent"} for _uid, flags in sorted(found.items())]

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            return probe.recv(4) == b"* OK"
        return False


@contextmanager
def serving(*, keeps_marks: bool = True) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="imap-") as folder:
        server = Server(Path(folder), keeps_marks=keeps_marks)
        try:
            yield server
        finally:
            server.stop()


class Wire:
    """Passes on what both sides say; `at(words)` decides on each piece from the client: None, "cut" or "hold"."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.at: Callable[[bytes], str | None] = lambda data: None
        self.held = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                verdict = self.at(data) if from_client else None
                if verdict == "cut":
                    break
                if verdict == "hold":
                    self.held.set()
                    continue
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
