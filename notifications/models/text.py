"""Text messages that came in by telephone."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models import Incident


class InboundTextQuerySet(models.QuerySet["InboundText"]):
    def visible_to(self, user: User) -> Self:
        """The desk's. What belongs to no customer yet is seen by whoever may decide where it belongs."""
        if user.is_customer_side:
            return self.none()
        mine = Q(customer__in=Customer.objects.visible_to(user))
        return self.filter(mine | Q(customer__isnull=True) if user.is_agent else mine)

    def to_read(self) -> Self:
        """Kept and not read yet."""
        return self.filter(state=InboundText.State.STORED)

    def in_tray(self) -> Self:
        """What waits for a person: nobody knows whose it is, or what it is about."""
        return self.filter(state=InboundText.State.TRAY)


class InboundText(models.Model):
    """One SMS to us: kept as it came first, then what it became."""

    class State(models.TextChoices):
        STORED = "stored", _("stored")
        JOINED = "joined", _("added to an incident")
        ANSWERED = "answered", _("said how it went")
        STOPPED = "stopped", _("ended text messages, or began them again")
        TRAY = "tray", _("waits for a decision")
        DISMISSED = "dismissed", _("put aside by a person")

    number = models.CharField(max_length=20)  # of whoever sent it, in the form +49555...
    text = models.TextField()
    gateway_id = models.CharField(max_length=100)  # the gateway's own; the same twice is one message
    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    why = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="inbound_texts"
    )
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="inbound_texts"
    )
    received_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InboundTextQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "gateway_id"], name="inboundtext_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="stored"), name="inboundtext_to_read"),
            models.Index(fields=["-id"], condition=Q(state="tray"), name="inboundtext_tray"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.text[:40]}"
