"""The look back at what happened, and what the customer gets of it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from problems.models.problem import Problem


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))


class Review(models.Model):
    """The post-incident review, written by the desk: how it went, and never who is to blame.

    `words` holds both the report's sections and the desk's own (`problems.sections`).
    """

    problem = models.OneToOneField(Problem, on_delete=models.CASCADE, related_name="review")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    words = models.JSONField(default=dict)  # section -> words
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ReviewQuerySet.as_manager()

    def __str__(self) -> str:
        return f"review of {self.problem_id}"


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """What was released is for the customer's contacts; end users read the updates of their incidents."""
        if user.role == User.Role.REPORTER:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Report(models.Model):
    """What the customer was given, as it was given: another release is another report."""

    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="reports")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    is_preliminary = models.BooleanField(default=False)
    title = models.CharField(max_length=200)
    content = models.JSONField()  # see problems.reviews.content_of
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["problem", "number"], name="report_numbered"),
            models.CheckConstraint(condition=Q(number__gt=0), name="report_numbers_from_one"),
        ]
        indexes = [models.Index(fields=["customer", "-released_at"], name="report_of_customer")]

    def __str__(self) -> str:
        return f"{self.title} ({self.name})"

    @property
    def name(self) -> Any:
        return _("preliminary report") if self.is_preliminary else _("report")
