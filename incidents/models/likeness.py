"""What makes incidents look alike, what people said about that, and many reports at once."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Service, User
from incidents.models.incident import Incident
from itsm.lexemes import LexemesField


class IncidentWords(models.Model):
    """The words of an incident, apart from it: its many updates do not touch the index that they are found by.

    Written by a worker after the report (`incidents.similar`), for older incidents little by little.
    """

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="words")
    # Its index is the mark of the customer among the lexemes: one search, never past the customer.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    text = models.CharField(max_length=400)  # title and symptom, the beginning: what trigrams are made of
    lexemes = LexemesField()

    class Meta:
        # Without the list of pending entries: a worker writes, people read, and each read would go through that list.
        indexes = [GinIndex(fields=["lexemes"], name="incidentwords_lexemes", fastupdate=False)]

    def __str__(self) -> str:
        return f"words of {self.incident_id}"


class PairingQuerySet(models.QuerySet["Pairing"]):
    def visible_to(self, user: User) -> Self:
        """The desk's knowledge; customers see their incidents, not what we think of them."""
        return self.none() if user.is_customer_side else self.filter(customer__in=Customer.objects.visible_to(user))


class Pairing(models.Model):
    """What somebody at the desk said of two incidents that looked alike; the later word counts."""

    class Verdict(models.TextChoices):
        RELATED = "related", _("belong together")
        NOT_SIMILAR = "not_similar", _("not similar")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    one = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="paired_later")
    other = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="paired_earlier")
    verdict = models.CharField(max_length=12, choices=Verdict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    objects = PairingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="pairing_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="pairing_older_first"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}: {self.verdict}"


class BurstQuerySet(models.QuerySet["Burst"]):
    def visible_to(self, user: User) -> Self:
        return self.none() if user.is_customer_side else self.filter(customer__in=Customer.objects.visible_to(user))

    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Burst(models.Model):
    """Many people report the same service within minutes: perhaps a major incident; somebody decides."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")  # the earliest report of it
    reporters = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # a major was declared, somebody said no, or it was quiet
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = BurstQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service"], condition=Q(ended_at__isnull=True), name="burst_one_a_service")
        ]
        indexes = [
            models.Index(fields=["customer"], condition=Q(ended_at__isnull=True), name="burst_current"),
        ]

    def __str__(self) -> str:
        return f"{self.reporters} people report {self.service_id}"

    @property
    def minutes(self) -> int:
        """Within how many minutes they reported."""
        return max(1, round((self.last_at - self.began_at).total_seconds() / 60))
