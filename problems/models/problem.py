"""Causes of incidents, and what happened to them."""

from typing import Self

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models import Incident
from itsm.events import UNRELAYED, Event, EventQuerySet


def next_reference() -> str:
    """The next "PRB-17"."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('problems_reference')")
        return f"PRB-{cursor.fetchone()[0]}"


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, user: User) -> Self:
        """Problems are the desk's work; customers read about them in updates and reports."""
        if user.is_customer_side:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def open(self) -> Self:
        return self.exclude(status__in=[Problem.Status.RESOLVED, Problem.Status.CLOSED])


class Problem(models.Model):
    """The cause, or possible cause, of incidents; looked into once people can work again."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        PARKED = "parked", _("Parked")
        OPEN = "open", _("Open")
        INVESTIGATING = "investigating", _("Investigating")
        KNOWN_ERROR = "known_error", _("Known error")
        FIX_IN_PROGRESS = "fix_in_progress", _("Fix in progress")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    class Depth(models.TextChoices):
        """The values of the knob `review`; the customer's part grows, ours is always there."""

        NONE = "none", _("one page in plain words for the customer")
        LIGHT = "light", _("light: half an hour together, three whys, three actions")
        STANDARD = "standard", _("standard post-incident review")
        FULL = "full", _("full analysis of the cause, shared list of actions")
        TREND = "trend", _("full, with a look at trends and whether the fix worked")

    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="problems")
    incidents = models.ManyToManyField(Incident, related_name="problems")
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    workaround = models.TextField(blank=True)  # what made it work again, until the cause is gone
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_problems")
    opened_at = models.DateTimeField()
    # How deep it is looked back, and the customer's part in it, and until when: by the policy of the incident.
    review_depth = models.CharField(max_length=10, choices=Depth, blank=True, default="", db_default="")
    review_due_at = models.DateTimeField(null=True, blank=True)
    # The incident whose "works again" opened it: that one opens one problem, however often its event is handed on.
    opened_by = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="opened_problem")

    objects = ProblemQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["customer", "status"], name="problem_customer_status")]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class ProblemEventQuerySet(EventQuerySet["ProblemEvent"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))


class ProblemEvent(Event):
    """One line of a problem's history."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        PARKED = "parked", _("Parked: the service is down again")
        UNPARKED = "unparked", _("Taken up again: the service works")

    SUBJECT = "problem"

    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="events")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)

    objects = ProblemEventQuerySet.as_manager()

    class Meta(Event.Meta):
        indexes = [
            *Event.Meta.indexes,
            models.Index(fields=["problem", "id"], condition=UNRELAYED, name="problemevent_heads"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.problem_id}"
