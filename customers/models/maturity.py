"""How we work together when IT fails: assessments, the level they lead to, and what is improved next."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.people import Customer, Level, User
from customers.models.profile import OfCustomerQuerySet


def _no_answers() -> list[None]:
    return [None] * 15


class MaturityAssessmentQuerySet(OfCustomerQuerySet):
    def under_way(self) -> Self:
        """Begun and neither in force nor dropped: a customer has at most one."""
        return self.filter(state__in=MaturityAssessment.UNDER_WAY)

    def in_force(self) -> Self:
        return self.filter(state=MaturityAssessment.State.IN_FORCE)


class MaturityAssessment(models.Model):
    """One assessment, kept for good: answers, what they add up to, and how the level they propose came into force."""

    class State(models.TextChoices):
        DRAFT = "draft", _("being answered")
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed, not yet in force")
        IN_FORCE = "in_force", _("in force")
        DROPPED = "dropped", _("dropped")

    UNDER_WAY = (State.DRAFT, State.PROPOSED, State.AGREED)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="assessments")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # 15 of null (not answered) or {"level": 1..5 or null (not applicable), "evidence": "told" | "shown",
    # "by": name, "version": n}; the versions let two people answer at once.
    answers = models.JSONField(default=_no_answers)
    stakes = models.TextField(blank=True)  # C1: what hurts most, when, and how
    needs = models.TextField(blank=True)  # C2: how people want to reach us and be reached
    outside_clocks = models.TextField(blank=True)  # C3: duties, peak days, freezes, suppliers
    context_version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    dimensions = models.JSONField(default=list, blank=True)  # five of 1..5 or null (not assessed), once finished
    overall = models.PositiveSmallIntegerField(choices=Level, null=True, blank=True)
    is_complete = models.BooleanField(default=False)  # no dimension is missing
    level_before = models.PositiveSmallIntegerField(choices=Level, null=True, blank=True)
    level_proposed = models.PositiveSmallIntegerField(choices=Level, null=True, blank=True)  # one step at a time
    accepted_here_at = models.DateTimeField(null=True, blank=True)
    accepted_here_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_there_at = models.DateTimeField(null=True, blank=True)
    accepted_there_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effective_on = models.DateField(null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    drop_reason = models.TextField(blank=True)

    objects = MaturityAssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state__in=["draft", "proposed", "agreed"]),
                name="maturityassessment_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | Q(finished_at__isnull=False),
                name="maturityassessment_finished_is_stamped",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "in_force"])
                | Q(accepted_here_at__isnull=False, accepted_there_at__isnull=False, effective_on__isnull=False),
                name="maturityassessment_agreed_by_both",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(in_force_at__isnull=False),
                name="maturityassessment_in_force_is_stamped",
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | Q(dropped_at__isnull=False),
                name="maturityassessment_dropped_is_stamped",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-started_at"], name="maturityassessment_history"),
            models.Index(fields=["effective_on"], condition=Q(state="agreed"), name="maturityassessment_to_come"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {self.started_at:%Y-%m-%d}"


class ImprovementGoal(models.Model):
    """One thing the customer and we want to reach in a quarter or two, from the catalogue of goals."""

    class State(models.TextChoices):
        OPEN = "open", _("under way")
        DONE = "done", _("reached")
        DROPPED = "dropped", _("dropped")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="goals")
    key = models.CharField(max_length=40)  # of the catalogue: customers/goals.toml
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    measured = models.FloatField(null=True, blank=True)  # the last figure, in the unit of its goal
    measured_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.TextField(blank=True)  # what shows that it is reached, or why it was dropped

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "key"], condition=Q(state="open"), name="improvementgoal_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(ended_at__isnull=False), name="improvementgoal_ended_is_stamped"
            ),
        ]

    def __str__(self) -> str:
        return self.key
