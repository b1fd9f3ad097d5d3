"""What this floor holds about a person."""

from customers.held import Held
from problems.models import (
    Action,
    Communication,
    Finding,
    KnownError,
    KnownErrorEvent,
    KnownErrorUse,
    Problem,
    ProblemEvent,
    Report,
    Telling,
)

ACTION = ("problem__reference", "text", "due_on")
HELD = (
    Held(Problem, "owner", ("reference", "opened_at")),
    Held(ProblemEvent, "actor", ("problem__reference", "kind", "occurred_at")),
    Held(Action, "owner", ACTION),
    Held(Action, "done_by", ACTION),
    Held(Action, "checked_by", ACTION),
    Held(Finding, "by", ("problem__reference", "text", "at"), of_staff=("problem__reference", "at")),
    Held(Report, "released_by", ("problem__reference", "released_at")),
    Held(Telling, "by", ("problem__reference", "created_at")),
    Held(KnownError, "written_by", ("title", "changed_at")),
    Held(KnownError, "reviewed_by", ("title", "reviewed_at")),
    Held(KnownErrorEvent, "actor", ("known_error", "kind", "occurred_at")),
    Held(KnownErrorUse, "by", ("known_error__title", "way", "used_at", "worked")),
    Held(Communication, "by", ("known_error", "begun_at")),
)
