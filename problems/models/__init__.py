"""Problems and what belongs to them."""

from problems.models.action import Action, ActionQuerySet
from problems.models.finding import Finding, FindingQuerySet
from problems.models.known_error import Communication, KnownError, KnownErrorEvent, KnownErrorUse
from problems.models.problem import Problem, ProblemEvent, ProblemEventQuerySet, ProblemQuerySet, next_reference
from problems.models.review import Report, ReportQuerySet, Review, ReviewQuerySet
from problems.models.telling import Telling, TellingQuerySet

__all__ = [
    "Action", "ActionQuerySet", "Communication", "Finding", "FindingQuerySet", "KnownError", "KnownErrorEvent",
    "KnownErrorUse", "Problem", "ProblemEvent", "ProblemEventQuerySet", "ProblemQuerySet", "Report", "ReportQuerySet",
    "Review", "ReviewQuerySet", "Telling", "TellingQuerySet", "next_reference",
]  # fmt: skip
