"""What is still to be written down about an incident, later."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.incident import Incident


class ProcessDebtQuerySet(models.QuerySet["ProcessDebt"]):
    def visible_to(self, user: User) -> Self:
        """The desk's own homework; no customer is ever asked for it."""
        if user.is_customer_side:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def owed(self) -> Self:
        """Open, and the incident is solved: while it is not, nobody is asked for a record."""
        over = [Incident.Status.RESOLVED, Incident.Status.CLOSED]
        return self.filter(state=ProcessDebt.State.OPEN, incident__status__in=over)


class ProcessDebt(models.Model):
    """A field of the record that was left for later; it delays no state and asks no customer."""

    class Rule(models.TextChoices):
        """The fields of `customers.knobs.CLOSE_FIELDS`."""

        RESOLUTION_CODE = "resolution_code", _("What was done")
        OUTCOME = "outcome", _("The outcome in plain words")
        SERVICE = "service", _("The service")
        CAUSE_CATEGORY = "cause_category", _("Why it happened")
        CONFIGURATION_ITEM = "configuration_item", _("The part that failed")
        KNOWN_ERROR = "known_error", _("Workaround or known error")
        DETECTION = "detection", _("Who noticed it first")
        CHANGE = "change", _("The change")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        WRITTEN_OFF = "written_off", _("written off")

    class Reason(models.TextChoices):
        NO_VALUE = "no_value", _("It would help nobody")
        NOT_KNOWABLE = "not_knowable", _("Nobody can know it")
        DUPLICATE = "duplicate", _("It stands elsewhere")

    # Who reads it: what has no reader is not asked for.
    READERS: dict[str, Promise] = {
        Rule.RESOLUTION_CODE: _("for the monthly look at what helps"),
        Rule.OUTCOME: _("the customer reads it in the report"),
        Rule.SERVICE: _("for the customer's report by service"),
        Rule.CAUSE_CATEGORY: _("to see which causes come back"),
        Rule.CONFIGURATION_ITEM: _("to find what fails again and again"),
        Rule.KNOWN_ERROR: _("so that the next one is restored faster"),
        Rule.DETECTION: _("to see how often users noticed before us"),
        Rule.CHANGE: _("for the review of changes"),
    }

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="debts")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=20, choices=Rule)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=14, choices=Reason, blank=True)  # why it was written off
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    objects = ProcessDebtQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "rule"], name="processdebt_once_a_rule"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="processdebt_settled_is_stamped",
            ),
            models.CheckConstraint(
                condition=Q(state="written_off", reason__gt="") | (~Q(state="written_off") & Q(reason="")),
                name="processdebt_written_off_says_why",
                violation_error_message=_("Please say why it is written off."),
            ),
        ]
        indexes = [models.Index(fields=["customer", "due_at"], condition=Q(state="open"), name="processdebt_open")]

    def __str__(self) -> str:
        return f"{self.rule} of {self.incident_id}, {self.state}"

    @property
    def reader(self) -> Promise | str:
        """Why it is asked for, in words."""
        return self.READERS.get(self.rule, "")
