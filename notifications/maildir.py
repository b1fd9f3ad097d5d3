"""Reads the mails that the SMTP catcher of the embedded run keeps in a Maildir. For the demo only."""

import email
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.conf import settings

SHOWN = 200


@dataclass(frozen=True)
class Mail:
    """One caught mail, as far as a list shows it."""

    name: str
    received_at: datetime
    to: str
    sender: str
    subject: str


def inbox(to: str = "") -> list[Mail]:
    """The newest mails, of one recipient if given."""
    newest = sorted(_files().values(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    found: list[Mail] = []
    for file in newest:
        mail = _mail(file, read(file))
        if to.lower() in mail.to.lower():
            found.append(mail)
        if len(found) == SHOWN:
            break
    return found


def find(name: str) -> tuple[Mail, EmailMessage] | None:
    """By its name in the list, and by nothing else: no path is ever made out of what a URL says."""
    file = _files().get(name)
    if file is None:
        return None
    message = read(file)
    return _mail(file, message), message


def read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=default)


def part(message: EmailMessage, kind: str) -> str:
    """The text of the "plain" or the "html" part."""
    body = message.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except LookupError:  # an alphabet nobody knows
        return bytes(body.get_payload(decode=True)).decode("utf-8", "replace")


def _files() -> dict[str, Path]:
    if not settings.MAILDIR:
        return {}
    folders = [Path(settings.MAILDIR) / folder for folder in ("new", "cur")]
    return {file.name: file for folder in folders if folder.is_dir() for file in folder.iterdir() if file.is_file()}


def _mail(file: Path, message: EmailMessage) -> Mail:
    return Mail(
        name=file.name,
        received_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        to=str(message.get("To", "")),
        sender=str(message.get("From", "")),
        subject=str(message.get("Subject", "")),
    )
