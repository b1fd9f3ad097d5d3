"""The parking lot: what somebody thinks about the cause while people cannot work. It is kept, and nobody works on it.

Restoring sometimes needs to know a cause. Then looking for it is an investigation: somebody, an aim and half an hour,
which the person who runs the incident may prolong. It is written down, and never forbidden.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents import conversation, moves
from incidents.conversation import readable
from incidents.journal import Kind, record
from incidents.models import Incident, Investigation, MajorIncident, ParkedNote
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

CARD = ParkedNote.Kind
# The first sign of a note makes a card of it: quicker than any button.
PREFIXES = {"?": CARD.HYPOTHESIS, "!": CARD.EVIDENCE, ">": CARD.FOLLOW_UP}
TIME_BOX = timedelta(minutes=30)
MOST_AIM = 300


@transaction.atomic
def jot(incident: Incident, *, by: User, text: str, client_token: uuid.UUID | None = None) -> ParkedNote | None:
    """An internal note; with one of `PREFIXES` before it, a card in the parking lot, which is returned."""
    words = clean(text)
    kind = PREFIXES.get(words[:1])
    if kind is None or not words[1:].strip():
        conversation.note(incident, by=by, text=text, client_token=client_token)
        return None
    return park(incident, by=by, kind=kind, text=words[1:], client_token=client_token)


@transaction.atomic
def park(
    incident: Incident,
    *,
    by: User,
    kind: str,
    text: str,
    confidence: str = "",
    link: str = "",
    upload: UploadedFile | None = None,
    is_lost_on_restart: bool = False,
    client_token: uuid.UUID | None = None,
    is_result: bool = False,
) -> ParkedNote:
    """A card: a hypothesis, evidence (with a file, a link or in words), or an idea of what to do afterwards.

    Once whoever runs a major incident has closed the lot, only the result of a search comes in.

    Raises `files.FileRefused` where the file is none that can be kept; then there is no card either.
    """
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "note", by=by)
    token = client_token or uuid.uuid4()
    if parked := incident.parked_notes.filter(by=by, client_token=token).first():
        return parked
    _check_kind(kind)
    if not is_result:
        _refuse_closed(incident)
    if kind != CARD.EVIDENCE and (upload or link or is_lost_on_restart):
        raise Refused(_("Files and links are evidence. Please choose “Evidence” for them."))
    if kind == CARD.EVIDENCE and upload and not clean(text):
        text = upload.name or _("file")
    attachment = conversation.attach(incident, by=by, upload=upload, is_public=False) if upload else None
    card = ParkedNote.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        kind=kind,
        text=readable(text),
        by=by,
        at=now,
        confidence=_confidence(kind, confidence),
        attachment=attachment,
        link=link,
        is_lost_on_restart=is_lost_on_restart,
        client_token=token,
    )
    record(incident, Kind.PARKED, by=by, at=now, card=card.kind, text=card.text[:200], card_id=card.pk)
    return card


@transaction.atomic
def judge(card: ParkedNote, *, by: User, status: str) -> ParkedNote:
    """What became of a hypothesis: supported, ruled out, or open again. The card stays."""
    now = moment.now()
    incident = locked(card.incident)
    moves.check(incident, "note", by=by)
    card = ParkedNote.objects.select_for_update(no_key=True).get(pk=card.pk)
    if card.kind != CARD.HYPOTHESIS:
        raise MoveRefused(_("Only a hypothesis can be supported or ruled out."))
    if status not in ParkedNote.Status.values:
        raise Refused(_("Please say whether it is open, supported or ruled out."))
    if card.status == status:
        return card
    card.status = status
    card.version += 1
    card.save(update_fields=["status", "version"])
    record(
        incident, Kind.PARKED, by=by, at=now, card=card.kind, text=card.text[:200], card_id=card.pk, became=status
    )  # fmt: skip
    return card


@transaction.atomic
def investigate(incident: Incident, *, by: User, aim: str, owner: User | None = None) -> Investigation:
    """Looking for the cause serves restoration: `owner` (else `by`) looks for half an hour, with this aim."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "investigate", by=by)
    words = " ".join(clean(aim).split())
    if not words:
        raise Refused(_("Please say what it is for, such as “find a way to print until noon”."))
    if len(words) > MOST_AIM:
        raise Refused(_("The aim has %(length)d characters; at most %(most)d can be kept.") % {
            "length": len(words), "most": MOST_AIM,
        })  # fmt: skip
    begun = Investigation.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        owner=owner or by,
        aim=words,
        begun_by=by,
        begun_at=now,
        ends_at=now + TIME_BOX,
    )
    record(
        incident, Kind.INVESTIGATION, by=by, at=now, did="begun", aim=begun.aim, owner=begun.owner.name,
        until=begun.ends_at,
    )  # fmt: skip
    return begun


