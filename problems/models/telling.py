"""Telling all who reported incidents of a problem that its cause is gone."""

import uuid
from typing import Self

from django.db import models

from customers.models import Customer, User
from problems.models.problem import Problem


class TellingQuerySet(models.QuerySet["Telling"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))

    def at_work(self) -> Self:
        return self.filter(finished_at__isnull=True)


class Telling(models.Model):
    """One message to many incidents, in the background; it keeps its place, so that whoever finds it goes on.

    `token` makes each incident's message one, however often the work is taken up again.
    """

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="tellings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    total = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)  # over already, or down again
    cursor = models.BigIntegerField(default=0)  # the last incident that is done
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # a worker's sign of life (itsm.jobs)

    objects = TellingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(finished_at__isnull=True), name="telling_at_work"),
        ]

    def __str__(self) -> str:
        return f"telling of {self.problem_id}: {self.told} of {self.total}"
