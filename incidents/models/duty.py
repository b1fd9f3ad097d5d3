"""What a customer owes others because of an incident, and the pack of evidence that we hand over for it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, ExternalDeadline, User
from incidents.models.incident import Incident


class AtTheDeskQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """The desk's; what was made for a customer that an incident was taken from is nobody's any more."""
        if user.is_customer_side:
            return self.none()
        return self.filter(incident__in=Incident.objects.visible_to(user), customer=F("incident__customer"))


class ExternalDuty(models.Model):
    """A report that the customer owes somebody because of this incident; we owe the evidence in time for it."""

    Base = ExternalDeadline.Base

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="external_duties")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    deadline = models.ForeignKey(ExternalDeadline, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    regime = models.CharField(max_length=20, blank=True)
    # As it was agreed when it began: what is changed in the profile later changes no duty that runs.
    hours = models.PositiveIntegerField(default=72)
    base = models.CharField(max_length=12, choices=ExternalDeadline.Base, default=ExternalDeadline.Base.AWARE)
    position = models.PositiveSmallIntegerField(default=1)  # within its regime: 1 is the first report
    known_at = models.DateTimeField(db_default=Now())  # what it counts from, while no report before it decides
    counted_from = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)  # null: counts from the report before, which is not out yet
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    not_needed = models.CharField(max_length=300, blank=True)  # why, where the customer decided so
    remind_at = models.DateTimeField(null=True, blank=True)  # what the sweep looks for
    reminders = models.PositiveSmallIntegerField(default=0)  # how far they are: incidents.duties.Reminder
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = AtTheDeskQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "name"], name="externalduty_once")]
        indexes = [
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="externalduty_to_remind")
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.incident_id}"

    @property
    def is_open(self) -> bool:
        """Neither sent nor said to be not needed."""
        return self.done_at is None and not self.not_needed

    @property
    def was_late(self) -> bool:
        return bool(self.done_at and self.due_at and self.done_at > self.due_at)


def pack_path(_pack: "EvidencePack", _name: str) -> str:
    """Under a random name, like attachments: the name that people see is made when it is handed out."""
    return f"packs/{uuid.uuid4().hex}"


class EvidencePack(models.Model):
    """One file with what happened, what was said and what was found, for a report that the customer owes.

    A worker makes it. The file goes after some weeks; that there was one, who asked and its hash stay.
    """

    class State(models.TextChoices):
        MAKING = "making", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")
        DELETED = "deleted", _("deleted")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="evidence_packs")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    is_internal = models.BooleanField(default=False)  # for our own use: with what was said among the desk
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.MAKING)
    tries = models.PositiveSmallIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)  # a worker's sign of life (itsm.jobs)
    made_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to=pack_path, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)  # how many are in it
    sha256 = models.CharField(max_length=64, blank=True)
    keep_until = models.DateTimeField(null=True, blank=True)

    objects = AtTheDeskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "is_internal"], condition=Q(state="making"), name="evidencepack_one_in_the_making"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(made_at__isnull=False, keep_until__isnull=False, sha256__gt=""),
                name="evidencepack_ready_is_sealed",
            ),
        ]
        indexes = [models.Index(fields=["keep_until"], condition=Q(state="ready"), name="evidencepack_to_delete")]

    def __str__(self) -> str:
        return f"evidence of {self.incident_id}: {self.state}"
