"""Fetches mail from a mailbox: stored and committed here before anything is marked there, and nothing is deleted.

What was taken carries our keyword on the server, and is moved where a folder for it is named. A connection that ends
is opened again; what had not been marked by then is fetched again, and found to be known.
"""

import logging
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Max
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from itsm import heart, moment
from notifications.inbound import store
from notifications.models import InboundMail

log = logging.getLogger(__name__)
TAKEN = b"$Evenkeel"  # our mark on the server
SEEN = b"\\Seen"
TIMEOUT = 20  # seconds for one answer of the server
AT_ONCE = 200  # mails fetched in one visit; the next follows at once
MAILBOX_HEART = "mailbox"
Failures = Counter[int]
Broken = (IMAPClientError, OSError, ssl.SSLError)


@dataclass(frozen=True)
class Mailbox:
    """Where mail is fetched, out of one URL."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    folder: str

    @property
    def name(self) -> str:
        return f"imap:{self.user}@{self.host}/{self.folder}"[:120]


def mailbox(url: str) -> Mailbox:
    """imaps://user:password@host:993/INBOX; what is special in user and password is percent-encoded."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "imaps"
    if parts.scheme not in ("imap", "imaps") or not parts.hostname:
        raise ValueError("EVENKEEL_INBOUND_URL must look like imaps://user:password@host/INBOX")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    port = parts.port or (993 if is_tls else 143)
    return Mailbox(parts.hostname, port, is_tls, unquote(parts.username or ""), unquote(parts.password or ""), folder)


def silence() -> timedelta:
    """How long the mailbox has not been reached; nothing where none is named."""
    if not settings.INBOUND_URL:
        return timedelta()
    seen = heart.last_seen().get(MAILBOX_HEART)
    return moment.database_now() - seen if seen else timedelta(days=1)


def fetch(box: Mailbox, failures: Failures, goes_on: Callable[[], bool] = lambda: True) -> int:
    """One visit: takes what is new and marks it; returns how many it took. Raises what the connection raised.

    `failures` outlives the visit: a mail over which the connection broke comes last the next time.
    """
    with _connected(box) as client:
        chosen = client.select_folder(box.folder)
        validity = int(chosen.get(b"UIDVALIDITY", 0))
        new = _new(client, box, validity, keeps_marks=_keeps_marks(chosen))
        taken = 0
        for uid in sorted(new, key=lambda each: (failures[each], each))[:AT_ONCE]:
            if not goes_on():
                break
            failures[uid] += 1
            taken += _take(client, box, validity, uid)
            del failures[uid]
    heart.beat(MAILBOX_HEART)
    return taken


@contextmanager
def _connected(box: Mailbox) -> Iterator[IMAPClient]:
    client = IMAPClient(box.host, box.port, ssl=box.is_tls, timeout=TIMEOUT)
    try:
        client.login(box.user, box.password)
        yield client
    finally:
        try:
            client.logout()
        except Broken:
            client.shutdown()


def _new(client: IMAPClient, box: Mailbox, validity: int, *, keeps_marks: bool) -> list[int]:
    """What does not carry our mark. On a server that keeps no marks: what nobody has read, and what came after ours.

    Of a mailbox seen for the first time only the unread: what was dealt with before us is no report.
    """
    if not keeps_marks:
        unread = client.search(["UNSEEN", "UNDELETED"])
        last = InboundMail.objects.filter(mailbox=box.name, uid_validity=validity).aggregate(uid=Max("uid"))["uid"]
        later = client.search(["UID", f"{last + 1}:*", "UNDELETED"]) if last else []
        return sorted({*unread, *(uid for uid in later if uid > last)})
    if not InboundMail.objects.filter(mailbox=box.name).exists():
        old = client.search(["SEEN", "UNKEYWORD", TAKEN])
        if old:
            client.add_flags(old, [TAKEN], silent=True)
    return list(client.search(["UNKEYWORD", TAKEN, "UNDELETED"]))


def _keeps_marks(chosen: dict[bytes, object]) -> bool:
    kept = chosen.get(b"PERMANENTFLAGS", ())
    return isinstance(kept, tuple | list) and (b"\\*" in kept or TAKEN in kept)


def _take(client: IMAPClient, box: Mailbox, validity: int, uid: int) -> int:
    """First stored, then marked. One that the server cannot give is left for the next time."""
    try:
        size = int(client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE", 0))
        whole = size <= settings.INBOUND_MAX_BYTES
        part = b"BODY[]" if whole else b"BODY[HEADER]"
        raw = client.fetch([uid], [part.replace(b"BODY[", b"BODY.PEEK[")]).get(uid, {}).get(part)
    except IMAPClientError as error:
        if isinstance(error, IMAPClient.AbortError):
            raise
        log.warning("the server does not give mail %s of %s: %s", uid, box.name, error)
        return 0
    if not raw:
        return 0  # gone meanwhile
    known = InboundMail.objects.filter(mailbox=box.name, uid_validity=validity, uid=uid).exists()
    mail = store.keep(raw, mailbox=box.name, uid=uid, uid_validity=validity)
    if not whole:
        store.too_large(mail, size)
    _mark(client, uid)
    return 0 if known else 1


def _mark(client: IMAPClient, uid: int) -> None:
    """Read and taken; then out of the way, if a folder for it is named. Never deleted by us."""
    client.add_flags([uid], [SEEN, TAKEN], silent=True)
    if not settings.INBOUND_DONE_FOLDER:
        return
    if client.has_capability("MOVE"):
        client.move([uid], settings.INBOUND_DONE_FOLDER)
    else:
        client.copy([uid], settings.INBOUND_DONE_FOLDER)
        client.delete_messages([uid], silent=True)
        client.uid_expunge([uid]) if client.has_capability("UIDPLUS") else client.expunge()
