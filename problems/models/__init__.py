"""Problems and what belongs to them."""

from problems.models.known_error import Communication, KnownError, KnownErrorEvent, KnownErrorUse
from problems.models.problem import Problem, ProblemEvent, ProblemEventQuerySet, ProblemQuerySet, next_reference

__all__ = [
    "Communication", "KnownError", "KnownErrorEvent", "KnownErrorUse", "Problem", "ProblemEvent",
    "ProblemEventQuerySet", "ProblemQuerySet", "next_reference",
]  # fmt: skip
