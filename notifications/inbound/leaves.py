"""The parts of a mail: its words, and what hangs on it, each written to a file of its own. Knows no framework."""

import mimetypes
import re
from email.message import Message
from pathlib import Path
from typing import Any

from notifications.inbound.heads import as_text, decoded, mended, one_line, readable

PARTS_AT_MOST = 6000  # looked at; the rest is counted as left out
ATTACHMENTS_AT_MOST = 50
NAMES_AT_MOST = 20
NESTED_AT_MOST = 20  # how deep parts may lie in parts
BODY_AT_MOST = 2_000_000  # characters taken together out of all parts of the text
# Signs that turn the direction of writing round: in a file's name they hide its ending.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Leaves:
    """What was found; `collect` fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = self.html = ""
        self.parts = 0
        self.attachments: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        self.left_out_count = 0

    def collect(self, message: Message) -> None:
        """Walks through all parts, without recursion: a mail in a mail in a mail must not exhaust the stack."""
        waiting: list[tuple[Message, int]] = [(message, 0)]
        while waiting:
            part, depth = waiting.pop()
            self.parts += 1
            if self.parts > PARTS_AT_MOST or depth > NESTED_AT_MOST:
                self._leave_out("")
                continue
            inner = self._inner(part)
            if part.get_content_type() == "message/rfc822" and inner and depth:
                self._enclosed(inner[0])
            elif inner:
                waiting += [(each, depth + 1) for each in reversed(inner)]
            else:
                self._leaf(part)

    def _inner(self, part: Message) -> list[Message]:
        payload: Any = part.get_payload()
        if part.get_content_type() == "message/delivery-status" or not isinstance(payload, list):
            return []
        return [each for each in payload if isinstance(each, Message)]

    def _leaf(self, part: Message) -> None:
        try:
            data = content(part)
            name = file_name(part)
            kind = part.get_content_type()
            if not name and kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
                self._words(kind, data, part)
            elif data or name:
                self._attachment(name or self._unnamed(kind), kind, data, part.get_content_disposition() == "inline")
        except Exception:  # one part that cannot be read is named, and the others are read
            self._leave_out("")

    def _words(self, kind: str, data: bytes, part: Message) -> None:
        text = as_text(data, charset(part))
        if kind == "text/html":
            self.html = (self.html + "\n" + text)[:BODY_AT_MOST]
        else:
            self.text = (self.text + "\n\n" + text if self.text.strip() else text)[:BODY_AT_MOST]

    def _enclosed(self, inner: Message) -> None:
        """A mail that hangs on this one: kept as its words, with what stood above them."""
        nested = Leaves(self.folder)
        nested.attachments = self.attachments  # they are numbered together, and are worth as much
        nested.parts = self.parts
        nested.collect(inner)
        self.parts = nested.parts
        self.left_out_count += nested.left_out_count
        self.left_out = (self.left_out + nested.left_out)[:NAMES_AT_MOST]
        above = [f"{name}: {decoded(inner, name)}" for name in ("From", "To", "Date", "Subject")]
        text = "\n".join(above) + "\n\n" + (nested.text or re.sub(r"<[^<>]{0,2000}>", " ", nested.html))
        self._attachment(f"{decoded(inner, 'subject')[:80] or 'mail'}.txt", "text/plain", text.encode(), False)

    def _attachment(self, name: str, kind: str, data: bytes, is_inline: bool) -> None:
        if len(self.attachments) >= ATTACHMENTS_AT_MOST:
            self._leave_out(name)
            return
        file = str(len(self.attachments))
        (self.folder / file).write_bytes(data)
        self.attachments.append({"name": name, "type": kind, "file": file, "size": len(data), "inline": is_inline})

    def _unnamed(self, kind: str) -> str:
        return f"file-{len(self.attachments) + 1}{mimetypes.guess_extension(kind) or '.bin'}"

    def _leave_out(self, name: str) -> None:
        self.left_out_count += 1
        if name and len(self.left_out) < NAMES_AT_MOST:
            self.left_out.append(name)


def content(part: Message) -> bytes:
    """The bytes of a part; an encoding nobody knows leaves them as they came."""
    try:
        payload: Any = part.get_payload(decode=True)
    except Exception:  # a broken encoding
        payload = part.get_payload()
    if isinstance(payload, str):
        return payload.encode("utf-8", "surrogateescape")
    return payload if isinstance(payload, bytes) else b""


def charset(part: Message) -> str | None:
    """The alphabet a part claims to be in."""
    try:
        return part.get_content_charset()
    except Exception:  # named in an encoding that cannot be read
        return None


def file_name(part: Message) -> str:
    """The name somebody gave it, without folders and without signs that hide its ending; "" without one."""
    try:
        name = mended(readable(str(part.get_filename() or "")[:2000]))
    except Exception:  # a name in pieces that do not fit together
        name = "file.bin"
    name = _TURNING.sub("", one_line(name)).replace("\\", "/").rsplit("/", 1)[-1].strip()
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:120]}.{ending[:20]}" if dot else name[:140]
