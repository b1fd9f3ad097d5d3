"""The incident's life: each way in which its state changes, as one verb.

Each verb: lock, check, change, record, in one transaction. A verb sends nothing and renders nothing; who listens to
the recorded event is not its business. `by=None` is the system.
"""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents import calls, clocks, later, moves, parking, priority, waiting, watching
from incidents.conversation import readable, refuse_past, say, was_said
from incidents.journal import Kind, record
from incidents.models import CallTask, Clock, Incident, Message
from incidents.moves import MoveRefused, Stale, allowed_moves, locked
from incidents.opening import open_incident
from incidents.slots import Phase, Slot, beginning
from itsm import moment
from itsm.refusal import Refused

__all__ = [
    "MoveRefused", "Stale", "allowed_moves", "ask", "cancel", "close", "go_on", "open_incident", "prioritise",
    "resolve", "restore", "revoke_links", "still_broken", "take", "wait_for_supplier",
]  # fmt: skip

Status = Incident.Status


@transaction.atomic
def take(incident: Incident, *, by: User, expected_version: int | None = None) -> Incident:
    """`by` has it now. That alone answers nobody: the response clock waits for a human word."""
    now = moment.now()
    incident = locked(incident)
    if incident.owner_id == by.pk:
        return incident
    moves.check(incident, "take", by=by, expected_version=expected_version)
    before = incident.owner.name if incident.owner else ""
    _change(incident, owner=by, status=Status.ASSIGNED if incident.status == Status.NEW else incident.status)
    record(incident, Kind.TAKEN, by=by, at=now, owner=by.name, before=before)
    return incident


