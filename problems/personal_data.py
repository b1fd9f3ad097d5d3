"""What this floor holds about a person."""

from customers.held import Held
from problems.models import Communication, KnownError, KnownErrorEvent, KnownErrorUse, Problem, ProblemEvent

HELD = (
    Held(Problem, "owner", ("reference", "opened_at")),
    Held(ProblemEvent, "actor", ("problem__reference", "kind", "occurred_at")),
    Held(KnownError, "written_by", ("title", "changed_at")),
    Held(KnownError, "reviewed_by", ("title", "reviewed_at")),
    Held(KnownErrorEvent, "actor", ("known_error", "kind", "occurred_at")),
    Held(KnownErrorUse, "by", ("known_error__title", "way", "used_at", "worked")),
    Held(Communication, "by", ("known_error", "begun_at")),
)
