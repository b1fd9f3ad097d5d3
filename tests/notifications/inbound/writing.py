"""Mails as people and machines write them."""

import uuid
from email.message import EmailMessage

from customers.models import User
from notifications import letters, replies
from notifications.models import Delivery

DESK = "desk@desk.example"


def mail(sender: User | str, text: str = "The scanner jams.", *, subject: str = "Scanner", to: str = DESK, **headers):
    """A plain mail; headers by their names with "_" for "-"."""
    message = EmailMessage()
    message["From"] = sender if isinstance(sender, str) else f"{sender.name} <{sender.email}>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{uuid.uuid4()}@mail.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def answer(delivery: Delivery, text: str, *, sender: User | str | None = None, signed: bool = True, **headers):
    """What a mail program makes of "reply" to one of our messages."""
    own = letters.message_id(delivery)
    to = replies.address_for(delivery) if signed else DESK
    quoted = "\n".join(["", "On Mon, 4 Mar 2024 at 10:00, Evenkeel <desk@desk.example> wrote:", "> We have it."])
    headers = {"subject": "Re: something", "In_Reply_To": own, "References": own} | headers
    sender = sender or delivery.recipient
    return mail(sender, text + "\n" + quoted, to=to, **headers)
