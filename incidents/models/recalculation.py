"""A change that moves open clocks, previewed before it is applied."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Calendar, Customer, User


class RecalculationQuerySet(models.QuerySet["Recalculation"]):
    def visible_to(self, user: User) -> Self:
        """Those who may decide for each customer it concerns: a calendar may be shared by several."""
        if not user.is_lead:
            return self.none()
        mine = Customer.objects.visible_to(user)
        foreign = Customer.objects.exclude(pk__in=mine)
        shared = Q(calendar__isnull=False, calendar__customer__in=foreign)
        return self.filter(Q(customer__isnull=True) | Q(customer__in=mine)).exclude(
            pk__in=Recalculation.objects.filter(shared).values("pk")
        )

    def at_work(self) -> Self:
        return self.filter(state__in=[Recalculation.State.PREVIEWING, Recalculation.State.APPLYING])


class Recalculation(models.Model):
    """Another calendar, or today's agreement, for the incidents that are open: what it would move, then what it moved.

    It goes through the incidents by their id and keeps its place (`cursor`) with each batch, so that whoever finds it
    lying there goes on where the last one stopped.
    """

    class State(models.TextChoices):
        PREVIEWING = "previewing", _("Being computed")
        READY = "ready", _("Waits for a decision")
        APPLYING = "applying", _("Being applied")
        DONE = "done", _("Applied")
        DROPPED = "dropped", _("Dropped")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True)
    proposal = models.JSONField(default=dict)  # the calendar as it is to be; empty: today's agreement of the customer
    expected_version = models.PositiveIntegerField(default=0)  # of the calendar, when the proposal was written
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    waive_reason = models.TextField(blank=True)  # why misses that would be none are not counted; empty: they are
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PREVIEWING)
    cursor = models.BigIntegerField(default=0)  # the last incident that is done
    seen_at = models.DateTimeField(null=True, blank=True)  # a worker's sign of life; without one another goes on
    incidents_total = models.PositiveIntegerField(default=0)
    incidents_done = models.PositiveIntegerField(default=0)
    clocks_moved = models.PositiveIntegerField(default=0)
    clocks_breached = models.PositiveIntegerField(default=0)  # become late by it
    clocks_relieved = models.PositiveIntegerField(default=0)  # were late and would not have been: for a waiver
    examples = models.JSONField(default=list)  # the first of them, to look at

    objects = RecalculationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(calendar__isnull=True) ^ Q(customer__isnull=True), name="recalculation_of_one_thing"
            ),
            models.UniqueConstraint(
                fields=["calendar"],
                condition=Q(state="applying", calendar__isnull=False),
                name="recalculation_one_applying_a_calendar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.calendar or self.customer}"

    @property
    def percent(self) -> int:
        return 100 * self.incidents_done // self.incidents_total if self.incidents_total else 100
