"""What is said on an incident: updates with a promise, notes among agents, the customer's own words, files."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import User
from incidents import clocks, files, moves, slots, waiting
from incidents.journal import Kind, record
from incidents.models import Attachment, Incident, Message
from incidents.moves import locked
from itsm import moment, wording
from itsm.refusal import Refused
from itsm.text import clean

MAX_TEXT = 20_000
FARTHEST = timedelta(days=92)  # nobody is promised a word for later than that
OTHERS = ("stakeholders", "executives")  # who may be told in words of their own


class TextRefused(Refused):
    """Nothing was said, or more than anybody reads."""


def readable(text: str) -> str:
    """The text as it is kept, or TextRefused with a sentence."""
    text = clean(text)
    if not text:
        raise TextRefused(_("Please write at least one sentence."))
    if len(text) > MAX_TEXT:
        raise TextRefused(
            _("This text has %(length)d characters; at most %(most)d can be kept. Please attach the rest as a file.")
            % {"length": len(text), "most": MAX_TEXT}
        )
    return text


def say(
    incident: Incident,
    *,
    by: User,
    text: str,
    at: datetime,
    is_public: bool,
    client_token: uuid.UUID | None = None,
    quoted: str = "",
    **told: Any,
) -> Message:
    """Keeps the words, and of an update its `phase`, `slots` and `for_others`; whoever calls records what they mean.

    `quoted` is history that a mail carried along.
    """
    return Message.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        author=by,
        is_public=is_public,
        body=readable(text),
        quoted=clean(quoted)[:MAX_TEXT],
        said_at=at,
        client_token=client_token or uuid.uuid4(),
        **told,
    )


def was_said(incident: Incident, by: User, client_token: uuid.UUID | None) -> bool:
    """The same form came in before: a double click, a retry, a step back in the browser."""
    return client_token is not None and incident.messages.filter(author=by, client_token=client_token).exists()


def refuse_past(next_update_at: datetime | None, now: datetime) -> None:
    if next_update_at is not None and next_update_at <= now:
        raise Refused(_("The next update cannot be promised for a time that has passed."))


@transaction.atomic
def update(
    incident: Incident,
    *,
    by: User,
    text: str = "",
    said: Mapping[str, str] | None = None,
    phase: str = "",
    for_others: Mapping[str, str] | None = None,
    next_update_at: datetime | None = None,
    longer_because: str = "",
    customer_chose: bool = False,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """A public update: a `text`, or what is `said` in its parts (`incidents.slots`).

    The next one is promised for `next_update_at`, at the latest for what the policy says: later only where the
    customer chose the time, or where a lead gives a reason, which the customer reads.
    """
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "update", by=by, expected_version=expected_version)
    refuse_past(next_update_at, now)
    beyond = _goes_beyond(incident, by, now, next_update_at, longer_because, customer_chose)
    start = slots.beginning(incident)
    body, parts = composed(start.parts, _lines(text, longer_because if beyond else ""), said)
    told: dict[str, Any] = {"slots": parts, "phase": _known_phase(phase or start.phase)}
    told["for_others"] = _for_others(for_others or {})
    message = say(incident, by=by, text=body, at=now, is_public=True, client_token=client_token, **told)
    _work_has_begun(incident, by)
    if customer_chose and next_update_at:
        keep_chosen_time(incident, next_update_at)
    stretch = clocks.MONITORING_GAP if incident.status == Incident.Status.RESTORED else 1
    promised = clocks.promise(incident, now, due_at=next_update_at, stretch=stretch, beyond=beyond)
    record(incident, Kind.UPDATED, by=by, at=now, message=message, next_update_at=promised)
    return incident


def composed(carried: dict[str, str], text: str, said: Mapping[str, str] | None) -> tuple[str, dict[str, str]]:
    """The text as the customer reads it, and its parts, which the next update starts from.

    A text alone is all that is read, and counts as the news. Of parts, those that every update has are carried over
    when they are not mentioned; emptied, they are missed.
    """
    if said is None:
        text = readable(text)
        return text, carried | {slots.Slot.CHANGED.value: text}
    given = dict(said) | {slots.Slot.CHANGED.value: _lines(said.get(slots.Slot.CHANGED, ""), text)}
    parts = slots.kept({slot: carried[slot] for slot in slots.ENFORCED if slot not in given} | given)
    for slot, sentence in slots.ENFORCED.items():
        if slot not in parts:
            raise TextRefused(str(sentence))
    if parts == slots.kept(carried):
        raise TextRefused(_("Please write at least one sentence."))
    return readable(slots.compose(parts)), parts


@transaction.atomic
def report_by_machine(incident: Incident, *, by: User, text: str, client_token: uuid.UUID | None = None) -> Incident:
    """What a program says of the incident: the customer reads it, and it keeps no promise of a human word."""
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "update", by=by)
    message = say(incident, by=by, text=text, at=now, is_public=True, client_token=client_token)
    _move_version(incident)
    promised = incident.clocks.promises().order_by("due_at").values_list("due_at", flat=True).first()
    record(incident, Kind.UPDATED, by=by, at=now, message=message, next_update_at=promised, automatic=True)
    return incident


@transaction.atomic
def choose_time(
    incident: Incident, *, by: User, contact_at: datetime, text: str = "", client_token: uuid.UUID | None = None
) -> Incident:
    """The customer says when they want to hear from us next: the next word is due then, and not before."""
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "choose_time", by=by)
    _refuse_odd_time(contact_at, now)
    wish = _("Please contact me on %(when)s, not before.") % {
        "when": wording.exact_words(contact_at, timezone.get_current_timezone())
    }
    message = say(incident, by=by, text=_lines(wish, text), at=now, is_public=True, client_token=client_token)
    keep_chosen_time(incident, contact_at)
    clocks.wait_until(incident, contact_at, now)
    _move_version(incident)
    record(incident, Kind.ADDED, by=by, at=now, message=message)
    return incident


def _lines(*words: str) -> str:
    return "\n".join(filter(None, map(clean, words)))


def keep_chosen_time(incident: Incident, contact_at: datetime) -> None:
    incident.details |= {clocks.CONTACT_AT: contact_at.replace(microsecond=0).isoformat()}
    incident.save(update_fields=["details"])


def _refuse_odd_time(contact_at: datetime, now: datetime) -> None:
    if contact_at <= now:
        raise Refused(_("This time has passed. Please choose a later one."))
    if contact_at > now + FARTHEST:
        raise Refused(_("Please choose a time within the next three months."))


def _goes_beyond(
    incident: Incident, by: User, now: datetime, due_at: datetime | None, because: str, customer_chose: bool
) -> bool:
    """Whether the next update may come later than the policy says; else it is drawn back to that."""
    if due_at is None:
        return False
    if customer_chose:
        _refuse_odd_time(due_at, now)
        return True
    latest = clocks.latest_promise(incident, now)
    return bool(by.is_lead and clean(because) and latest and latest < due_at <= now + FARTHEST)


def _known_phase(phase: str) -> str:
    if phase not in Message.Phase.values:
        raise Refused(_("Please say what kind of message it is."))
    return phase


def _for_others(words: Mapping[str, str]) -> dict[str, str]:
    tidy = {audience: readable(text) for audience, text in words.items() if clean(text)}
    return {audience: text for audience, text in tidy.items() if audience in OTHERS}


def _work_has_begun(incident: Incident, by: User) -> None:
    if incident.status in (Incident.Status.NEW, Incident.Status.ASSIGNED):
        incident.status = Incident.Status.IN_PROGRESS
    incident.owner = incident.owner or by
    incident.version += 1
    incident.save(update_fields=["status", "owner", "version"])


@transaction.atomic
def note(
    incident: Incident, *, by: User, text: str, client_token: uuid.UUID | None = None, quoted: str = ""
) -> Incident:
    """Internal words; no clock moves and no customer is told."""
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "note", by=by)
    message = say(incident, by=by, text=text, at=now, is_public=False, client_token=client_token, quoted=quoted)
    record(incident, Kind.NOTED, by=by, at=now, message=message)
    return incident


@transaction.atomic
def add(
    incident: Incident,
    *,
    by: User,
    text: str,
    is_automatic: bool = False,
    client_token: uuid.UUID | None = None,
    quoted: str = "",
) -> Incident:
    """The customer's own words; they end the waiting for the customer, and are owed a reply.

    What a machine answered for its owner (`is_automatic`: out of office) is kept, and moves nothing (rule 8).
    """
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "add", by=by)
    message = say(incident, by=by, text=text, at=now, is_public=True, client_token=client_token, quoted=quoted)
    if not is_automatic:
        _customer_has_spoken(incident, by, now)
    _move_version(incident)
    record(incident, Kind.ADDED, by=by, at=now, message=message, **({"is_automatic": True} if is_automatic else {}))
    return incident


@transaction.atomic
def hear(
    incident: Incident,
    *,
    by: User,
    text: str,
    is_automatic: bool = False,
    client_token: uuid.UUID | None = None,
    quoted: str = "",
) -> Incident:
    """Words that arrive in whatever state it is, because nobody can stop a letter: kept, and they move nothing.

    A "thank you" after all is closed must not open it again, and an answering machine's words none at any time.
    """
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "hear", by=by)
    message = say(incident, by=by, text=text, at=now, is_public=True, client_token=client_token, quoted=quoted)
    _move_version(incident)
    record(incident, Kind.ADDED, by=by, at=now, message=message, **({"is_automatic": True} if is_automatic else {}))
    return incident


@transaction.atomic
def attach(incident: Incident, *, by: User, upload: UploadedFile, is_public: bool = True) -> Attachment:
    """Keeps a file of an allowed kind; `files.FileRefused` says why not.

    A file of the customer's is an answer as words are: "please send a picture" needs nothing more.
    """
    now = moment.now()
    kind = files.examine(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    incident = locked(incident)
    moves.check(incident, "attach", by=by)
    attachment = Attachment.objects.create(
        incident=incident,
        customer_id=incident.customer_id,
        uploaded_by=by,
        is_public=is_public or by.is_customer_side,
        file=upload,
        name=files.display_name(upload.name),
        content_type=kind,
        size=upload.size or 0,
        sha256=_digest(upload),
        added_at=now,
    )
    if by.is_customer_side:
        _customer_has_spoken(incident, by, now)
    if attachment.is_public:
        _move_version(incident)
    record(incident, Kind.ATTACHED, by=by, at=now, attachment=attachment, name=attachment.name)
    return attachment


def _customer_has_spoken(incident: Incident, by: User, now: datetime) -> None:
    """Also when an agent wrote it down; then somebody has just listened, and no reply is owed on top."""
    waiting.end(incident, now, Incident.PendingReason.AWAITING_CUSTOMER)
    if by.is_customer_side and incident.is_open:
        clocks.customer_wrote(incident, now)


def _move_version(incident: Incident) -> None:
    incident.version += 1
    incident.save(update_fields=["version"])


def _digest(upload: UploadedFile) -> str:
    upload.seek(0)
    return hashlib.file_digest(upload, "sha256").hexdigest()
