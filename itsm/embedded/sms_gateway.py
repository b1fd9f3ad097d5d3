"""Stands in for an SMS gateway: takes messages over real HTTP, keeps each in a file, and passes replies on.

POST /messages {"to", "text", "from", "id"}: kept once for each id. POST /replies {"from", "text", "hook"}: posted to
the hook, as a gateway does with what somebody wrote on a telephone. Numbers that end in 404 do not exist, those in 503
are out of reach for now.
"""

import argparse
import json
import os
import re
import signal
import threading
import time
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LARGEST = 64 * 1024  # bytes
NUMBER = re.compile(r"\+[0-9]{7,15}")
GSM_PARTS, UCS2_PARTS = 459, 201  # three parts; what is longer than that, many gateways refuse


class Gateway(ThreadingHTTPServer):
    """Keeps messages in a folder, as the mail catcher keeps mails."""

    daemon_threads = True

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.folder = folder
        self.lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, said: dict[str, Any]) -> bool:
        """Writes a message down, unless its id is there already."""
        with self.lock:
            name = re.sub(r"[^0-9A-Za-z-]", "", str(said.get("id", "")))[:60] or uuid.uuid4().hex
            if list(self.folder.glob(f"*.{name}.json")):
                return False
            path = self.folder / f"{time.time_ns()}.{name}.json"
            path.with_suffix(".tmp").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            os.replace(path.with_suffix(".tmp"), path)
            return True


class Handler(BaseHTTPRequestHandler):
    """What a gateway answers."""

    server: Gateway

    def do_POST(self) -> None:
        said = self._read()
        if said is None:
            self._answer(400, {"error": "please send JSON"})
        elif self.path == "/messages":
            self._answer(*self._message(said))
        elif self.path == "/replies":
            threading.Thread(target=_pass_on, args=[said], daemon=True).start()
            self._answer(202, {"status": "passed on"})
        else:
            self._answer(404, {"error": "there is nothing here"})

    def _message(self, said: dict[str, Any]) -> tuple[int, dict[str, str]]:
        number, text = str(said.get("to", "")), str(said.get("text", ""))
        if not NUMBER.fullmatch(number) or number.endswith("404"):
            return 422, {"error": "no such number"}
        if number.endswith("503"):
            return 503, {"error": "out of reach"}
        if not text or len(text) > (GSM_PARTS if text.isascii() else UCS2_PARTS * 2):
            return 422, {"error": "the text is empty or too long"}
        kept = said | {"id": said.get("id") or self.headers.get("Idempotency-Key", ""), "at": time.time()}
        is_new = self.server.keep(kept)
        return (201 if is_new else 200), {"id": str(kept["id"]), "status": "accepted" if is_new else "known already"}

    def _read(self) -> dict[str, Any] | None:
        try:
            size = int(self.headers.get("Content-Length", 0))
            said = json.loads(self.rfile.read(min(size, LARGEST)))
        except ValueError:
            return None
        return said if isinstance(said, dict) else None

    def _answer(self, code: int, said: dict[str, str]) -> None:
        body = json.dumps(said).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Numbers and texts are nobody's but their owners'."""


def _pass_on(said: dict[str, Any]) -> None:
    """To this machine only: it is a stand-in."""
    hook = str(said.get("hook", ""))
    if not re.match(r"http://(127\.0\.0\.1|localhost):\d+/", hook):
        return
    body = {"from": said.get("from"), "text": said.get("text"), "id": said.get("id") or uuid.uuid4().hex}
    asked = urllib.request.Request(hook, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310  (this machine)
    try:
        with urllib.request.urlopen(asked, timeout=10):  # noqa: S310  (likewise)
            pass
    except OSError as error:
        print(f"a reply was not taken: {error}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    stop = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the server's thread starts, which inherits it
    gateway = Gateway(options.port, options.folder)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    signal.sigwait(stop)
    gateway.shutdown()


if __name__ == "__main__":
    main()
