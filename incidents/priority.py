"""Impact and urgency make the priority."""

from django.utils.translation import gettext as _

from incidents.models import Incident
from itsm.refusal import Refused

Scale = Incident.Scale

# Rows: impact high, medium, low; columns: urgency high, medium, low. The field's usual shape (docs/glossary.md).
MATRIX = (
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 4),
)


def priority(impact: int, urgency: int) -> int:
    """1 (most urgent) to 4. Refuses what is no scale."""
    if impact not in Scale or urgency not in Scale:
        raise Refused(_("Please say how many are affected and how much it hinders them: high, medium or low."))
    return MATRIX[impact - 1][urgency - 1]
