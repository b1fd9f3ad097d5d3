"""Who else wants to know: people an incident hits as well, and people who follow it."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident


class FollowQuerySet(models.QuerySet["Follow"]):
    def visible_to(self, user: User) -> Self:
        """Staff see who follows; people at the customer only themselves."""
        seen = self.filter(incident__in=Incident.objects.visible_to(user))
        return seen.filter(person=user) if user.is_customer_side else seen


class Follow(models.Model):
    """Somebody who is told of an incident that somebody else reported."""

    class Why(models.TextChoices):
        ME_TOO = "me_too", _("It hits me too")
        FOLLOWS = "follows", _("Follows it")

    class Mode(models.TextChoices):
        """As the notifications understand it (`notifications.timing`)."""

        AS_ALL = "", _("As everything I follow")
        EVERY = "every", _("Every update")
        PHASES = "phases", _("Only when something changes: begun, works again, solved")
        DAILY = "daily", _("Once a day, all together")
        NONE = "none", _("Only here in the portal")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="followers")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="follows")
    why = models.CharField(max_length=10, choices=Why)
    # How often; empty: as the person has set it for all they follow.
    mode = models.CharField(max_length=10, choices=Mode, blank=True, default=Mode.AS_ALL)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "person"], condition=Q(ended_at__isnull=True), name="follow_once"
            )
        ]
        indexes = [models.Index(fields=["person", "-id"], name="follow_of_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.why} {self.incident_id}"
