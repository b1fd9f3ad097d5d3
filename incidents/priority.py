"""Impact and urgency make the priority."""

from incidents.models import Incident

Scale = Incident.Scale

# Rows: impact high, medium, low; columns: urgency high, medium, low. The field's usual shape (docs/glossary.md).
MATRIX = (
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 4),
)


def priority(impact: int, urgency: int) -> int:
    """1 (most urgent) to 4."""
    return MATRIX[impact - 1][urgency - 1]
