"""What an incident waits for."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident


class WaitQuerySet(models.QuerySet["Wait"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(incident__in=Incident.objects.visible_to(user))

    def going_on(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Wait(models.Model):
    """A stretch of time in which the next step is somebody else's; several reasons may overlap."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="waits")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30, choices=Incident.PendingReason)
    question = models.TextField()  # what the customer reads: what we asked, or what we wait for
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WaitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "reason"], condition=Q(ended_at__isnull=True), name="wait_one_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(question__gt=""),
                name="wait_says_for_what",
                violation_error_message=_("Waiting needs words that the customer can see."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} of {self.incident_id}"
