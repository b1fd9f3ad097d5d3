"""Causes of incidents, and what happened to them."""

from typing import Self

from django.db import connection, models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models import CauseCategory, Incident
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
        return self.exclude(status__in=Problem.OVER)

    def in_hand(self) -> Self:
        """What its coordinator works at: open, and not put off for later. Parked ones ask for nothing."""
        return self.filter(status__in=Problem.AT_WORK, deferred_at__isnull=True)

    def asked(self) -> Self:
        """Nobody has touched them for long: somebody is to say whether they go on."""
        return self.open().filter(asked_at__isnull=False)


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

    class CloseCode(models.TextChoices):
        FIXED = "fixed", _("The cause is gone")
        ACCEPTED_RISK = "accepted_risk", _("We live with it")
        NOT_REPRODUCIBLE = "not_reproducible", _("It could not be made to happen again")
        DUPLICATE = "duplicate", _("It is the same as another")
        NO_LONGER_RELEVANT = "no_longer_relevant", _("It does not matter any more")

    class Trigger(models.TextChoices):
        """Why it was opened or proposed (`problems.criteria`)."""

        MAJOR = "major", _("a major incident")
        WORKAROUND = "workaround", _("it works by a workaround: the cause is still there")
        RECURRING = "recurring", _("the same has happened several times")
        SPREAD = "spread", _("the same has happened at several customers")
        RESTORE_MISSED = "restore_missed", _("it took longer to restore than agreed")
        NEW_KIND = "new_kind", _("somebody proposed it: a new kind of trouble")
        DATA_LOSS = "data_loss", _("data were lost or damaged")
        MONITORING_FAILED = "monitoring_failed", _("people noticed it before monitoring did")
        RESCUED_BY_HAND = "rescued_by_hand", _("it was restarted by hand: nobody knows why it stopped")
        BY_HAND = "by_hand", _("somebody opened it")

    class Depth(models.TextChoices):
        """The values of the knob `review`; the customer's part grows, ours is always there."""

        NONE = "none", _("one page in plain words for the customer")
        LIGHT = "light", _("light: half an hour together, three whys, three actions")
        STANDARD = "standard", _("standard post-incident review")
        FULL = "full", _("full analysis of the cause, shared list of actions")
        TREND = "trend", _("full, with a look at trends and whether the fix worked")

    AT_WORK = (Status.OPEN, Status.INVESTIGATING, Status.KNOWN_ERROR, Status.FIX_IN_PROGRESS)
    OVER = (Status.RESOLVED, Status.CLOSED)
    WAITING = (Status.CANDIDATE, Status.PARKED)  # nothing is asked of anybody

    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="problems")
    incidents = models.ManyToManyField(Incident, related_name="problems")
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    # What it was before it was parked, and is again once people can work: the work done is kept.
    parked_from = models.CharField(max_length=20, choices=Status, blank=True, default="", db_default="")
    triggers = models.JSONField(default=list, blank=True, db_default=Value([], models.JSONField()))
    workaround = models.TextField(blank=True)  # what made it work again, until the cause is gone
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_problems")
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)  # when it became more than a candidate
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_code = models.CharField(max_length=20, choices=CloseCode, blank=True, default="", db_default="")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    deferred_at = models.DateTimeField(null=True, blank=True)  # put off for later by its coordinator
    touched_at = models.DateTimeField(null=True, blank=True)  # when somebody last did something about it
    asked_at = models.DateTimeField(null=True, blank=True)  # since when it asks: go on, accept the risk, or close?
    # The worksheet: asked for only while it is worked at, and each part of it may stay empty.
    whys = models.JSONField(default=list, blank=True, db_default=Value([], models.JSONField()))  # the answers, in order
    factors = models.TextField(blank=True, default="", db_default="")  # what contributed, one a line
    cause_category = models.CharField(max_length=20, choices=CauseCategory, blank=True, default="", db_default="")
    cause = models.CharField(max_length=500, blank=True, default="", db_default="")  # in a sentence
    worksheet_version = models.PositiveIntegerField(default=1, db_default=1)  # two who write at once are told
    # How deep it is looked back, and the customer's part in it, and until when: by the policy of the incident.
    review_depth = models.CharField(max_length=10, choices=Depth, blank=True, default="", db_default="")
    review_due_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    # Until when the customer is given a report; empty where none is owed. A preliminary one where the analysis is long.
    preliminary_due_at = models.DateTimeField(null=True, blank=True)
    report_due_at = models.DateTimeField(null=True, blank=True)
    # The incident whose "works again" opened it: that one opens one problem, however often its event is handed on.
    opened_by = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="opened_problem")

    objects = ProblemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False, close_code__gt=""),
                name="problem_closed_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="resolved") | Q(resolved_at__isnull=False), name="problem_resolved_is_stamped"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "status"], name="problem_customer_status"),
            models.Index(
                fields=["touched_at"],
                condition=~Q(status__in=["parked", "resolved", "closed"]) & Q(asked_at__isnull=True),
                name="problem_untouched",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def is_parked(self) -> bool:
        return self.status == self.Status.PARKED

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def is_at_work(self) -> bool:
        return self.status in self.AT_WORK

    @property
    def reasons(self) -> list[str]:
        """Why it is here, in words."""
        return [str(self.Trigger(one).label) for one in self.triggers if one in self.Trigger.values]


class ProblemEventQuerySet(EventQuerySet["ProblemEvent"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(problem__in=Problem.objects.visible_to(user))


class ProblemEvent(Event):
    """One line of a problem's history."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("Opened: it is worth looking into")
        DISMISSED = "dismissed", _("Dismissed: not worth looking into")
        PARKED = "parked", _("Parked: the service is down")
        UNPARKED = "unparked", _("Taken up again: the service works")
        ASSIGNED = "assigned", _("Somebody has it")
        INVESTIGATED = "investigated", _("Being looked into")
        KNOWN = "known", _("The cause is known")
        FIX_BEGUN = "fix_begun", _("Being fixed")
        RESOLVED = "resolved", _("Resolved: the cause is gone")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Taken up again")
        LINKED = "linked", _("Incident linked")
        UNLINKED = "unlinked", _("Incident unlinked")
        MERGED = "merged", _("Merged")
        DEFERRED = "deferred", _("Put off for later")
        TAKEN_UP = "taken_up", _("No longer put off")
        UNTOUCHED = "untouched", _("Nobody has touched it for long: does it go on?")
        GOES_ON = "goes_on", _("It goes on")
        WRITTEN = "written", _("Worksheet written")
        FOUND = "found", _("Note added")
        FOUND_OUT = "found_out", _("Note judged")
        ACTION_ADDED = "action_added", _("Action agreed")
        ACTION_CHANGED = "action_changed", _("Action changed")
        ACTION_DONE = "action_done", _("Action done")
        ACTION_DROPPED = "action_dropped", _("Action dropped")
        EFFECT_DUE = "effect_due", _("Time to look whether it helped")
        EFFECT_CHECKED = "effect_checked", _("Looked whether it helped")
        TOLD = "told", _("The people who reported it were told")
        VETOED = "vetoed", _("Somebody says that it is still broken")
        REVIEWED = "reviewed", _("Review written")
        REVIEW_DONE = "review_done", _("Review done")
        REPORTED = "reported", _("Report released to the customer")

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
