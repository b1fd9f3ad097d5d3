"""The incident itself."""

import uuid
from datetime import datetime
from typing import Self

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Policy, Service, Team, User
from incidents.models.clock import PROMISE_SOON, Clock
from incidents.models.codes import CauseCategory, Detection, ResolutionCode


def next_reference() -> str:
    """The next "INC-1042": from a sequence, so gaps happen and doubles do not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('incidents_reference')")
        return f"INC-{cursor.fetchone()[0]}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: User) -> Self:
        """The one door: staff by the teams they serve in, contacts their customer, end users their own.

        What a customer shares among its people is for the customer to decide; what somebody follows there they see.
        """
        mine = self.filter(customer__in=Customer.objects.visible_to(user))
        if user.role != User.Role.REPORTER:
            return mine
        followed = user.follows.filter(ended_at__isnull=True).values("incident")
        return mine.filter(Q(reporter=user) | Q(customer__shares_incidents=True) | Q(pk__in=followed))

    def open(self) -> Self:
        return self.filter(status__in=Incident.OPEN)

    def down(self) -> Self:
        """Open, and not even working again."""
        return self.filter(status__in=Incident.DOWN)

    def joined(self) -> Self:
        """Reports that follow a major incident; who said "not for me" goes on alone."""
        return self.filter(parent__isnull=False, is_dissent=False)

    def unfolded(self) -> Self:
        """What somebody has to look at by itself: not what follows another one, unless its own words want a reply."""
        owed = Clock.objects.running().filter(incident=OuterRef("pk"), kind=Clock.Kind.REPLY)
        return self.filter(Q(parent__isnull=True) | Q(is_dissent=True) | Exists(owed))

    def unowned(self) -> Self:
        return self.filter(owner__isnull=True)

    def promise_due_by(self, moment: datetime) -> Self:
        """A first answer or an update is due by then, or late already."""
        return self.filter(Exists(Clock.objects.promises().filter(incident=OuterRef("pk"), due_at__lte=moment)))

    def at_risk(self, moment: datetime) -> Self:
        """Three quarters of the time to restore are used."""
        return self.filter(Exists(Clock.objects.restoring().filter(incident=OuterRef("pk"), at_risk_at__lte=moment)))

    def in_queue_order(self, now: datetime) -> Self:
        """Majors, priority, promises late and then due within 15 minutes, own ones in their last quarter, then age.

        Never by time to breach: that would starve customers with looser targets. The level is no part of it.
        """
        promised = Clock.objects.promises().filter(incident=OuterRef("pk"))
        late, due = promised.filter(due_at__lt=now), promised.filter(due_at__lte=now + PROMISE_SOON)
        risk = Clock.objects.restoring().filter(
            incident=OuterRef("pk"), at_risk_at__lte=now, incident__owner__isnull=False
        )
        marks = {"promise_late": Exists(late), "promise_presses": Exists(due), "restore_presses": Exists(risk)}
        return self.annotate(**marks).order_by(
            "-is_major", "priority", "-promise_late", "-promise_presses", "-restore_presses", "opened_at", "pk"
        )


class Incident(models.Model):
    """Something that does not work for somebody, from the report until it is solved."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        ASSIGNED = "assigned", _("Assigned")
        IN_PROGRESS = "in_progress", _("In progress")
        PENDING = "pending", _("Pending")
        RESTORED = "restored", _("Restored")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    class Scale(models.IntegerChoices):
        HIGH = 1, _("high")
        MEDIUM = 2, _("medium")
        LOW = 3, _("low")

    class PendingReason(models.TextChoices):
        AWAITING_CUSTOMER = "awaiting_customer", _("Waiting for the customer")
        AWAITING_APPROVAL = "awaiting_approval", _("Waiting for the customer's approval")
        AWAITING_SLOT = "awaiting_slot", _("Waiting for the time the customer chose")
        AWAITING_SUPPLIER = "awaiting_supplier", _("Waiting for a supplier")

    class RestoredBy(models.TextChoices):
        FIX = "fix", _("Fixed")
        WORKAROUND = "workaround", _("Workaround")

    class Origin(models.TextChoices):
        PORTAL = "portal", _("Portal")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        API = "api", _("API")
        IN_PERSON = "in_person", _("In person")
        MONITORING = "monitoring", _("Monitoring")

    class PriorityBasis(models.TextChoices):
        """On whose word impact and urgency stand (`incidents.priority`)."""

        ASSUMED = "assumed", _("nobody has said it yet")
        SUGGESTED = "suggested", _("suggested by the reporter")
        ANSWERS = "answers", _("set by the reporter's answers")
        MATRIX = "matrix", _("set by the customer, by the matrix")
        CRITERIA = "criteria", _("set by the agreed criteria")
        AGENT = "agent", _("set by the desk")

    DOWN = (Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.PENDING)
    OPEN = (*DOWN, Status.RESTORED)
    # Only what the customer has in hand stops the clock: a supplier of ours is our business (rule 7 of docs/sla.md).
    PAUSING = (PendingReason.AWAITING_CUSTOMER, PendingReason.AWAITING_APPROVAL, PendingReason.AWAITING_SLOT)
    WORKS = (Status.RESTORED, Status.RESOLVED, Status.CLOSED)

    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="incidents")
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reported_incidents")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True)
    title = models.CharField(max_length=200)
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.PORTAL)
    impact = models.PositiveSmallIntegerField(choices=Scale, default=Scale.LOW)
    urgency = models.PositiveSmallIntegerField(choices=Scale, default=Scale.MEDIUM)
    priority = models.PositiveSmallIntegerField()  # 1 to 4, out of impact and urgency (incidents.priority)
    priority_basis = models.CharField(
        max_length=12, choices=PriorityBasis, default=PriorityBasis.ASSUMED, db_default=PriorityBasis.ASSUMED
    )
    # What the reporter said besides the text (incidents.asked), and the wish to be called.
    details = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    is_major = models.BooleanField(default=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    pending_reason = models.CharField(max_length=30, choices=PendingReason, blank=True)
    question = models.TextField(blank=True)  # what we asked, while we wait for the answer
    restored_by = models.CharField(max_length=20, choices=RestoredBy, blank=True)
    outcome = models.TextField(blank=True)  # the one sentence that said it works again
    # The record: what of it a customer's policy wants is asked for when all is over, and later (ProcessDebt).
    resolution_code = models.CharField(max_length=20, choices=ResolutionCode, blank=True, default="", db_default="")
    cause_category = models.CharField(max_length=20, choices=CauseCategory, blank=True, default="", db_default="")
    configuration_item = models.CharField(max_length=120, blank=True, default="", db_default="")  # the part that failed
    known_error = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )  # the workaround or known error that helped
    detection = models.CharField(max_length=20, choices=Detection, blank=True, default="", db_default="")
    change = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )  # the reference of the change that repaired or caused it
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="incidents")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_incidents")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT)  # the snapshot this incident is held to
    opened_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)  # moves with each public word and change of state
    links_epoch = models.PositiveIntegerField(default=0)  # raise it, and all signed links of this incident end
    client_token = models.UUIDField(default=uuid.uuid4, editable=False)  # a form sent twice is one incident
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    # A report of the same trouble: the parent's updates are its updates. One level only, held by the verb.
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    joined_at = models.DateTimeField(null=True, blank=True)  # its parent
    is_dissent = models.BooleanField(default=False, db_default=False)  # "not for me": the parent stays as it is
    suspects_attack = models.BooleanField(default=False, db_default=False)  # then evidence comes before any restart

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reporter", "client_token"], name="incident_once_per_form"),
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="incident_priority_1_to_4"),
            models.CheckConstraint(
                condition=Q(status="pending", pending_reason__gt="", question__gt="")
                | (~Q(status="pending") & Q(pending_reason="")),
                name="incident_waits_with_a_question",
                violation_error_message=_("Waiting for the customer needs a question the customer can see."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["restored", "resolved", "closed"])
                | Q(restored_at__isnull=False, restored_by__gt=""),
                name="incident_restored_is_stamped",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["resolved", "closed"]) | Q(resolved_at__isnull=False),
                name="incident_resolved_is_stamped",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False), name="incident_closed_is_stamped"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")) & Q(is_major=False),
                name="incident_is_no_child_of_itself",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "priority", "opened_at"],
                condition=Q(status__in=["new", "assigned", "in_progress", "pending", "restored"]),
                name="incident_open",
            ),
            models.Index(fields=["customer", "-opened_at"], name="incident_customer_recent"),
            models.Index(fields=["reporter", "-opened_at"], name="incident_reporter_recent"),
            models.Index(fields=["resolved_at"], condition=Q(status="resolved"), name="incident_to_close"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="incident_of_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_joined(self) -> bool:
        """It follows a major incident: the news of that one is its news."""
        return self.parent_id is not None and not self.is_dissent

    @property
    def asks_customer(self) -> bool:
        """It waits for something that only the customer can do."""
        return self.status == self.Status.PENDING and self.pending_reason in self.PAUSING

    @property
    def status_shown(self) -> str:
        """The status in words (`itsm.wording`): waiting for a supplier is not waiting for the customer."""
        return "waiting" if self.status == self.Status.PENDING and not self.asks_customer else self.status

    def coordinator(self) -> User | None:
        """Who looks after its problems: whoever is named for the service and still serves it, else the team's."""
        named = self.service.coordinator if self.service else None
        if named and named.is_active and named.memberships.filter(team__customers=self.customer_id).exists():
            return named
        return self.team.coordinator()

    @property
    def is_down(self) -> bool:
        return self.status in self.DOWN
