"""What was noted about the cause while the service was down comes along to its problem.

The incidents' floor keeps such notes in its parking lot (`incidents.models.ParkedNote`); this is the one place that
knows how they are read. Each becomes a finding, once, however often it is taken over. It stays on the incident too,
and what is judged in one place is judged in the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from customers.models import User
from incidents import moves as incident_moves
from incidents import parking
from incidents.models import Incident, ParkedNote
from problems.models import Finding, Problem

Kind, State = Finding.Kind, Finding.State


@dataclass(frozen=True)
class Card:
    """A note of an incident, as a problem needs it."""

    source: str  # never two of the same: "parkednote:17"
    kind: str
    text: str
    at: datetime
    by: User | None = None
    state: str = State.OPEN
    file_token: UUID | None = None
    note: ParkedNote | None = None  # with how sure it was, its link, and its file with the hash


def on(incident: Incident) -> Iterable[Card]:
    """The cards that lie on this incident, and on what was merged into it or hangs on it."""
    notes = ParkedNote.objects.about(incident).select_related("by", "attachment").order_by("at", "pk")
    return [
        Card(
            source=f"parkednote:{note.pk}", kind=note.kind, text=note.text, at=note.at, by=note.by, state=note.status,
            file_token=note.attachment.token if note.attachment else None, note=note,
        )
        for note in notes
    ]  # fmt: skip


def take_over(problem: Problem, incident: Incident, found: Iterable[Card] | None = None) -> None:
    """Copies the incident's cards, or these; they stay on the incident too. Twice is harmless."""
    cards = on(incident) if found is None else found
    Finding.objects.bulk_create(
        [
            Finding(
                problem=problem, customer_id=problem.customer_id, kind=card.kind, text=card.text, state=card.state,
                by=card.by, at=card.at, source=card.source, file_token=card.file_token, note=card.note,
            )
            for card in cards
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def judged_there(note_id: int, became: str) -> None:
    """Somebody has judged the card at its incident: its findings stand the same."""
    Finding.objects.filter(note=note_id).exclude(state=became).update(state=became)


def judge_there(finding: Finding, *, by: User) -> None:
    """Somebody has judged the finding at its problem: so stands its card. Its incident must be locked already."""
    note = finding.note
    if note and not incident_moves.why_not(note.incident, "note", by):
        parking.judge(note, by=by, status=finding.state)


def leave_with(incident: Incident) -> None:
    """It belongs to another customer: what was noted on it is no business of problems of this one."""
    Finding.objects.filter(note__incident=incident).exclude(customer=incident.customer_id).delete()
