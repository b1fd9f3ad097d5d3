"""A web server of somebody else's that does what its script says. `python -m tests.receivers.server FOLDER [CERT KEY]`.

It writes its port into FOLDER/port and each request into FOLDER/requests. What it answers is told by FOLDER/script
(JSON: a list of answers, the last one stays) or else by the path: /500, /big, /drip, /hang, /301 ...
"""

import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BIG = 10_000_000
FOLDER = Path(sys.argv[1])
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.keep(body)
        answer = self.scripted()
        name = self.path.strip("/").split("/")[0].split("?")[0]
        special = {"big": self.big, "drip": self.drip, "drip-head": self.drip_head, "hang": self.hang, "cut": self.cut,
                   "endless": self.endless}  # fmt: skip
        if answer is None and name in special:
            special[name]()
            return
        answer = answer or {"code": int(name) if name.isdigit() else 200}
        self.say(answer.get("code", 200), answer.get("body", "ok"), answer.get("headers", {}))

    do_GET = do_POST

    def keep(self, body: bytes) -> None:
        with LOCK:
            folder = FOLDER / "requests"
            number = len(list(folder.glob("*.json")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            whole = {"path": self.path, "method": self.command, "headers": headers, "body": body.decode()}
            (folder / f"{number:06}.tmp").write_text(json.dumps(whole))
            (folder / f"{number:06}.tmp").rename(folder / f"{number:06}.json")

    def scripted(self) -> dict | None:
        with LOCK:
            script = FOLDER / "script"
            if not script.exists():
                return None
            first, *rest = json.loads(script.read_text())
            if rest:
                script.write_text(json.dumps(rest))
            return first

    def say(self, code: int, text: str, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def big(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(BIG))
        self.end_headers()
        sent = 0
        try:
            while sent < BIG:
                sent += self.connection.send(b"x" * 65536)
        except OSError:
            pass
        (FOLDER / "sent").write_text(str(sent))
        self.close_connection = True

    def endless(self) -> None:
        """No length, no end: an answer that looks whole whenever it is cut."""
        self.send_response(200)
        self.end_headers()
        self.drops(b"x")

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.drops(b"x")

    def drip_head(self) -> None:
        self.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drops(b"x")

    def drops(self, drop: bytes) -> None:
        try:
            for _ in range(1200):
                self.connection.sendall(drop)
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True

    def hang(self) -> None:
        time.sleep(60)

    def cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)

    def log_message(self, *_args: object) -> None: ...


def main() -> None:
    (FOLDER / "requests").mkdir(exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    (FOLDER / "port.tmp").write_text(str(server.server_address[1]))
    os.rename(FOLDER / "port.tmp", FOLDER / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()
