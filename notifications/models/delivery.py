"""Who is told what, by which way, and what came of it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, CustomerEvent, StaffEvent, User
from incidents.models import Incident, IncidentEvent
from notifications.models.endpoint import Endpoint
from problems.models import ProblemEvent


def _only(told: str) -> Q:
    """Of the events that a message may tell of, it tells of this one."""
    events = ("event", "customer_event", "staff_event", "problem_event")
    return Q(**{f"{each}__isnull": each != told for each in events})


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> Self:
        """The desk sees where its words went; customers see the words themselves."""
        if user.is_customer_side:
            return self.none()
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def waiting(self) -> Self:
        """Not begun, and its time has come."""
        return self.filter(state=Delivery.State.QUEUED, next_try_at__lte=Now())

    def abandoned(self) -> Self:
        """Leased by a worker that did not come back."""
        return self.filter(state=Delivery.State.LEASED, lease_until__lte=Now())

    def not_overtaking(self) -> Self:
        """Of what waits for a program only what may go out now; what waits for people is all of it.

        Nothing is said of an incident before what came earlier is settled, nothing while the program is left in peace,
        and one call at a time to a program that has failed.
        """
        here = Delivery.objects.filter(endpoint=OuterRef("endpoint"), customer=OuterRef("customer"))
        earlier = here.filter(incident=OuterRef("incident"), pk__lt=OuterRef("pk"), state__in=Delivery.UNSETTLED)
        due = here.filter(channel=OuterRef("channel"), state=Delivery.State.QUEUED, next_try_at__lte=Now())
        tried = here.filter(state=Delivery.State.LEASED, lease_until__gt=Now()).exclude(pk=OuterRef("pk"))
        # Asked as questions and not joined, so that the rows can be locked.
        program = Endpoint.objects.filter(pk=OuterRef("endpoint"), is_active=True)
        rests, fails = program.filter(rest_until__gt=Now()), program.filter(failing_since__isnull=False)
        one_at_a_time = Exists(fails) & (Exists(due.filter(pk__lt=OuterRef("pk"))) | Exists(tried))
        return self.filter(Q(endpoint__isnull=True) | ~Exists(earlier) & ~Exists(rests) & ~one_at_a_time)

    def held(self) -> Self:
        """Kept back on purpose, to go out with others."""
        return self.filter(state=Delivery.State.HELD)

    def in_the_bell(self, user: User) -> Self:
        """What stands in this person's portal, read or not."""
        return self.filter(recipient=user, channel=Delivery.Channel.PORTAL)

    def outside(self) -> Self:
        """What leaves the house; what stands in the portal is there at once."""
        return self.exclude(channel=Delivery.Channel.PORTAL)

    def given_up(self) -> Self:
        """What nobody received and nobody will, unless a person looks at it."""
        return self.filter(state__in=[Delivery.State.BOUNCED, Delivery.State.DEAD])

    def with_a_message_of_their_own(self) -> Self:
        """Sent, or about to be; what is kept, lost or carried by another has none."""
        lost = [Delivery.State.HELD, Delivery.State.BOUNCED, Delivery.State.DEAD, Delivery.State.SKIPPED]
        return self.filter(sent_with__isnull=True).exclude(state__in=lost)

    def earlier_to_the_same_person(self, delivery: "Delivery") -> Self:
        """What this person got on this incident before."""
        if delivery.incident_id is None:
            return self.none()
        thread = self.filter(incident=delivery.incident_id, recipient=delivery.recipient_id, pk__lt=delivery.pk)
        return thread.filter(channel=delivery.channel).with_a_message_of_their_own().order_by("pk")


