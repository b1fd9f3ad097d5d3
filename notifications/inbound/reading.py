"""A mail read in a process of its own, and what that found, kept beside the mail for those who look at it."""

import json
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from itsm.text import clean
from notifications.inbound import store
from notifications.models import InboundMail

SECONDS = 35.0  # until the child must have said how it went; it gives up on a mail before
ANSWER_AT_MOST = 20 * 1024**2
# Nothing of ours goes along: no password and no key.
ENVIRONMENT = {"PYTHONPATH": str(settings.BASE_DIR), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}


class Unreadable(Exception):
    """Nobody will ever read it, or not within the limits; the bytes stay for people to look at."""


@dataclass(frozen=True)
class Part:
    """A file that hung on the mail."""

    name: str
    content_type: str
    size: int
    is_inline: bool
    path: Path

    def upload(self) -> SimpleUploadedFile:
        return SimpleUploadedFile(self.name, self.path.read_bytes(), content_type=self.content_type)


@dataclass(frozen=True)
class Reading:
    """What a mail says; every text is safe to store."""

    sender: str = ""
    sender_name: str = ""
    senders: int = 0
    to: list[str] = field(default_factory=list)
    subject: str = ""
    mail_id: str = ""
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    return_path: str = ""
    kind: str = InboundMail.Kind.HUMAN.value
    sign: str = ""
    auth: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    new: str = ""
    quoted: str = ""
    html: str = ""
    parts: list[Part] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    left_out_count: int = 0


class Reader:
    """Reads mails one after another, each in a process of its own; to be closed at its end."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @contextmanager
    def of(self, mail: InboundMail) -> Iterator[Reading]:
        """What stands in the mail, its files for as long as the block lasts; or Unreadable with words for the desk."""
        with tempfile.TemporaryDirectory(prefix="mail-") as name:
            folder = Path(name)
            _lay_out(mail, folder)
            code = self._ask(folder)
            yield _reading(_answer(folder, code), folder)

    def close(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin
        assert child.stdout
        child.stdin.close()
        try:
            child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()

    def _ask(self, folder: Path) -> int:
        """How the reading ended; a child that does not answer in time, or dies, is replaced for the next mail."""
        try:
            child = self._child = self._child or _started()
            assert child.stdin
            assert child.stdout
            child.stdin.write(bytes(folder) + b"\n")
            child.stdin.flush()
            if select.select([child.stdout], [], [], SECONDS)[0] and (line := child.stdout.readline()):
                return int(line)
        except (OSError, ValueError):
            pass
        if self._child:
            self._child.kill()
        self.close()
        return -9


def keep(mail: InboundMail, reading: Reading) -> None:
    """Beside the bytes, for the page that shows the mail."""
    storage, name = mail.raw.storage, store.beside(mail)
    shown = {
        "text": reading.text,
        "html": reading.html,
        "to": reading.to,
        "auth": reading.auth,
        "files": [[part.name, part.size] for part in reading.parts],
        "left_out": reading.left_out,
        "left_out_count": reading.left_out_count,
    }
    storage.delete(name)
    storage.save(name, ContentFile(json.dumps(shown).encode("ascii")))


def kept(mail: InboundMail) -> dict[str, Any]:
    """What `keep` kept, or nothing."""
    try:
        with mail.raw.storage.open(store.beside(mail)) as file:
            shown: dict[str, Any] = json.load(file)
            return shown
    except (OSError, ValueError):
        return {}


def _lay_out(mail: InboundMail, folder: Path) -> None:
    (folder / "files").mkdir()
    try:
        with mail.raw.open("rb") as file, (folder / "raw").open("wb") as copy:
            shutil.copyfileobj(file, copy)
    except OSError as error:
        raise Unreadable(_("The file of this mail is not there any more.")) from error


def _started() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "notifications.inbound.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
        cwd=settings.BASE_DIR,
    )


def _answer(folder: Path, code: int) -> dict[str, Any]:
    answer = folder / "answer"
    if code or answer.stat().st_size > ANSWER_AT_MOST:
        raise Unreadable(_why(code))
    found = json.loads(answer.read_bytes())
    assert isinstance(found, dict)
    return found


def _why(code: int) -> str:
    if code < 0:
        return _("Reading it took more time or memory than a mail may take.")
    return _("It is built in a way that cannot be read.")


def _reading(found: dict[str, Any], folder: Path) -> Reading:
    safe = {name: _safe(value) for name, value in found.items()}
    values = {name: safe[name] for name in Reading.__dataclass_fields__ if name in safe and name != "parts"}
    parts = [
        Part(each["name"] or "file.bin", each["type"], each["size"], each["inline"], folder / "files" / each["file"])
        for each in safe["attachments"]
    ]
    return Reading(**values, parts=parts)


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_safe(each) for each in value]
    return {name: _safe(each) for name, each in value.items()} if isinstance(value, dict) else value
