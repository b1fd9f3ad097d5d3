"""Words on their way out: for a few seconds whoever wrote them can take them back."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    def visible_to(self, user: User) -> Self:
        """The desk's: a customer has not been told anything yet."""
        if user.is_customer_side:
            return self.none()
        return self.filter(incident__in=Incident.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(state=Outgoing.State.WAITING)


class Outgoing(models.Model):
    """What somebody pressed "send" on, before it is said: at `send_at` its verb is called, by whoever comes first."""

    class State(models.TextChoices):
        WAITING = "waiting", _("about to be sent")
        SAID = "said", _("sent")
        TAKEN_BACK = "taken_back", _("taken back")
        REFUSED = "refused", _("not sent")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="outgoing")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=20)  # a name of incidents.outgoing.VERBS
    values = models.JSONField(default=dict)
    client_token = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    refusal = models.CharField(max_length=300, blank=True)
    pressed_at = models.DateTimeField()
    send_at = models.DateTimeField()

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "by", "client_token"], name="outgoing_once_per_form"),
            models.CheckConstraint(condition=~Q(state="refused") | Q(refusal__gt=""), name="outgoing_refused_says_why"),
        ]
        indexes = [models.Index(fields=["send_at"], condition=Q(state="waiting"), name="outgoing_waiting")]

    def __str__(self) -> str:
        return f"{self.verb} for {self.incident_id}: {self.state}"
