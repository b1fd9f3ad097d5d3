"""Why did it happen? What is kept for later while people cannot work, and what is done about it meanwhile."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident
from incidents.models.message import Attachment


class OfTheDeskQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """What the desk thinks about causes stays at the desk."""
        if user.is_customer_side:
            return self.none()
        return self.filter(incident__in=Incident.objects.visible_to(user))


class ParkedNoteQuerySet(OfTheDeskQuerySet):
    def about(self, incident: Incident) -> Self:
        """What lies on this incident, and on what was merged into it or hangs on it as one of many reports."""
        family = Q(incident=incident) | Q(incident__merged_into=incident) | Q(incident__parent=incident)
        return self.filter(family, customer=incident.customer_id)


class ParkedNote(models.Model):
    """A card in the parking lot of an incident: nobody works on it while the service is down, and nobody loses it."""

    class Kind(models.TextChoices):
        HYPOTHESIS = "hypothesis", _("Hypothesis")
        EVIDENCE = "evidence", _("Evidence")
        FOLLOW_UP = "follow_up", _("Follow-up")

    class Confidence(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SUPPORTED = "supported", _("supported")
        RULED_OUT = "ruled_out", _("ruled out")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="parked_notes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # Of a hypothesis.
    confidence = models.CharField(max_length=8, choices=Confidence, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # Of evidence: a file (with its hash and who uploaded it), or a link.
    attachment = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="parked_note"
    )
    link = models.URLField(max_length=500, blank=True)
    is_lost_on_restart = models.BooleanField(default=False)
    client_token = models.UUIDField(default=uuid.uuid4, editable=False)  # a form sent twice is one card
    version = models.PositiveIntegerField(default=1)

    objects = ParkedNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "by", "client_token"], name="parkednote_once_per_form"),
            models.CheckConstraint(condition=Q(text__gt=""), name="parkednote_says_something"),
            models.CheckConstraint(
                condition=Q(kind="evidence") | Q(attachment__isnull=True, link="", is_lost_on_restart=False),
                name="parkednote_only_evidence_has_a_file",
            ),
        ]
        indexes = [models.Index(fields=["incident", "id"], name="parkednote_of_incident")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"


class Investigation(models.Model):
    """Looking for a cause because it serves restoration: somebody, an aim, and a time box."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="investigations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    aim = models.CharField(max_length=300)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # the time box: 30 minutes, then somebody says whether it goes on
    extended = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    found = models.TextField(blank=True)

    objects = OfTheDeskQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(aim__gt=""), name="investigation_has_an_aim")]
        indexes = [models.Index(fields=["ends_at"], condition=Q(ended_at__isnull=True), name="investigation_running")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.aim[:60]}"


class DestructiveAction(models.Model):
    """Something that restores and may destroy evidence; what was captured before, or why nothing was."""

    class What(models.TextChoices):
        RESTART = "restart", _("Restart")
        RESTORE = "restore", _("Restore from backup")
        REIMAGE = "reimage", _("Set up anew")
        FAILOVER = "failover", _("Fail over")

    class Decision(models.TextChoices):
        CAPTURED = "captured", _("captured first")
        SKIPPED = "skipped", _("went ahead without")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="destructive_actions")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    on = models.CharField(max_length=200, blank=True)  # which machine or service
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    checklist = models.JSONField(default=list)  # [{"item": …, "done": bool}]

    objects = OfTheDeskQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.what} on {self.on}: {self.decision or '…'}"
