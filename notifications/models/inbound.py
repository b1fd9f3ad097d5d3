"""Mail that came in: kept as it came, before anybody reads it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models import Incident, Message
from notifications.models.delivery import Delivery


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def visible_to(self, user: User) -> Self:
        """The desk's. What belongs to no customer yet is seen by whoever may decide where it belongs."""
        if user.is_customer_side:
            return self.none()
        mine = Q(customer__in=Customer.objects.visible_to(user))
        return self.filter(mine | Q(customer__isnull=True) if user.is_agent else mine)

    def to_read(self) -> Self:
        """Stored and not read yet, or left by a worker that did not come back."""
        waiting = Q(state=InboundMail.State.STORED, next_try_at__lte=Now())
        return self.filter(waiting | Q(state=InboundMail.State.LEASED, lease_until__lte=Now()))

    def in_tray(self) -> Self:
        """What waits for a person: from somebody unknown, or unreadable."""
        return self.filter(state__in=[InboundMail.State.TRAY, InboundMail.State.QUARANTINED])

    def filed(self) -> Self:
        """What became something, or was put aside: nobody has to look at it any more."""
        return self.filter(state__in=InboundMail.FILED)


def raw_path(_mail: "InboundMail", _name: str) -> str:
    """Random names outside everything that is served."""
    name = uuid.uuid4().hex
    return f"inbound/{name[:2]}/{name}.eml"


class InboundMail(models.Model):
    """One mail: the bytes first, then what was understood of it and what it became."""

    class State(models.TextChoices):
        STORED = "stored", _("stored")
        LEASED = "leased", _("being read")
        JOINED = "joined", _("added to an incident")
        OPENED = "opened", _("opened an incident")
        ANSWERED = "answered", _("said how it went")
        KEPT = "kept", _("kept, answered by nobody")  # auto-replies, bounces, lists: see `kind`
        TRAY = "tray", _("waits for a decision")
        QUARANTINED = "quarantined", _("cannot be read")
        DISMISSED = "dismissed", _("put aside by a person")

    class Kind(models.TextChoices):
        HUMAN = "human", _("written by a person")
        AUTO_REPLY = "auto_reply", _("automatic reply")
        BOUNCE = "bounce", _("delivery report")
        LIST = "list", _("list or bulk mail")
        LOOP = "loop", _("our own mail, come back")

    FILED = (State.JOINED, State.OPENED, State.ANSWERED, State.KEPT, State.DISMISSED)

    mailbox = models.CharField(max_length=120)  # which way in: imap:desk@…, lmtp, maildir
    uid_validity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(null=True, blank=True)  # of IMAP; other ways in have none
    sha256 = models.CharField(max_length=64)  # of the bytes
    size = models.PositiveIntegerField()
    raw = models.FileField(upload_to=raw_path, max_length=200)  # empty once the bytes are not kept any more
    envelope_from = models.CharField(max_length=254, blank=True)
    envelope_to = models.CharField(max_length=254, blank=True)
    mail_id = models.CharField(max_length=300, blank=True)  # its Message-ID
    sender = models.CharField(max_length=254, blank=True)  # the address in From
    sender_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    excerpt = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.STORED)
    kind = models.CharField(max_length=10, choices=Kind, blank=True)
    why = models.CharField(max_length=300, blank=True)  # how it was filed, or why it could not be, in words
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="inbound_mails"
    )
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="inbound_mails"
    )
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="inbound_mail"
    )
    bounced = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="bounces")
    perhaps = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    next_try_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "uid_validity", "uid"],
                condition=Q(uid__isnull=False),
                name="inboundmail_once_a_uid",
            ),
            models.UniqueConstraint(fields=["mailbox", "sha256"], name="inboundmail_once_its_bytes"),
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(lease_until__isnull=False), name="inboundmail_lease_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="stored"), name="inboundmail_to_read"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="inboundmail_leased"),
            models.Index(fields=["-id"], condition=Q(state__in=["tray", "quarantined"]), name="inboundmail_tray"),
            models.Index(fields=["settled_at"], condition=Q(raw__gt=""), name="inboundmail_with_bytes"),
            models.Index(fields=["mail_id"], name="inboundmail_mail_id"),
            models.Index(fields=["sender", "-received_at"], name="inboundmail_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.sender}: {self.subject}"
