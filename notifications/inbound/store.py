"""The bytes first: whatever comes in is on the disk and in the database before anybody reads it.

They are kept for a while after the mail was filed, in case it was filed wrongly; what was said in it stays.
"""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from itsm.text import clean
from notifications.inbound import peek
from notifications.models import InboundMail

AT_ONCE = 200


def keep(
    raw: bytes,
    *,
    mailbox: str,
    uid: int | None = None,
    uid_validity: int = 0,
    envelope_from: str = "",
    envelope_to: str = "",
) -> InboundMail:
    """The row of this mail, committed when this returns; the same mail handed over twice is one row.

    Same means: the same place in the same mailbox, or the same bytes, as after a server has numbered all mails anew.
    """
    mailbox, digest = mailbox[:120], hashlib.sha256(raw).hexdigest()
    same = Q(mailbox=mailbox, sha256=digest)
    if uid is not None:
        same |= Q(mailbox=mailbox, uid_validity=uid_validity, uid=uid)
    if known := InboundMail.objects.filter(same).first():
        return known
    head = peek.head(raw)
    mail = InboundMail(
        mailbox=mailbox,
        uid=uid,
        uid_validity=uid_validity,
        sha256=digest,
        size=len(raw),
        envelope_from=clean(envelope_from)[:254],
        envelope_to=clean(envelope_to)[:254],
        sender=clean(peek.address(head.get("from", ""))),
        mail_id=peek.mail_id(head.get("message-id", "")),
        subject=clean(head.get("subject", ""))[:300],
    )
    mail.raw.save("mail.eml", ContentFile(raw), save=False)
    _to_the_disk(mail)
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:  # another process was faster by a moment
        mail.raw.delete(save=False)
        return InboundMail.objects.get(same)
    return mail


def _to_the_disk(mail: InboundMail) -> None:
    """The other side deletes its copy on our word: the word is only given for what survives a power cut."""
    with suppress(NotImplementedError):  # a storage that is no disk sees to it itself
        path = Path(mail.raw.path)
        for place in (path, path.parent):
            number = os.open(place, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)


@transaction.atomic
def tidy() -> int:
    """Lets go of the bytes of some mails that were filed long ago; what waits for somebody keeps them. How many."""
    if not settings.INBOUND_KEEP_DAYS:
        return 0
    old = InboundMail.objects.filed().filter(settled_at__lt=Now() - timedelta(days=settings.INBOUND_KEEP_DAYS))
    rows = old.filter(raw__gt="").order_by("settled_at").select_for_update(skip_locked=True, of=("self",), no_key=True)
    return forget(rows[:AT_ONCE])


def forget(mails: Iterable[InboundMail]) -> int:
    """The bytes and what was read out of them are gone when the transaction is over. Returns of how many mails."""
    keys = []
    for mail in mails:
        if mail.raw:
            keys.append(mail.pk)
            transaction.on_commit(partial(_delete, mail.raw.storage, str(mail.raw.name)))
    InboundMail.objects.filter(pk__in=keys).update(raw="", excerpt="")
    return len(keys)


def beside(mail: InboundMail) -> str:
    """Where stands what was read out of it."""
    return _beside(str(mail.raw.name))


def _beside(name: str) -> str:
    return name.removesuffix(".eml") + ".json"


def _delete(storage: Storage, name: str) -> None:
    storage.delete(_beside(name))
    storage.delete(name)


def too_large(mail: InboundMail, size: int) -> None:
    """Only its head is here: a person decides about it, and the mail itself is where it came from."""
    why = _("It has %(size)d MB; only its head was fetched, and the mail is still in the mailbox.") % {
        "size": size // 1024**2
    }
    stored = InboundMail.objects.filter(pk=mail.pk, state=InboundMail.State.STORED)
    stored.update(state=InboundMail.State.TRAY, why=why, settled_at=Now())
