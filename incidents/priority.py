"""Impact and urgency make the priority; who sets them is the policy's matter.

Where nobody has said anything, the service speaks: a critical one is assumed to concern a group. The reporter's
answers then set nothing, suggest something or decide, by the knob `priority_by`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from customers.policy import Terms
from incidents.models import Incident
from itsm.refusal import Refused

Scale, Basis = Incident.Scale, Incident.PriorityBasis

# Rows: impact high, medium, low; columns: urgency high, medium, low. The field's usual shape (docs/glossary.md).
MATRIX = (
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 4),
)
# The knob `priority_by` -> what it is called when the reporter's answers have set it; not there: they set nothing.
WAYS = {
    "suggestion": Basis.SUGGESTED,
    "questions": Basis.ANSWERS,
    "matrix": Basis.MATRIX,
    "criteria": Basis.CRITERIA,
}
CUSTOMERS_OWN = (Basis.MATRIX, Basis.CRITERIA)  # ours to act on first, and to challenge then
UNSETTLED = (Basis.ASSUMED, Basis.SUGGESTED)  # the desk still has to say something


@dataclass(frozen=True)
class Setting:
    """How bad it is, and on whose word."""

    impact: int
    urgency: int
    basis: str


def priority(impact: int, urgency: int, matrix: Sequence[Sequence[int]] = MATRIX) -> int:
    """1 (most urgent) to 4. Refuses what is no scale."""
    if impact not in Scale or urgency not in Scale:
        raise Refused(_("Please say how many are affected and how much it hinders them: high, medium or low."))
    return matrix[impact - 1][urgency - 1]


def assumed(*, critical: bool) -> Setting:
    """What it runs at while nobody has said anything."""
    return Setting(Scale.MEDIUM if critical else Scale.LOW, Scale.MEDIUM, Basis.ASSUMED)


def by_desk(impact: int | None, urgency: int | None, *, critical: bool) -> Setting | None:
    """What somebody at the desk has said, or None."""
    if not impact and not urgency:
        return None
    without = assumed(critical=critical)
    return Setting(impact or without.impact, urgency or without.urgency, Basis.AGENT)


def by_answers(terms: Terms, details: dict[str, Any], *, critical: bool) -> Setting:
    """What the reporter's answers make of it under these terms."""
    without = assumed(critical=critical)
    basis = WAYS.get(terms.knob("priority_by"))
    affected, working = details.get("affected"), details.get("working")
    if basis is None or not (affected or working):
        return without
    said = Setting(affected or without.impact, working or without.urgency, basis)
    if basis == Basis.SUGGESTED:  # until the desk has confirmed it, the higher of both holds
        return Setting(min(said.impact, without.impact), min(said.urgency, without.urgency), basis)
    if basis == Basis.CRITERIA and critical and said.urgency == Scale.HIGH:  # a critical service stands still
        return Setting(Scale.HIGH, said.urgency, basis)
    return said


def refuse_early_challenge(incident: Incident, after: int, *, answered: bool) -> None:
    """What the customer set by agreement is acted on first; then the desk may say that it is less."""
    if incident.priority_basis in CUSTOMERS_OWN and after > incident.priority and not answered:
        raise Refused(
            _("The customer set P%(priority)d, as agreed. Please answer first; then it may be set lower.")
            % {"priority": incident.priority}
        )