@transaction.atomic
def ask(
    incident: Incident,
    *,
    by: User,
    question: str,
    reason: str = Incident.PendingReason.AWAITING_CUSTOMER,
    next_update_at: datetime | None = None,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """Waits for the customer, with a question the customer sees; only so may the restore clock pause."""
    words = _Words(question, reason, Kind.ASKED, next_update_at, expected_version, client_token)
    return _wait(incident, by, "ask", words)


@transaction.atomic
def wait_for_supplier(
    incident: Incident,
    *,
    by: User,
    text: str,
    next_update_at: datetime | None = None,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """The next step is a supplier's; the customer is told, and no clock stands still: the supplier is ours."""
    reason = Incident.PendingReason.AWAITING_SUPPLIER
    words = _Words(text, reason, Kind.WAITING, next_update_at, expected_version, client_token)
    return _wait(incident, by, "wait", words)


@dataclass(frozen=True)
class _Words:
    """What is said when somebody begins to wait."""

    text: str
    reason: str
    kind: Kind
    next_update_at: datetime | None
    expected_version: int | None
    client_token: uuid.UUID | None


def _wait(incident: Incident, by: User, verb: str, words: _Words) -> Incident:
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, words.client_token):
        return incident
    moves.check(incident, verb, by=by, expected_version=words.expected_version)
    refuse_past(words.next_update_at, now)
    told: dict[str, Any] = {"client_token": words.client_token, "phase": beginning(incident).phase}
    message = say(incident, by=by, text=words.text, at=now, is_public=True, **told)
    waiting.begin(incident, now, words.reason, message.body)
    _change(incident, owner=incident.owner or by)
    promised = clocks.promise(incident, now, due_at=words.next_update_at)
    record(incident, words.kind, by=by, at=now, message=message, reason=words.reason, next_update_at=promised)
    return incident


@transaction.atomic
def go_on(incident: Incident, *, by: User | None, reason: str | None = None) -> Incident:
    """The waiting for that reason is over, or all of it."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "go_on", by=by)
    waiting.end(incident, now, reason)
    _change(incident)
    record(incident, Kind.WENT_ON, by=by, at=now, reason=reason or "")
    return incident


@transaction.atomic
def restore(
    incident: Incident,
    *,
    by: User,
    outcome: str,
    restored_by: str,
    next_update_at: datetime | None = None,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """It works again, by workaround or fix: one sentence is enough, from any state in which it did not."""
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "restore", by=by, expected_version=expected_version)
    refuse_past(next_update_at, now)
    restored_by = _known(restored_by)
    message = _said_of_the_end(incident, by, outcome, now, Phase.RESTORED, client_token)
    waiting.end(incident, now)
    _change(
        incident,
        status=Status.RESTORED,
        restored_by=restored_by,
        restored_at=now,
        outcome=message.body,
        owner=incident.owner or by,
    )
    clocks.stop(incident, Clock.Kind.RESTORE, now)
    clocks.start(incident, Clock.Kind.CLOSE_OUT, now)
    watching.begin(incident, now)
    parking.conclude_all(incident, now, by)
    promised = clocks.promise(incident, now, due_at=next_update_at, stretch=clocks.MONITORING_GAP)
    record(incident, Kind.RESTORED, by=by, at=now, message=message, restored_by=restored_by, next_update_at=promised)
    calls.to_confirm(incident, now)
    return incident


@transaction.atomic
def resolve(
    incident: Incident,
    *,
    by: User,
    note: str = "",
    restored_by: str = Incident.RestoredBy.FIX,
    expected_version: int | None = None,
    client_token: uuid.UUID | None = None,
) -> Incident:
    """Solved for good, or the workaround is accepted as final; the customer is told and may say no."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "resolve", by=by, expected_version=expected_version)
    message = _said_of_the_end(incident, by, note, now, Phase.REPORT, client_token) if note.strip() else None
    was_down = incident.is_down
    waiting.end(incident, now)
    _change(
        incident,
        status=Status.RESOLVED,
        resolved_at=now,
        restored_at=incident.restored_at or now,
        restored_by=incident.restored_by or _known(restored_by),
        outcome=incident.outcome or (message.body if message else ""),
        owner=incident.owner or by,
    )
    if message is None:  # a change of state keeps no promise of a word: that one ends without a verdict
        clocks.cancel(incident, now, kinds=[Clock.Kind.UPDATE])
    for kind in Clock.Kind:
        clocks.stop(incident, kind, now)
    parking.conclude_all(incident, now, by)
    record(incident, Kind.RESOLVED, by=by, at=now, message=message)
    later.owe(incident, now)
    if was_down:
        calls.to_confirm(incident, now)
    return incident


def _said_of_the_end(
    incident: Incident, by: User, text: str, at: datetime, phase: str, client_token: uuid.UUID | None = None
) -> Message:
    """The one sentence that it works again, or what was done: what later updates start from."""
    slots = {Slot.NOTICE.value: readable(text)}
    return say(incident, by=by, text=text, at=at, is_public=True, client_token=client_token, phase=phase, slots=slots)


@transaction.atomic
def still_broken(
    incident: Incident, *, by: User, text: str = "", client_token: uuid.UUID | None = None, quoted: str = ""
) -> Incident:
    """The customer's veto: it is open again at once, and the restore clock goes on with the time already used.

    A report that follows a major incident goes on alone from then on, and that one stays as it is.
    After the reopen window it becomes a new incident with clocks of its own that follows this one (rule 10); that is
    what is returned then.
    """
    now = moment.now()
    incident = locked(incident)
    if was_said(incident, by, client_token):
        return incident
    moves.check(incident, "still_broken", by=by)
    if now > reopen_until(incident):
        return _report_anew(incident, by, text, client_token)
    message = None
    if text.strip():
        message = say(incident, by=by, text=text, at=now, is_public=True, client_token=client_token, quoted=quoted)
    was, dissents = incident.status, incident.is_joined
    _change(
        incident,
        is_dissent=incident.is_dissent or dissents,
        status=Status.IN_PROGRESS if incident.owner else Status.NEW,
        restored_at=None,
        restored_by="",
        resolved_at=None,
        closed_at=None,
        outcome="",
        reopened=incident.reopened + 1,
        details={name: said for name, said in incident.details.items() if name != clocks.CONTACT_AT},
    )
    clocks.relapse(incident, now)
    watching.relapsed(incident)
    clocks.start(incident, Clock.Kind.TEAM, now)
    clocks.rearm(incident, now)
    calls.drop(incident, now, CallTask.Why.CONFIRM)
    record(incident, Kind.RELAPSED, by=by, at=now, message=message, was=was)
    if dissents:
        _goes_on_alone(incident, by, now)
    return incident


def _goes_on_alone(incident: Incident, by: User, at: datetime) -> None:
    """It followed another one, which stays as it is; the word that was promised there is still owed here."""
    assert incident.parent is not None
    promised = clocks.open_promise(incident.parent)
    if promised:
        clocks.promise_no_later(incident, promised, at)
    record(incident, Kind.DISSENTED, by=by, at=at, parent=incident.parent.reference)


def _report_anew(incident: Incident, by: User, text: str, client_token: uuid.UUID | None) -> Incident:
    by_desk = incident.priority_basis == Incident.PriorityBasis.AGENT  # else the reporter's answers speak again
    return open_incident(
        by=by,
        reporter=incident.reporter,
        text=text.strip() or incident.title,
        service=incident.service,
        origin=incident.origin,
        impact=incident.impact if by_desk else None,
        urgency=incident.urgency if by_desk else None,
        details=incident.details,
        follows=incident,
        client_token=client_token,
    )


def reopen_until(incident: Incident) -> datetime:
    """Until when the customer may say "still not working"; while it is only restored, any time."""
    if incident.resolved_at is None:
        return datetime.max.replace(tzinfo=moment.now().tzinfo)
    return clocks.after(incident, "reopen_window_bd", incident.resolved_at)


def close_at(incident: Incident) -> datetime:
    """When a solved incident closes by itself."""
    assert incident.resolved_at is not None
    return clocks.after(incident, "auto_close_bd", incident.resolved_at)


@transaction.atomic
def prioritise(
    incident: Incident, *, by: User, impact: int, urgency: int, expected_version: int | None = None
) -> Incident:
    """Who is affected and how much; running clocks keep the time they used and get the new target.

    Said with the values that are there already, it confirms them.
    """
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "prioritise", by=by, expected_version=expected_version)
    before = incident.priority
    after = priority.priority(impact, urgency, clocks.terms_of(incident).knob("priority_matrix"))
    priority.refuse_early_challenge(incident, after, answered=clocks.is_answered(incident))
    basis = Incident.PriorityBasis.AGENT
    _change(incident, impact=impact, urgency=urgency, priority=after, priority_basis=basis)
    if incident.priority != before:
        clocks.hold_to(incident, now)
    record(incident, Kind.PRIORITISED, by=by, at=now, before=before, after=incident.priority)
    if incident.priority < before:
        calls.to_contact(incident, now)
    return incident


