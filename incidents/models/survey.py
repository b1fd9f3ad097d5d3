"""How it went, in the customer's own view."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.call import CallTask
from incidents.models.incident import Incident


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: User) -> Self:
        """Agents see what was said about incidents they may see; a person their own."""
        seen = self.filter(incident__in=Incident.objects.visible_to(user))
        return seen.filter(person=user) if user.is_customer_side else seen

    def answered(self) -> Self:
        return self.filter(answered_at__isnull=False)


class Survey(models.Model):
    """One question about one incident to one person, with a second page for those who want to say more.

    CSAT: 1 to 5, satisfied are 4 and 5. CES: 1 to 7, how much they agree that it was made easy (docs/surveys.md).
    """

    class By(models.TextChoices):
        PAGE = "page", _("Portal")
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="surveys")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="surveys")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # its place in URLs, without a log-in
    asked_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=10, choices=By, blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True)  # CSAT
    ease = models.PositiveSmallIntegerField(null=True, blank=True)  # CES
    lost_min = models.PositiveIntegerField(null=True, blank=True)  # working time they lost, as they see it
    comment = models.TextField(blank=True)
    call = models.ForeignKey(CallTask, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = SurveyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "person"], name="survey_once"),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="survey_satisfaction_1_to_5",
            ),
            models.CheckConstraint(condition=Q(ease__isnull=True) | Q(ease__range=(1, 7)), name="survey_ease_1_to_7"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(satisfaction__isnull=False),
                name="survey_answer_says_something",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-asked_at"], name="survey_of_person"),
            models.Index(
                fields=["customer", "answered_at"], condition=Q(answered_at__isnull=False), name="survey_answered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}, {self.person_id}: {self.satisfaction or '…'}"
