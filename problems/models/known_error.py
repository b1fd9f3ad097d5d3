"""Known errors: what happens, and what helps until the cause is gone."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Service, User
from incidents.models import CauseCategory, Incident
from itsm.events import UNRELAYED, Event, EventQuerySet
from itsm.lexemes import LexemesField
from problems.models.problem import Problem


class KnownErrorQuerySet(models.QuerySet["KnownError"]):
    def visible_to(self, user: User) -> Self:
        """Customers read what was reviewed for them; the desk reads what is its customers', and what is shared."""
        if user.is_customer_side:
            return self.of(user.customer_id).filter(status=KnownError.Status.CUSTOMERS)
        mine = Q(customer__in=Customer.objects.visible_to(user))
        return self.filter(mine | Q(customer__isnull=True)) if user.is_agent else self.filter(mine)

    def of(self, customer: int | None) -> Self:
        """What may help somebody at this customer: its own and what is shared."""
        return self.filter(Q(customer=customer) | Q(customer__isnull=True))

    def published(self) -> Self:
        return self.filter(status__in=KnownError.PUBLISHED)


class KnownError(models.Model):
    """What happens under which conditions, and what makes work possible meanwhile. Without a customer: shared by all.

    What is shared names nobody: that is checked with each change of it (`problems.naming`).
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        AGENTS = "agents", _("For the desk")
        CUSTOMERS = "customers", _("For customers too")
        RETIRED = "retired", _("Retired")

    PUBLISHED = (Status.AGENTS, Status.CUSTOMERS)
    # What customers read; the rest stays at the desk.
    FOR_CUSTOMERS = ("title", "symptom", "applies_when", "workaround", "verify", "error_code", "service_name")
    WORDS = (*FOR_CUSTOMERS, "cause", "risk", "affected_version")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="known_errors")
    service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    service_name = models.CharField(max_length=80, blank=True)  # what kind of service, in words: also when it is shared
    title = models.CharField(max_length=200)
    symptom = models.TextField(blank=True)
    applies_when = models.TextField(blank=True)
    cause = models.TextField(blank=True)
    workaround = models.TextField()
    verify = models.TextField(blank=True)  # how one sees that it helped
    risk = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=20, choices=CauseCategory, blank=True)
    affected_version = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    problem = models.ForeignKey(Problem, on_delete=models.SET_NULL, null=True, blank=True, related_name="known_errors")
    # Its workaround was made a draft: one for each incident, however often its event is handed on.
    drafted_from = models.OneToOneField(
        Incident, on_delete=models.SET_NULL, null=True, blank=True, related_name="drafted_known_error"
    )
    written_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # the last who changed it
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    times_used = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)  # two people who edit at once do not undo each other
    lexemes = LexemesField(default=list)

    objects = KnownErrorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(service__isnull=True, problem__isnull=True),
                name="known_error_shared_names_nobody",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | ~Q(status="draft"), name="known_error_draft_has_a_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "status"], name="known_error_customer_status"),
            GinIndex(fields=["lexemes"], name="known_error_lexemes", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return f"KE-{self.pk}"

    @property
    def is_shared(self) -> bool:
        return self.customer_id is None

    @property
    def is_published(self) -> bool:
        return self.status in self.PUBLISHED


class KnownErrorEventQuerySet(EventQuerySet["KnownErrorEvent"]):
    def visible_to(self, user: User) -> Self:
        """The desk's history; of what is shared only what happened since: whom it came from is nobody's business."""
        if user.is_customer_side:
            return self.none()
        mine = Q(customer__isnull=True) | Q(customer__in=Customer.objects.visible_to(user))
        return self.filter(mine, known_error__in=KnownError.objects.visible_to(user))


class KnownErrorEvent(Event):
    """One line of a known error's history."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("Drafted")
        CHANGED = "changed", _("Changed")
        PUBLISHED = "published", _("Published to the desk")
        REVIEWED = "reviewed", _("Published to customers")
        WITHDRAWN = "withdrawn", _("Taken back from customers")
        SHARED = "shared", _("Shared by all customers")
        RETIRED = "retired", _("Retired")
        TAKEN_UP = "taken_up", _("Taken up again")
        COMMUNICATED = "communicated", _("Passed on to those affected")

    SUBJECT = "known_error"

    known_error = models.ForeignKey(KnownError, on_delete=models.PROTECT, related_name="events")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)

    objects = KnownErrorEventQuerySet.as_manager()

    class Meta(Event.Meta):
        indexes = [
            *Event.Meta.indexes,
            models.Index(fields=["known_error", "id"], condition=UNRELAYED, name="knownerrorevent_heads"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.known_error_id}"


class KnownErrorUseQuerySet(models.QuerySet["KnownErrorUse"]):
    def visible_to(self, user: User) -> Self:
        return self.none() if user.is_customer_side else self.filter(customer__in=Customer.objects.visible_to(user))


class KnownErrorUse(models.Model):
    """That a known error was used: for an incident, or by somebody who needed none thanks to it."""

    class Way(models.TextChoices):
        RESTORED = "restored", _("works again by it")
        TOLD = "told", _("the reporter was told")
        BY_THEMSELVES = "by_themselves", _("helped somebody without a report")

    known_error = models.ForeignKey(KnownError, on_delete=models.CASCADE, related_name="uses")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, null=True, blank=True, related_name="known_error_uses"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=14, choices=Way)
    used_at = models.DateTimeField()
    # None: nobody knows yet; a relapse says no, an agent or a quiet reopen window says yes.
    worked = models.BooleanField(null=True)
    client_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = KnownErrorUseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["known_error", "incident"], condition=Q(incident__isnull=False), name="known_error_use_once"
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(worked__isnull=True), name="known_error_use_open")]

    def __str__(self) -> str:
        return f"{self.known_error_id} {self.way} {self.incident_id or ''}"


class CommunicationQuerySet(models.QuerySet["Communication"]):
    def visible_to(self, user: User) -> Self:
        return self.none() if user.is_customer_side else self.filter(customer__in=Customer.objects.visible_to(user))

    def at_work(self) -> Self:
        return self.filter(finished_at__isnull=True)


class Communication(models.Model):
    """One agent's words about a workaround, passed on to each open incident of a problem, in the background.

    It keeps its place, so that whoever finds it goes on; `token` makes each incident's update one.
    """

    known_error = models.ForeignKey(KnownError, on_delete=models.CASCADE, related_name="communications")
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    token = models.UUIDField(unique=True, editable=False)  # of the form: sent twice it is one
    told = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)  # over by then, or taken from the agent's customers
    cursor = models.BigIntegerField(default=0)  # the last incident that is done
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # a worker's sign of life (itsm.jobs)

    objects = CommunicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="communication_at_work"),
        ]

    def __str__(self) -> str:
        return f"{self.known_error_id}: {self.told} told"
