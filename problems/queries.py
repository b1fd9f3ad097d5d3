"""The data of the problem pages, in a fixed number of queries."""

from django.db.models import Case, Count, IntegerField, Value, When

from customers.models import User
from problems.models import Problem

OVER = (Problem.Status.RESOLVED, Problem.Status.CLOSED)


def problem_list(user: User, *, limit: int = 200) -> list[Problem]:
    """What `user` may see: open ones first, newest first; each with `incident_count`."""
    is_over = Case(When(status__in=OVER, then=Value(1)), default=Value(0), output_field=IntegerField())
    problems = Problem.objects.visible_to(user).select_related("customer", "owner")
    counted = problems.annotate(incident_count=Count("incidents"), is_over=is_over)
    return list(counted.order_by("is_over", "-opened_at", "-pk")[:limit])
