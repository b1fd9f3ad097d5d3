"""Major incidents: one parent, many reports, and people in roles."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident
from itsm import moment


class OfMajorQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """The war room is the desk's."""
        if user.is_customer_side:
            return self.none()
        return self.filter(incident__in=Incident.objects.visible_to(user))


class MajorIncident(models.Model):
    """That an incident was declared major: since when, by whom, and how it is run."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="major")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    call_url = models.URLField(max_length=500, blank=True)
    handover_due_at = models.DateTimeField(null=True, blank=True)
    handover_asked_at = models.DateTimeField(null=True, blank=True)
    lot_closed_at = models.DateTimeField(null=True, blank=True)
    downgraded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    downgraded_at = models.DateTimeField(null=True, blank=True)
    watch_until = models.DateTimeField(null=True, blank=True)  # the monitoring window after "works again"
    relapses = models.PositiveSmallIntegerField(default=0)
    behind_since = models.DateTimeField(null=True, blank=True)  # reports that joined have yet to follow it

    objects = OfMajorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"major {self.incident_id}"

    @property
    def is_watch_over(self) -> bool:
        """It works again, and has held for as long as it was watched."""
        return self.watch_until is not None and self.watch_until <= moment.now()


class MajorRole(models.Model):
    """Who does what in a major incident; one person may hold several, and a role may go on to somebody else."""

    class Kind(models.TextChoices):
        MANAGER = "manager", _("Incident manager")
        COMMUNICATIONS = "communications", _("Communications lead")
        TECHNICAL = "technical", _("Technical lead")
        SCRIBE = "scribe", _("Scribe")
        LIAISON = "liaison", _("Customer liaison")
        SAFETY = "safety", _("Domain safety lead")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="major_roles")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=15, choices=Kind)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="major_roles")
    name = models.CharField(max_length=120, blank=True)  # of somebody without a log-in
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    handover_note = models.TextField(blank=True)  # what the successor must know, when it ended

    objects = OfMajorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"], condition=Q(until__isnull=True), name="majorrole_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(person__isnull=False) | Q(name__gt=""), name="majorrole_is_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.called}"

    @property
    def called(self) -> str:
        return str(self.person or self.name)
