"""Calls that are to be made."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident

TRIES = 2  # after them another way is better than a third


class CallTaskQuerySet(models.QuerySet["CallTask"]):
    def visible_to(self, user: User) -> Self:
        """The desk's work; customers hear the telephone."""
        if user.is_customer_side:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def to_make(self) -> Self:
        return self.filter(done_at__isnull=True)

    def late(self, now: datetime) -> Self:
        return self.to_make().filter(due_at__lt=now)


class CallTask(models.Model):
    """A call that somebody at the customer is owed: who, why and until when, and what came of it."""

    class Why(models.TextChoices):
        CONFIRM = "confirm", _("ask whether it works")
        URGENT = "urgent", _("say that we know and are on it")
        CALL_BACK = "call_back", _("call back")
        UNHAPPY = "unhappy", _("they were not satisfied: ask what went wrong")
        UNREACHED = "unreached", _("cannot be reached in writing: tell them")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("reached")
        VOICEMAIL = "voicemail", _("left a message")
        NO_ANSWER = "no_answer", _("no answer")
        OTHER_WAY = "other_way", _("told another way")
        NOT_NEEDED = "not_needed", _("not needed any more")

    ENDING = (Outcome.REACHED, Outcome.OTHER_WAY, Outcome.NOT_NEEDED)

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="calls")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)  # of somebody who has no log-in
    number = models.CharField(max_length=80, blank=True)  # what to dial; empty: nobody told us yet
    why = models.CharField(max_length=12, choices=Why)
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)  # of the last try
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    # Who has been told that it is late, as it is due now: 0 nobody, 1 whoever has it, 2 the lead as well.
    late_told = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = CallTaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "why"],
                condition=Q(done_at__isnull=True) & ~Q(why="unreached"),
                name="calltask_one_open_a_reason",
            ),
            models.UniqueConstraint(
                fields=["incident", "person", "name"],
                condition=Q(done_at__isnull=True, why="unreached"),
                nulls_distinct=False,
                name="calltask_one_open_a_person",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(name__gt="") | Q(number__gt=""), name="calltask_is_to_somebody"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(outcome__gt=""), name="calltask_done_says_what_came_of_it"
            ),
        ]
        indexes = [models.Index(fields=["customer", "due_at"], condition=Q(done_at__isnull=True), name="calltask_open")]

    def __str__(self) -> str:
        return f"{self.why} call to {self.called} for {self.incident_id}"

    @property
    def called(self) -> str:
        return self.person.name if self.person else self.name or self.number

    @property
    def wants_another_way(self) -> bool:
        """Tried often enough: a message in writing reaches them sooner."""
        return self.done_at is None and self.tries >= TRIES

    @property
    def is_written_to(self) -> bool:
        """After the last try a message goes out by itself; it needs somebody whose address we know."""
        return self.wants_another_way and self.person_id is not None
