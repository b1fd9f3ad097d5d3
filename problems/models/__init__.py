"""Problems and what belongs to them."""

from problems.models.problem import Problem, ProblemEvent, ProblemEventQuerySet, ProblemQuerySet, next_reference

__all__ = ["Problem", "ProblemEvent", "ProblemEventQuerySet", "ProblemQuerySet", "next_reference"]
