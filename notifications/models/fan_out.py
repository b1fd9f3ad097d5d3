"""That words of a major incident go on to the reports that joined it, and how far that has come."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from customers.models import Customer, User
from incidents.models import IncidentEvent


class FanOutQuerySet(models.QuerySet["FanOut"]):
    def visible_to(self, user: User) -> Self:
        """Where the desk's words have come to is the desk's business."""
        if user.is_customer_side:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def at_work(self) -> Self:
        return self.filter(done_at__isnull=True)


class FanOut(models.Model):
    """One event of a parent on its way to the people of its children, in batches (`itsm.jobs`)."""

    event = models.OneToOneField(IncidentEvent, on_delete=models.PROTECT, related_name="fan_out")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    cursor = models.BigIntegerField(default=0)  # the last child whose people have been told
    is_many = models.BooleanField(default=False)  # then the crowd comes after those who have to act
    children = models.PositiveIntegerField(default=0)  # told so far
    begun_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True, blank=True)  # the sign of life of its worker
    done_at = models.DateTimeField(null=True, blank=True)

    objects = FanOutQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(done_at__isnull=True), name="fanout_at_work"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} to {self.children} reports"