@transaction.atomic
def prolong(investigation: Investigation, *, by: User) -> Investigation:
    """Another half hour from now on; written down, never refused while it goes on."""
    now, investigation = _going_on(investigation, by)
    investigation.ends_at = max(now, investigation.ends_at) + TIME_BOX
    investigation.extended += 1
    investigation.reminded_at = None
    investigation.save(update_fields=["ends_at", "extended", "reminded_at"])
    _tell(investigation, by, now, "prolonged", until=investigation.ends_at)
    return investigation


@transaction.atomic
def conclude(investigation: Investigation, *, by: User, found: str = "") -> Investigation:
    """It is over, with or without a result; what was found becomes a card, so that nobody looks for it again."""
    now, investigation = _going_on(investigation, by)
    investigation.found = clean(found)[: conversation.MAX_TEXT]
    investigation.ended_at, investigation.ended_by = now, by
    investigation.save(update_fields=["found", "ended_at", "ended_by"])
    _tell(investigation, by, now, "ended")
    if investigation.found:
        park(investigation.incident, by=by, kind=CARD.HYPOTHESIS, text=investigation.found, is_result=True)
    return investigation


def conclude_all(incident: Incident, at: datetime, by: User | None) -> None:
    """It works again: nobody need look for a way out any more. Called inside a verb, with the incident locked."""
    incident.investigations.filter(ended_at__isnull=True).update(ended_at=at, ended_by=by)


def remind_of_time(now: datetime | None = None) -> int:
    """Says once that a time box is over; the work is not stopped. Returns how many."""
    now = now or moment.now()
    over = Investigation.objects.filter(ended_at__isnull=True, reminded_at__isnull=True, ends_at__lte=now)
    return sum(_remind(each, now) for each in over.select_related("incident").order_by("ends_at")[:200])


@transaction.atomic
def _remind(investigation: Investigation, now: datetime) -> int:
    incident = locked(investigation.incident)
    mine = Investigation.objects.filter(
        pk=investigation.pk, ended_at__isnull=True, reminded_at__isnull=True, ends_at__lte=now
    )
    if not mine.update(reminded_at=now):
        return 0
    investigation.incident = incident
    _tell(investigation, None, now, "time_is_up")
    return 1


def _going_on(investigation: Investigation, by: User) -> tuple[datetime, Investigation]:
    now = moment.now()
    incident = locked(investigation.incident)
    moves.check(incident, "note", by=by)
    investigation = Investigation.objects.select_for_update(no_key=True).get(pk=investigation.pk)
    if investigation.ended_at:
        raise MoveRefused(_("This search is over already."))
    investigation.incident = incident
    return now, investigation


def _tell(investigation: Investigation, by: User | None, at: datetime, did: str, **more: Any) -> None:
    facts = {"aim": investigation.aim, "owner": investigation.owner.name, "owner_id": investigation.owner_id}
    record(investigation.incident, Kind.INVESTIGATION, by=by, at=at, did=did, **facts, **more)


def _refuse_closed(incident: Incident) -> None:
    rows = MajorIncident.objects.filter(incident=incident, lot_closed_at__isnull=False)
    if incident.is_major and rows.exists():
        raise MoveRefused(_("Whoever runs this incident has closed the list. Please keep it as a note instead."))


def _check_kind(kind: str) -> None:
    if kind not in CARD.values:
        raise Refused(_("Please say whether it is a hypothesis, evidence or a follow-up."))


def _confidence(kind: str, confidence: str) -> str:
    if kind != CARD.HYPOTHESIS:
        return ""
    known: Iterable[str] = ParkedNote.Confidence.values
    return confidence if confidence in known else ParkedNote.Confidence.LOW
