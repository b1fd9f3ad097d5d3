"""What is done so that it does not happen again."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from itsm import moment
from problems.models.problem import Problem

CHECK_AFTER = timedelta(days=30)  # then somebody looks whether it helped


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))

    def late(self, now: datetime) -> Self:
        """Not done by its day, or done and not looked at by the day of its check. Parked problems ask for nothing."""
        today = now.date()
        undone = Q(done_at__isnull=True, due_on__lt=today)
        unchecked = Q(done_at__isnull=False, effect="", check_on__lt=today)
        return self.filter(undone | unchecked, dropped_at__isnull=True).exclude(problem__status__in=Problem.WAITING)


class Action(models.Model):
    """One thing that is changed: to prevent it, to notice it sooner, or to lessen the harm."""

    class Kind(models.TextChoices):
        PREVENT = "prevent", _("prevent it")
        DETECT = "detect", _("notice it sooner")
        LESSEN = "lessen", _("lessen the harm")

    class Effect(models.TextChoices):
        YES = "yes", _("It helped")
        NO = "no", _("It did not help")
        UNCLEAR = "unclear", _("Nobody can tell")

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="actions")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")  # at the desk, or at the customer
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)  # why it was dropped, or what the check has shown
    check_on = models.DateField(null=True, blank=True)
    effect = models.CharField(max_length=8, choices=Effect, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # when somebody was asked to look
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    objects = ActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(check_on__isnull=False), name="action_done_is_looked_at"
            ),
            models.CheckConstraint(
                condition=Q(effect="") | Q(checked_at__isnull=False), name="action_checked_is_stamped"
            ),
            models.UniqueConstraint(fields=["problem", "text"], name="action_once"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_at__isnull=True), name="action_to_do"),
            models.Index(fields=["check_on"], condition=Q(done_at__isnull=False, effect=""), name="action_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"

    @property
    def state(self) -> str:
        """to_do, to_check, checked or dropped."""
        if self.dropped_at:
            return "dropped"
        if not self.done_at:
            return "to_do"
        return "checked" if self.effect else "to_check"

    @property
    def next_day(self) -> date | None:
        """The day by which something is to be done about it."""
        return {"to_do": self.due_on, "to_check": self.check_on}.get(self.state)

    @property
    def is_late(self) -> bool:
        day = self.next_day
        return day is not None and day < moment.now().date()
