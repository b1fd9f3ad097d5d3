"""What happened to a customer: its people, its level, its agreement; and what happened to the people who help."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.people import Customer, User
from itsm.events import UNRELAYED, Event, EventQuerySet


class CustomerEventQuerySet(EventQuerySet["CustomerEvent"]):
    def visible_to(self, user: User) -> Self:
        if user.role == User.Role.REPORTER:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))


class CustomerEvent(Event):
    """One line of a customer's history, and the outbox for what people are told of it."""

    class Kind(models.TextChoices):
        PERSON_INVITED = "person_invited", _("Invited")
        PERSON_CHANGED = "person_changed", _("Person changed")
        PERSON_DEACTIVATED = "person_deactivated", _("Log-in ended")
        PERSON_REACTIVATED = "person_reactivated", _("Log-in given back")
        PERSON_MERGED = "person_merged", _("Two entries of one person merged")
        PERSON_ERASED = "person_erased", _("Personal data erased")
        IMPORTED = "imported", _("Imported")
        PROFILE_CHANGED = "profile_changed", _("Profile changed")
        POLICY_CHANGED = "policy_changed", _("Agreement changed")
        ASSESSMENT_DUE = "assessment_due", _("Assessment due")
        LEVEL_PROPOSED = "level_proposed", _("Support model proposed")
        LEVEL_ACCEPTED = "level_accepted", _("Support model accepted")
        LEVEL_CHANGED = "level_changed", _("Support model in force")
        LEVEL_NOT_YET = "level_not_yet", _("Not yet, says the customer")
        LEVEL_DROPPED = "level_dropped", _("Proposal dropped")
        GOAL_OPENED = "goal_opened", _("Goal agreed")
        GOAL_ENDED = "goal_ended", _("Goal ended")
        ENDPOINT_ADDED = "endpoint_added", _("Program to be told added")
        ENDPOINT_CHANGED = "endpoint_changed", _("Program to be told changed")
        ENDPOINT_TESTED = "endpoint_tested", _("Program to be told tried")
        ENDPOINT_OFF = "endpoint_off", _("Program to be told switched off by us")

    SUBJECT = "customer"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="history")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # about whom
    kind = models.CharField(max_length=20, choices=Kind)

    objects = CustomerEventQuerySet.as_manager()

    class Meta(Event.Meta):
        indexes = [
            *Event.Meta.indexes,
            models.Index(fields=["customer", "-occurred_at"], name="customerevent_history"),
            models.Index(fields=["customer", "id"], condition=UNRELAYED, name="customerevent_heads"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id}"


class StaffEventQuerySet(EventQuerySet["StaffEvent"]):
    def visible_to(self, user: User) -> Self:
        """Who keeps people sees their history; each their own."""
        return self.filter(person__in=User.objects.kept_by(user))


class StaffEvent(Event):
    """One line of the history of somebody who helps. They belong to no customer, so it is a table of its own."""

    class Kind(models.TextChoices):
        INVITED = "invited", _("Invited")
        CHANGED = "changed", _("Changed")
        DEACTIVATED = "deactivated", _("Log-in ended")
        REACTIVATED = "reactivated", _("Log-in given back")
        ERASED = "erased", _("Personal data erased")

    SUBJECT = "person"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_history")
    kind = models.CharField(max_length=20, choices=Kind)

    objects = StaffEventQuerySet.as_manager()

    class Meta(Event.Meta):
        indexes = [
            *Event.Meta.indexes,
            models.Index(fields=["person", "-occurred_at"], name="staffevent_history"),
            models.Index(fields=["person", "id"], condition=UNRELAYED, name="staffevent_heads"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"
