"""Writes down what happened to a problem: one row for the timeline, the audit trail and the outbox."""

from datetime import date, datetime
from typing import Any

from customers.models import User
from itsm import events
from problems.models import Problem, ProblemEvent

Kind = ProblemEvent.Kind


def record(problem: Problem, kind: ProblemEvent.Kind, *, by: User | None, at: datetime, **data: Any) -> ProblemEvent:
    """Records one event under the lock of its problem; `data` holds small facts for display only."""
    kept = {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}
    recorded = ProblemEvent.objects.create(
        problem=problem, customer_id=problem.customer_id, kind=kind, actor=by, occurred_at=at, data=kept
    )
    events.announce()
    return recorded
