"""Files of customers, people and services that are taken over as a whole or not at all."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.people import User


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        """Administrators set up the house for all customers; nobody else sees what stood in such a file."""
        return self if user.role == User.Role.ADMINISTRATOR else self.none()

    def at_work(self) -> Self:
        return self.filter(state__in=[Import.State.CHECKING, Import.State.IMPORTING])


class Import(models.Model):
    """One uploaded file: checked row by row first, then taken over in one transaction."""

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers")
        PEOPLE = "people", _("People")
        SERVICES = "services", _("Services")

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        REFUSED = "refused", _("has errors")
        READY = "ready", _("waits for a decision")
        IMPORTING = "importing", _("being taken over")
        DONE = "done", _("taken over")
        DROPPED = "dropped", _("dropped")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)  # of the file
    content = models.BinaryField()  # emptied once it is taken over or dropped
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    encoding = models.CharField(max_length=12, blank=True)
    unknown = models.JSONField(default=list)  # columns that are left out
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    errors_total = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)  # the first of them: {"row", "column", "sentence"}
    examples = models.JSONField(default=list)  # the first rows as they would be kept
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # a worker's sign of life (itsm.jobs)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["done", "dropped"]) | Q(finished_at__isnull=False),
                name="import_finished_is_stamped",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
