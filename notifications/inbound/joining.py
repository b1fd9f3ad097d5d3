"""A mail's words and files on an incident: added, opened, or noted, by the same verbs that the pages call."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import User
from incidents import conversation, lifecycle
from incidents.models import Incident, Message
from incidents.moves import locked, why_not
from itsm import moment
from notifications.inbound import words
from notifications.inbound.reading import Reading
from notifications.models import InboundMail

NAMESPACE = uuid.UUID("3c1f3c4a-6f2c-4f6e-9a53-5d6f0d8d5a11")
Status = Incident.Status


@dataclass(frozen=True)
class Kept:
    """Where the words are now, and whether that incident is new."""

    incident: Incident
    message: Message | None
    is_new: bool = False


@dataclass(frozen=True)
class Composed:
    """What is said, and the files that are kept with it."""

    text: str
    uploads: list[UploadedFile] = field(default_factory=list)


def token(mail: InboundMail) -> uuid.UUID:
    """The same mail filed twice says the same thing once."""
    return uuid.uuid5(NAMESPACE, str(mail.pk))


def message_of(incident: Incident, mail: InboundMail) -> Message | None:
    """The message this mail became: of an incident that it opened, the report."""
    said = Message.objects.filter(incident=incident).order_by("pk")
    return said.filter(client_token=token(mail)).first() or (
        said.first() if incident.client_token == token(mail) else None
    )


def composed(reading: Reading, reader: User, above: str = "", *, whole: bool = False) -> Composed:
    """The words of the mail, with a remark on each file that cannot be kept, in the reader's language."""
    with _in_language_of(reader):
        uploads, remarks = words.sort_files(reading)
        text = reading.text if whole else reading.new
        if long := words.whole_text(text):
            uploads.append(long)
        said = words.body(f"{above}\n\n{text}" if above else text, reading.subject, remarks)
    return Composed(said, uploads)


def join(mail: InboundMail, reading: Reading, incident: Incident, by: User) -> Kept:
    """The customer's words on their incident; what is over opens again only by clear words (docs/inbound-mail.md)."""
    incident, said = locked(incident), composed(reading, by)
    text, quoted, once = said.text, reading.quoted, token(mail)
    if incident.status in Incident.WORKS and words.says_still_broken(reading):
        into = lifecycle.still_broken(incident, by=by, text=text, quoted=quoted, client_token=once)
    elif incident.status in (Status.CLOSED, Status.CANCELLED):
        into = _after_all(mail, reading, incident, by)
    else:
        into = conversation.add(incident, by=by, text=text, quoted=quoted, client_token=once)
    _attach(into, by, said.uploads)
    return Kept(into, message_of(into, mail), is_new=into.pk != incident.pk)


def _after_all(mail: InboundMail, reading: Reading, incident: Incident, by: User) -> Incident:
    """It is over: words while it could be opened again, and later a new report that follows it."""
    said = composed(reading, by)
    if incident.status == Status.CLOSED and moment.now() <= lifecycle.reopen_until(incident):
        conversation.hear(incident, by=by, text=said.text, quoted=reading.quoted, client_token=token(mail))
        return incident
    return _open(mail, reading, by, by, said, follows=incident)


def open_new(mail: InboundMail, reading: Reading, sender: User) -> Kept:
    """A report by mail."""
    said = composed(reading, sender, whole=True)
    incident = _open(mail, reading, sender, sender, said)
    _attach(incident, sender, said.uploads)
    return Kept(incident, message_of(incident, mail), is_new=True)


def open_for(mail: InboundMail, reading: Reading, reporter: User, by: User) -> Kept:
    """An agent knows whose mail it is."""
    with _in_language_of(reporter):
        above = _("From a mail by %(sender)s:") % {"sender": reading.sender or _("an unknown sender")}
    said = composed(reading, reporter, above, whole=True)
    incident = _open(mail, reading, by, reporter, said)
    _attach(incident, by, said.uploads)
    return Kept(incident, message_of(incident, mail), is_new=True)


def join_for(mail: InboundMail, reading: Reading, incident: Incident, by: User, sender: User | None) -> Kept:
    """An agent knows what it belongs to. Words of the customer's own people are theirs, others' the agent hands on."""
    if sender and sender.customer_id == incident.customer_id:
        return join(mail, reading, incident, sender)
    with _in_language_of(incident.reporter):
        above = _("From a mail by %(sender)s:") % {"sender": reading.sender or _("an unknown sender")}
    incident, said = locked(incident), composed(reading, incident.reporter, above)
    add = conversation.hear if why_not(incident, "add", by) else conversation.add
    add(incident, by=by, text=said.text, quoted=reading.quoted, client_token=token(mail))
    _attach(incident, by, said.uploads)
    return Kept(incident, message_of(incident, mail))


def note(mail: InboundMail, reading: Reading, incident: Incident, by: User) -> Kept:
    """Words of a colleague: for the desk only."""
    said = composed(reading, by)
    conversation.note(incident, by=by, text=said.text, quoted=reading.quoted, client_token=token(mail))
    _attach(incident, by, said.uploads, is_public=False)
    return Kept(incident, message_of(incident, mail))


def _open(
    mail: InboundMail, reading: Reading, by: User, reporter: User, said: Composed, follows: Incident | None = None
) -> Incident:
    return lifecycle.open_incident(
        by=by,
        reporter=reporter,
        text=said.text,
        title=words.title(reading.subject),
        service=follows.service if follows else None,
        origin=Incident.Origin.EMAIL,
        follows=follows,
        client_token=token(mail),
    )


def _attach(incident: Incident, by: User, uploads: list[UploadedFile], *, is_public: bool = True) -> None:
    """Each file once: a signature's picture comes with every answer. What is over takes none; the mail keeps them."""
    if why_not(Incident.objects.get(pk=incident.pk), "attach", by):
        return
    there = set(incident.attachments.values_list("sha256", flat=True))
    for upload in uploads:
        upload.seek(0)
        digest = hashlib.file_digest(upload, "sha256").hexdigest()
        if digest not in there:
            there.add(digest)
            conversation.attach(incident, by=by, upload=upload, is_public=is_public)


@contextmanager
def _in_language_of(reader: User) -> Iterator[None]:
    with translation.override(reader.speaks()):
        yield
