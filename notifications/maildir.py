"""Reads the mails that the SMTP catcher of the embedded run keeps in a Maildir, and answers them. For the demo only."""

import email
import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

from django.conf import settings

from notifications import replies

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


def takes_answers() -> bool:
    """Only where the catcher is the mail server: what is written here must never leave the machine."""
    return bool(settings.MAILDIR)


def is_to_the_desk(message: EmailMessage) -> bool:
    return replies.is_ours(parseaddr(str(message.get("To", "")))[1])


def answer(to: EmailMessage, text: str) -> None:
    """What a mail program makes of "reply"."""
    said = str(to["Subject"] or "")
    message = EmailMessage()
    message["From"] = str(to["To"])
    message["To"] = str(to["Reply-To"] or to["From"])
    message["Subject"] = said if said.lower().startswith("re:") else f"Re: {said}"
    message["In-Reply-To"] = str(to["Message-ID"])
    message["References"] = " ".join([str(to["References"] or ""), str(to["Message-ID"])]).strip()
    quoted = "\n".join(f"> {line}" for line in part(to, "plain").splitlines())
    message.set_content(f"{text}\n\nOn {to['Date']}, {to['From']} wrote:\n{quoted}\n")
    _send(message)


def write(sender: str, subject: str, text: str) -> None:
    """A mail to the desk."""
    message = EmailMessage()
    message["From"], message["To"] = sender, replies.desk_address()
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    _send(message)


def _send(message: EmailMessage) -> None:
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="mail.example")
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=10) as server:
        server.send_message(message)


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