class Delivery(models.Model):
    """One message to one person by one channel: at least once, and recognisable when it comes twice.

    It tells of one event: of an incident, of a customer, of a problem, or of somebody who helps and belongs to no
    customer. It goes to a person, to somebody without a log-in whose number the customer gave us (`name`), or to a
    program (`endpoint`).
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        HELD = "held", _("kept for later")
        LEASED = "leased", _("being sent")
        SENT = "sent", _("sent")
        BOUNCED = "bounced", _("refused by the receiver")
        DEAD = "dead", _("given up")
        SKIPPED = "skipped", _("not needed any more")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PORTAL = "portal", _("Portal")
        SMS = "sms", _("SMS")
        WEBHOOK = "webhook", _("Webhook")
        CHAT = "chat", _("Chat")

    class Held(models.TextChoices):
        """Why it waits; at `next_try_at` it goes out, with all that was kept for the same person and channel."""

        QUIET = "quiet", _("until the quiet hours end")
        DIGEST = "digest", _("for the daily digest")
        OFTEN = "often", _("because the last one has just gone out")
        DOWN = "down", _("until this channel works again")

    class Audience(models.TextChoices):
        """In whose words it is said (`notifications.audience`)."""

        AFFECTED = "affected", _("Affected people")
        STAKEHOLDERS = "stakeholders", _("Stakeholders")
        EXECUTIVES = "executives", _("Executives")
        DESK = "desk", _("The desk")

    class Rank(models.IntegerChoices):
        """Within one customer what is urgent goes first; no customer waits for another's."""

        URGENT = 0, _("urgent")
        NORMAL = 1, _("normal")
        BULK = 2, _("many at once")

    UNSETTLED = (State.QUEUED, State.HELD, State.LEASED)

    event = models.ForeignKey(IncidentEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    customer_event = models.ForeignKey(
        CustomerEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    staff_event = models.ForeignKey(
        StaffEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    problem_event = models.ForeignKey(
        ProblemEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    name = models.CharField(max_length=120, blank=True, default="", db_default="")  # of somebody without a log-in
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    audience = models.CharField(
        max_length=12, choices=Audience, default=Audience.AFFECTED, db_default=Audience.AFFECTED
    )
    rank = models.PositiveSmallIntegerField(choices=Rank, default=Rank.NORMAL, db_default=Rank.NORMAL)
    address = models.CharField(max_length=254)  # of an endpoint its host
    kind = models.CharField(max_length=30)  # which text: the templates of this name
    reason = models.CharField(max_length=60)  # the rule that chose this recipient
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in the Message-ID, on each attempt
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    held_for = models.CharField(max_length=10, choices=Held, blank=True, default="", db_default="")
    sent_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried")
    instead_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    read_at = models.DateTimeField(null=True, blank=True)  # in the portal
    next_try_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)  # rises with each lease: a late worker cannot settle another's
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="delivery_once"),
            models.UniqueConstraint(
                fields=["customer_event", "recipient", "channel"], name="delivery_once_of_customer"
            ),
            models.UniqueConstraint(fields=["staff_event", "recipient", "channel"], name="delivery_once_of_staff"),
            models.UniqueConstraint(fields=["problem_event", "recipient", "channel"], name="delivery_once_of_problem"),
            models.UniqueConstraint(fields=["event", "endpoint"], name="delivery_once_an_endpoint"),
            models.UniqueConstraint(
                fields=["event", "address", "channel"],
                condition=Q(recipient__isnull=True, endpoint__isnull=True),
                name="delivery_once_a_number",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, endpoint__isnull=True, name="")
                | Q(recipient__isnull=True, endpoint__isnull=False, name="")
                | Q(recipient__isnull=True, endpoint__isnull=True, name__gt=""),
                name="delivery_goes_to_one",
            ),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_for__gt=""), name="delivery_held_says_why"),
            models.CheckConstraint(
                condition=_only("event") | _only("customer_event") | _only("staff_event") | _only("problem_event"),
                name="delivery_tells_of_one_event",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=False, incident__isnull=False) | Q(event__isnull=True, incident__isnull=True),
                name="delivery_of_an_incident",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(staff_event__isnull=False), name="delivery_names_the_customer"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_is_stamped"
            ),
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(lease_until__isnull=False), name="delivery_lease_ends"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "customer", "rank", "next_try_at"],
                condition=Q(state="queued"),
                name="delivery_waiting",
            ),
            models.Index(fields=["channel", "next_try_at"], condition=Q(state="held"), name="delivery_held"),
            models.Index(fields=["endpoint", "-id"], condition=Q(endpoint__isnull=False), name="delivery_log"),
            models.Index(fields=["recipient", "-id"], condition=Q(channel="portal"), name="delivery_bell"),
            models.Index(
                fields=["recipient"], condition=Q(channel="portal", read_at__isnull=True), name="delivery_unread"
            ),
            models.Index(fields=["customer"], condition=Q(state__in=["bounced", "dead"]), name="delivery_given_up"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="delivery_leased"),
            models.Index(fields=["incident", "recipient", "id"], name="delivery_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}, {self.state}"

    @property
    def told_of(self) -> IncidentEvent | CustomerEvent | StaffEvent | ProblemEvent:
        """The event that this message tells of."""
        told_of = self.event or self.customer_event or self.staff_event or self.problem_event
        assert told_of is not None  # a constraint sees to it
        return told_of

    @property
    def reader(self) -> User:
        """The person who reads it; only for what goes to a person."""
        assert self.recipient is not None
        return self.recipient

    @property
    def called(self) -> str:
        """Whom it goes to, in words."""
        return str(self.recipient or self.endpoint or self.name)

    # What was found out right before it goes out: may its reader open the incident's page?
    opens: bool | None = None

    @cached_property
    def earlier(self) -> list["Delivery"]:
        """What its reader got on this incident before, the oldest first: a mail program makes one thread of it."""
        return list(Delivery.objects.earlier_to_the_same_person(self).only("kind", "public_id"))

    @cached_property
    def carries(self) -> list["Delivery"]:
        """What was kept back with it and goes out in it, the oldest first."""
        return list(self.carried.exclude(state=Delivery.State.SKIPPED).order_by("pk"))

    @property
    def can_be_sent_again(self) -> bool:
        return self.state in (self.State.BOUNCED, self.State.DEAD)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def visible_to(self, user: User) -> Self:
        """The desk's; a customer's contacts see what became of calls to their own endpoints."""
        if not user.is_customer_side:
            return self.filter(customer__in=Customer.objects.visible_to(user))
        return self.filter(delivery__endpoint__in=Endpoint.objects.visible_to(user))


class Attempt(models.Model):
    """One try to deliver, and what the other side answered."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", _("taken")
        NOT_NOW = "not_now", _("not now")
        REFUSED = "refused", _("refused")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    code = models.PositiveSmallIntegerField(null=True, blank=True)  # of SMTP or HTTP, where there was one
    answer = models.CharField(max_length=500, blank=True)
    took_ms = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    objects = AttemptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["delivery", "id"], name="attempt_of_delivery")]

    def __str__(self) -> str:
        return f"{self.number}. try of {self.delivery_id}: {self.outcome}"

    @property
    def answered(self) -> str:
        """The answer with its code, once."""
        code = "" if self.code is None or self.answer.startswith(str(self.code)) else str(self.code)
        return f"{code} {self.answer}".strip()
