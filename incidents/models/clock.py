"""The clocks of an incident, as stored."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User

PROMISE_SOON = timedelta(minutes=15)  # how long before it is due a promise wants somebody's attention
KEPT_WITHIN = timedelta(seconds=60)  # an update that comes so little after its time has kept the promise
# The same as `Clock.was_kept`; what is not known is not kept.
KEPT = Q(breached_at__isnull=True) | Q(
    kind="update", state="stopped", due_at__isnull=False, stopped_at__lte=F("due_at") + KEPT_WITHIN
)


class ClockQuerySet(models.QuerySet["Clock"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def active(self) -> Self:
        return self.filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED])

    def running(self) -> Self:
        return self.filter(state=Clock.State.RUNNING)

    def promises(self) -> Self:
        """What tells when the next human word is due: the update clock, and until the first answer the response."""
        return self.running().filter(kind__in=Clock.PROMISES)

    def restoring(self) -> Self:
        return self.running().filter(kind=Clock.Kind.RESTORE)

    def pressing(self, now: datetime) -> Self:
        """What needs somebody now: late, in its last quarter, or a word that is due within 15 minutes.

        One that stands still is here only when it is late already: nothing runs out meanwhile.
        """
        in_last_quarter = Q(state=Clock.State.RUNNING, at_risk_at__lte=now)
        word_due = Q(state=Clock.State.RUNNING, kind__in=Clock.PROMISES, due_at__lte=now + PROMISE_SOON)
        return self.active().filter(in_last_quarter | word_due | Q(breached_at__isnull=False))

    def paused(self) -> Self:
        return self.filter(state=Clock.State.PAUSED)

    def to_alert(self, now: datetime) -> Self:
        # A deadline agreed by hand holds while the clock stands still, so the state is not asked.
        return self.filter(next_alert_at__lte=now)

    def judged_between(self, start: datetime, end: datetime) -> Self:
        """Clocks with a verdict in the period: finished in it, or overdue in it and not finished.

        Leaving out what is open and overdue, or was overdue before it was cancelled, would make every figure
        rosier than the truth. One that somebody waived, with name and reason, counts no more (rule 13).
        """
        finished = Q(state=Clock.State.STOPPED, stopped_at__gte=start, stopped_at__lt=end)
        overdue = ~Q(state=Clock.State.STOPPED) & Q(breached_at__gte=start, breached_at__lt=end)
        return self.filter(finished | overdue, waiver__isnull=True)

    def met(self) -> Self:
        return self.filter(KEPT)

    def missed(self) -> Self:
        return self.filter(~KEPT)


class Clock(models.Model):
    """One promise of time on an incident: until when somebody answers, tells news, or makes it work again."""

    class Kind(models.TextChoices):
        RESPONSE = "response", _("First answer")
        UPDATE = "update", _("Next update")
        RESTORE = "restore", _("Restore")
        REPLY = "reply", _("Reply")
        CLOSE_OUT = "close_out", _("Close-out")
        TEAM = "team", _("Team's own target")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")
        CANCELLED = "cancelled", _("cancelled")

    PROMISES = (Kind.RESPONSE, Kind.REPLY, Kind.UPDATE)
    JUDGED = (Kind.RESPONSE, Kind.UPDATE, Kind.RESTORE)  # what a customer is promised, and dashboards count

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="clocks")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    cycle = models.PositiveIntegerField(default=1)  # each update promise is a cycle of its own
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    priority = models.PositiveSmallIntegerField()  # the one its target belongs to
    level = models.PositiveSmallIntegerField()  # the maturity level of the policy it belongs to
    target_s = models.PositiveIntegerField()
    ledger = models.JSONField()  # the segments it ran and paused in: incidents.sla.ledger
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)  # null while paused
    at_risk_at = models.DateTimeField(null=True, blank=True)  # three quarters of the target used
    next_alert_at = models.DateTimeField(null=True, blank=True)  # what the sweep looks for
    stopped_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)  # sticky; the due instant, not when a worker noticed
    detected_at = models.DateTimeField(null=True, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "kind", "cycle"], name="clock_cycle_once"),
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=Q(state__in=["running", "paused"]),
                name="clock_one_active_a_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(due_at__isnull=False), name="clock_running_is_due_sometime"
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped") | Q(stopped_at__isnull=False), name="clock_stopped_is_stamped"
            ),
        ]
        indexes = [
            models.Index(F("next_alert_at"), condition=Q(next_alert_at__isnull=False), name="clock_next_alert"),
            models.Index(fields=["kind", "stopped_at"], name="clock_kind_stopped"),
            models.Index(fields=["customer", "kind"], name="clock_customer_kind"),
            models.Index(fields=["breached_at"], condition=Q(breached_at__isnull=False), name="clock_breached"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} clock of {self.incident_id}, {self.state}"

    @property
    def was_kept(self) -> bool:
        """Nobody had to wait: an update that came within a minute of its time has kept its promise."""
        if self.breached_at is None:
            return True
        ended = self.stopped_at if self.kind == self.Kind.UPDATE and self.state == self.State.STOPPED else None
        return bool(ended and self.due_at and ended <= self.due_at + KEPT_WITHIN)

    @property
    def is_late(self) -> bool:
        """Missed and still owed."""
        return self.breached_at is not None and self.state == self.State.RUNNING


class ClockAlert(models.Model):
    """That a clock passed a threshold: once per clock and threshold, however many sweepers look.

    From 1 to 100 it is percent of the target, `BEFORE` so long before it is due as the policy says (of an update: the
    nudge, `incidents.rungs`); then `LATE` and, one more each, `REMINDER` and the numbers after it.
    """

    BEFORE, LATE, REMINDER = 0, 200, 1000

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="alerts")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    threshold = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    detected_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock", "threshold"], name="clock_alert_once")]

    def __str__(self) -> str:
        return f"{self.threshold} % of clock {self.clock_id}"


class ClockWaiver(models.Model):
    """That a missed promise is not counted, and who answers for that."""

    clock = models.OneToOneField(Clock, on_delete=models.CASCADE, related_name="waiver")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    waived_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(reason__gt=""), name="waiver_says_why")]

    def __str__(self) -> str:
        return self.reason[:60]
