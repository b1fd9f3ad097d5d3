"""Programs of a customer that are told: a webhook or a room in its chat."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def visible_to(self, user: User) -> Self:
        """Contacts keep their own, the desk sees those of the customers it serves; end users none."""
        if user.role == User.Role.REPORTER:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Endpoint(models.Model):
    """An address of a program that hears of a customer's incidents."""

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        SLACK = "slack", _("Slack-compatible room")
        TEAMS = "teams", _("Teams-compatible room")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="endpoints")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=1000)  # sealed as well: who knows a chat room's address may write there
    secret = models.CharField(max_length=200, blank=True)  # signs what we send, sealed (notifications.seal)
    up_to_priority = models.PositiveSmallIntegerField(default=4)  # 2: only P1 and P2
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True, blank=True)  # since then nothing was taken
    rest_until = models.DateTimeField(null=True, blank=True)  # the circuit breaker: not called before
    switched_off_at = models.DateTimeField(null=True, blank=True)  # by us, after days of failure
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "name"], name="endpoint_name_once"),
            models.CheckConstraint(condition=models.Q(up_to_priority__range=(1, 4)), name="endpoint_priority_1_to_4"),
        ]

    def __str__(self) -> str:
        return self.name
