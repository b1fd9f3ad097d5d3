"""What was noted about the cause while the service was down comes along to its problem.

The incidents' floor keeps such notes in its parking lot (`incidents.models.ParkedNote`); this is the one place that
knows how they are read. Each becomes a finding, once, however often it is taken over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from customers.models import User
from incidents.models import Incident
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


def on(incident: Incident) -> Iterable[Card]:
    """The cards that lie on this incident. A parking lot will be read here; so far incidents have none."""
    return []


def take_over(problem: Problem, incident: Incident, found: Iterable[Card] | None = None) -> None:
    """Copies the incident's cards, or these; they stay on the incident too. Under the lock of the problem."""
    cards = on(incident) if found is None else found
    Finding.objects.bulk_create(
        [
            Finding(
                problem=problem, customer_id=problem.customer_id, kind=card.kind, text=card.text, state=card.state,
                by=card.by, at=card.at, source=card.source, file_token=card.file_token,
            )
            for card in cards
        ],
        ignore_conflicts=True,
    )  # fmt: skip