@transaction.atomic
def cancel(incident: Incident, *, by: User, reason: str) -> Incident:
    """Withdrawn, a duplicate, or no incident at all; the clocks end without a verdict."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "cancel", by=by)
    moves.refuse_if_joined_by_others(incident)
    message = say(incident, by=by, text=reason, at=now, is_public=True)
    waiting.end(incident, now)
    _change(incident, status=Status.CANCELLED)
    clocks.cancel(incident, now)
    calls.drop(incident, now)
    parking.conclude_all(incident, now, by)
    record(incident, Kind.CANCELLED, by=by, at=now, message=message)
    return incident


@transaction.atomic
def close(incident: Incident, *, by: User | None = None) -> Incident:
    """The record is complete; nothing is asked of the customer for it."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "close", by=by)
    _change(incident, status=Status.CLOSED, closed_at=now)
    calls.drop(incident, now, *calls.OVER_WHEN_CLOSED)
    record(incident, Kind.CLOSED, by=by, at=now)
    return incident


def close_overdue(now: datetime | None = None) -> int:
    """Closes what has been solved for as long as its policy says. Returns how many."""
    now = now or moment.now()
    solved = Incident.objects.filter(status=Status.RESOLVED, resolved_at__lte=now).select_related("policy")
    ripe = [incident for incident in solved.iterator(chunk_size=500) if close_at(incident) <= now]
    closed = 0
    for incident in ripe:
        with suppress(MoveRefused):  # opened again between the look and the lock
            close(incident)
            closed += 1
    return closed


@transaction.atomic
def revoke_links(incident: Incident, *, by: User) -> Incident:
    """All signed links sent so far for this incident end now."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "revoke_links", by=by)
    incident.links_epoch += 1
    incident.save(update_fields=["links_epoch"])
    record(incident, Kind.LINKS_REVOKED, by=by, at=now)
    return incident


def _change(incident: Incident, **values: Any) -> None:
    """Sets the values and moves the version, which tells a stale form from a fresh one."""
    for name, value in values.items():
        setattr(incident, name, value)
    incident.version += 1
    incident.save(update_fields=[*values, "version"])


def _known(restored_by: str) -> str:
    if restored_by not in Incident.RestoredBy.values:
        raise Refused(_("Please say whether it works by a fix or by a workaround."))
    return restored_by
