"""What people said on an incident, and what they attached."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        """Internal words never leave the desk."""
        seen = self.filter(incident__in=Incident.objects.visible_to(user))
        return seen.filter(is_public=True) if user.is_customer_side else seen


class Message(models.Model):
    """Words on an incident: the report, an update, a question, an answer, or a note among agents."""

    class Phase(models.TextChoices):
        """What an update tells (docs/communication.md): five kinds of message, each for three audiences."""

        ACKNOWLEDGED = "acknowledged", _("We know about it")
        INVESTIGATING = "investigating", _("We are looking for the way out")
        IDENTIFIED = "identified", _("We know what it is, or how to work meanwhile")
        RESTORED = "restored", _("It works again")
        REPORT = "report", _("What happened, afterwards")

    class Slot(models.TextChoices):
        """The parts of a good update; what the next one starts from."""

        NOTICE = "notice", _("What people notice")
        AFFECTED = "affected", _("Who is affected, and what still works")
        DOING = "doing", _("What we are doing")
        MEANWHILE = "meanwhile", _("What people can do meanwhile")
        CHANGED = "changed", _("What is new since last time")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="messages")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_public = models.BooleanField()  # no default: who writes decides each time
    body = models.TextField()
    quoted = models.TextField(blank=True, default="", db_default="")  # what a mail carried along below its new words
    phase = models.CharField(max_length=15, choices=Phase, blank=True, default="", db_default="")
    slots = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))  # Slot -> words
    # The same for other audiences, where somebody wrote it: "stakeholders" and "executives" -> words.
    for_others = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    said_at = models.DateTimeField()
    client_token = models.UUIDField(default=uuid.uuid4, editable=False)  # a form sent twice is one message

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "author", "client_token"], name="message_once_per_form"),
            models.CheckConstraint(condition=Q(body__gt=""), name="message_says_something"),
        ]
        indexes = [models.Index(fields=["incident", "said_at"], name="message_of_incident")]

    def __str__(self) -> str:
        return self.body[:60]


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> Self:
        seen = self.filter(incident__in=Incident.objects.visible_to(user))
        return seen.filter(is_public=True) if user.is_customer_side else seen


def random_path(_attachment: "Attachment", _name: str) -> str:
    """Files lie under random names outside everything that is served: the name a person gave is only displayed."""
    name = uuid.uuid4().hex
    return f"attachments/{name[:2]}/{name}"


class Attachment(models.Model):
    """A photo or file that somebody added to an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="attachments")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_public = models.BooleanField()
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # its place in URLs
    file = models.FileField(upload_to=random_path, max_length=200)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty")]
        indexes = [models.Index(fields=["incident", "added_at"], name="attachment_of_incident")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")
