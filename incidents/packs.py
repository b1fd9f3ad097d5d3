"""Packs of evidence: asked for at the desk, made by a worker, deleted after some weeks (docs/external-duties.md).

What goes in is decided in `incidents.pack_contents`, how it is written in `incidents.pack_files`.
"""

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.core.files import File
from django.db import transaction

from customers.models import User
from incidents import moves, pack_contents
from incidents.journal import Kind, record
from incidents.models import EvidencePack, Incident
from incidents.moves import locked
from incidents.pack_files import Writer
from itsm import jobs, moment, wakeup

log = logging.getLogger(__name__)
State = EvidencePack.State
MOST_TRIES = 3  # a pack that took three workers with it is given up
SIGN_EACH = 5.0  # seconds
BATCH = 100


@transaction.atomic
def ask(incident: Incident, *, by: User, is_internal: bool = False) -> EvidencePack:
    """A pack for the customer's report, or for our own use; while one is being made, that one."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "note", by=by)
    if at_work := incident.evidence_packs.filter(state=State.MAKING, is_internal=is_internal).first():
        return at_work
    pack = EvidencePack.objects.create(
        incident=incident, customer_id=incident.customer_id, is_internal=is_internal, by=by, asked_at=now
    )
    wakeup.after_commit("incidents.tasks.go_on_packing")
    return pack


def file_name(pack: EvidencePack) -> str:
    """What it is called when it is handed out."""
    scope = "-own-use" if pack.is_internal else ""
    return f"{pack.incident.reference}-evidence{scope}-{pack.asked_at:%Y%m%dT%H%MZ}.zip"


def go_on() -> int:
    """Makes what nobody works at, one pack after the other; returns how many."""
    done = 0
    while pack := jobs.claim(EvidencePack.objects.filter(state=State.MAKING)):
        _make(pack)
        done += 1
    return done


def _make(pack: EvidencePack) -> None:
    pack.tries += 1
    pack.save(update_fields=["tries"])
    if pack.tries > MOST_TRIES:
        _give_up(pack)
        return
    try:
        with tempfile.TemporaryFile() as target:
            _write(pack, target)
            _keep(pack, target)
    except Exception:  # whatever it was, it must not stay "being made" for ever
        log.exception("the evidence pack %s could not be made", pack.pk)
        _give_up(pack)


def _give_up(pack: EvidencePack) -> None:
    EvidencePack.objects.filter(pk=pack.pk, state=State.MAKING).update(state=State.FAILED, seen_at=None)


def _write(pack: EvidencePack, target: IO[bytes]) -> None:
    sign = _signing(pack)
    writer = Writer(target, sign)
    incident = Incident.objects.select_related("customer", "service", "policy", "owner").get(pk=pack.incident_id)
    about = pack_contents.write(writer, incident, is_internal=pack.is_internal)
    made = {
        "made_at": moment.now().isoformat(), "asked_at": pack.asked_at.isoformat(), "asked_by": str(pack.by),
    }  # fmt: skip
    writer.seal(about, made if pack.is_internal else made | {"asked_by": ""})
    pack.files = len(writer.entries)


def _keep(pack: EvidencePack, target: IO[bytes]) -> None:
    """Into the store, and in one transaction into the history. Whoever was overtaken throws theirs away."""
    target.seek(0)
    pack.sha256 = hashlib.file_digest(target, "sha256").hexdigest()  # type: ignore[arg-type]  # a real file
    pack.size = target.tell()
    pack.file.save("pack", _Signed(target, _signing(pack)), save=False)
    try:
        kept = _settle(pack)
    except BaseException:
        kept = False
        raise
    finally:
        if not kept:
            pack.file.storage.delete(str(pack.file.name))


@transaction.atomic
def _settle(pack: EvidencePack) -> bool:
    now = moment.now()
    incident = locked(pack.incident)
    rows = EvidencePack.objects.select_for_update(no_key=True).filter(pk=pack.pk, state=State.MAKING)
    if not rows.exists():
        return False
    pack.state, pack.made_at, pack.seen_at = State.READY, now, None
    pack.keep_until = now + timedelta(days=settings.EVIDENCE_PACK_DAYS)
    pack.save()
    facts = {"sha256": pack.sha256, "files": pack.files, "pack": pack.pk, "is_internal": pack.is_internal}
    record(incident, Kind.DUTY, by=pack.by, at=now, did=pack_contents.OF_A_PACK, **facts)
    return True


def tidy() -> int:
    """Deletes the files whose time is over; the row stays, with who asked and the hash. Returns how many."""
    over = EvidencePack.objects.filter(state=State.READY, keep_until__lte=moment.now()).order_by("keep_until")
    packs = list(over[:BATCH])
    for pack in packs:
        pack.file.storage.delete(str(pack.file.name))  # first: a row without its file is found again, not the reverse
        EvidencePack.objects.filter(pk=pack.pk).update(state=State.DELETED, file="")
    return len(packs)


def _signing(pack: EvidencePack) -> Callable[[], None]:
    """Signs of life, and not for each chunk."""
    last = time.monotonic()

    def sign() -> None:
        nonlocal last
        if time.monotonic() - last > SIGN_EACH:
            last = time.monotonic()
            jobs.sign(pack)

    return sign


class _Signed(File):
    """A file that says with each chunk that somebody is alive."""

    def __init__(self, file: IO[bytes], sign: Callable[[], None]) -> None:
        super().__init__(file, "pack")
        self._sign = sign

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(chunk_size):
            self._sign()
            yield chunk
