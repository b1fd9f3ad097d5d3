"""What this floor holds about a person."""

from customers.held import Held
from problems.models import Problem, ProblemEvent

HELD = (
    Held(Problem, "owner", ("reference", "opened_at")),
    Held(ProblemEvent, "actor", ("problem__reference", "kind", "occurred_at")),
)
