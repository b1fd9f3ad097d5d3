"""Waiting for somebody else: each reason from when until when; the clocks know only what stops them."""

from datetime import datetime

from incidents import clocks
from incidents.models import Incident, Wait
from itsm.text import headline

Status, Reason = Incident.Status, Incident.PendingReason


def begin(incident: Incident, at: datetime, reason: str, question: str) -> None:
    """Waits for one reason more; asked again for the same one, the new question stands."""
    end(incident, at, reason)
    wait = Wait.objects.create(
        incident=incident, customer_id=incident.customer_id, reason=reason, question=question, since=at
    )
    if reason in Incident.PAUSING:
        clocks.pause(incident, at, _in_ledger(wait))
    _show(incident, wait)


def end(incident: Incident, at: datetime, reason: str | None = None) -> None:
    """That reason is over, or all are; while another goes on, the incident waits for that."""
    if incident.status != Status.PENDING:
        return
    waits = list(incident.waits.going_on().order_by("since", "pk"))
    over = [wait for wait in waits if reason in (None, wait.reason)]
    for wait in over:
        wait.ended_at = at
        wait.save(update_fields=["ended_at"])
        if wait.reason in Incident.PAUSING:
            clocks.resume(incident, at, _in_ledger(wait))
    left = [wait for wait in waits if wait not in over]
    if not left:
        clocks.resume(incident, at)
    _show(incident, left[-1] if left else None)


def _show(incident: Incident, wait: Wait | None) -> None:
    incident.status = Status.PENDING if wait else Status.IN_PROGRESS
    incident.pending_reason, incident.question = (wait.reason, wait.question) if wait else ("", "")
    incident.save(update_fields=["status", "pending_reason", "question"])


def _in_ledger(wait: Wait) -> str:
    """The reason as the clock keeps it: one for each wait, readable in its explanation."""
    return f"{wait.reason}: {headline(wait.question)}"


def in_words(reason: str) -> str:
    """What was waited for, out of the clock's own reason."""
    return reason.partition(": ")[2] or reason
