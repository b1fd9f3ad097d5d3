"""What happened to an incident."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, User
from incidents.models.call import CallTask
from incidents.models.clock import Clock
from incidents.models.debt import ProcessDebt
from incidents.models.incident import Incident
from incidents.models.major import MajorRole
from incidents.models.message import Attachment, Message
from itsm.events import UNRELAYED, Event, EventQuerySet

DUTY_WORDS = {
    "begun": _("is counted from now on"), "done": _("sent"), "not_needed": _("not needed"), "reopened": _("open again"),
    "recounted": _("counted from another time"), "half": _("half of the time is over"),
    "last": _("due soon"), "missed": _("the time is over"), "pack": _("Evidence pack made"),
}  # fmt: skip


class IncidentEventQuerySet(EventQuerySet["IncidentEvent"]):
    def visible_to(self, user: User) -> Self:
        """Customers read what concerns them; what the desk does among itself stays there."""
        seen = self.filter(incident__in=Incident.objects.visible_to(user))
        if not user.is_customer_side:
            return seen
        shown = Q(attachment__isnull=True) | Q(attachment__is_public=True)
        return seen.filter(shown, kind__in=IncidentEvent.PUBLIC_KINDS)


class IncidentEvent(Event):
    """One line of an incident's history."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Reported")
        TAKEN = "taken", _("Taken")
        UPDATED = "updated", _("Update")
        NOTED = "noted", _("Note")
        ASKED = "asked", _("Question")
        ADDED = "added", _("Added by the customer")
        ATTACHED = "attached", _("File attached")
        PRIORITISED = "prioritised", _("Priority changed")
        RESTORED = "restored", _("Works again")
        RESOLVED = "resolved", _("Solved")
        RELAPSED = "relapsed", _("Still not working")
        CAUSE_GONE = "cause_gone", _("The cause is gone")
        REPORTED = "reported", _("Report on what happened")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Withdrawn")
        WAITING = "waiting", _("Waiting")
        WENT_ON = "went_on", _("Waiting is over")
        HANDED_OVER = "handed_over", _("Handed over")
        RETURNED = "returned", _("Back in the queue: nobody has it")
        MERGED = "merged", _("Merged")
        CUSTOMER_CORRECTED = "customer_corrected", _("Customer corrected")
        POLICY_APPLIED = "policy_applied", _("Agreement applied")
        DEADLINE_SET = "deadline_set", _("Deadline agreed by hand")
        MISS_WAIVED = "miss_waived", _("Not counted")
        CLOCK_WARNED = "clock_warned", _("Time is getting short")
        DEADLINE_MISSED = "deadline_missed", _("Late")
        ESCALATED = "escalated", _("Escalated")
        CALL_PLANNED = "call_planned", _("A call is due")
        CALLED = "called", _("Call")
        RECORDED = "recorded", _("Written down")
        WRITTEN_OFF = "written_off", _("Written off")
        JOINED = "joined", _("Also affected")  # somebody else presses "me too", follows, or is added by the desk
        LEFT = "left", _("Does not follow it any more")
        SURVEY_ASKED = "survey_asked", _("Asked how it went")
        RATED = "rated", _("Said how it went")
        CANNOT_REACH = "cannot_reach", _("Could not be reached")  # no way of writing to them worked
        REACHED_AGAIN = "reached_again", _("Can be reached again")  # an address, or a channel that was down
        PARKED = "parked", _("Parked for later")  # a card in the parking lot, or what became of one
        INVESTIGATION = "investigation", _("Looking for a way out")
        CAPTURE = "capture", _("Evidence before a restart")
        SUSPECTED = "suspected", _("Suspicion of an attack")
        DECLARED = "declared", _("Declared major")
        DOWNGRADED = "downgraded", _("Not major any more")
        ROLE = "role", _("Role in the major incident")
        HANDOVER_DUE = "handover_due", _("A successor is asked for")
        ATTACHED_TO = "attached_to", _("Joined a major incident")
        DETACHED = "detached", _("On its own again")
        DISSENTED = "dissented", _("Still not working for this person")
        DUTY = "duty", _("Duty to report")
        KNOWN_ERROR = "known_error", _("Known error")
        PAIRED = "paired", _("Belongs together")  # with another one, says the desk
        BURST_SEEN = "burst_seen", _("Many reports at once")
        LINKS_REVOKED = "links_revoked", _("Tracking links ended")

    PUBLIC_KINDS = (
        Kind.OPENED, Kind.TAKEN, Kind.UPDATED, Kind.ASKED, Kind.ADDED, Kind.ATTACHED, Kind.RESTORED, Kind.RESOLVED,
        Kind.RELAPSED, Kind.CLOSED, Kind.CANCELLED, Kind.WAITING, Kind.WENT_ON, Kind.MERGED, Kind.CAUSE_GONE,
        Kind.REPORTED,
    )  # fmt: skip
    SUBJECT = "incident"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="events")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, related_name="event")
    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, null=True, related_name="event")

    objects = IncidentEventQuerySet.as_manager()

    class Meta(Event.Meta):
        indexes = [
            *Event.Meta.indexes,
            models.Index(fields=["incident", "occurred_at", "id"], name="incidentevent_timeline"),
            models.Index(fields=["incident", "id"], condition=UNRELAYED, name="incidentevent_heads"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.incident_id}"

    @property
    def next_update_at(self) -> datetime | None:
        """The promise that was given with these words."""
        promised = self.data.get("next_update_at")
        return datetime.fromisoformat(promised) if promised else None

    @property
    def clock_label(self) -> str:
        """Which clock this line is about, in words; "" when it is about none."""
        kind = self.data.get("clock")
        return str(Clock.Kind(kind).label) if kind else ""

    @property
    def role_label(self) -> str:
        """The role in a major incident that this line is about, in words."""
        role = self.data.get("role")
        return str(MajorRole.Kind(role).label) if role else ""

    @property
    def duty_words(self) -> str:
        """What became of a duty to report, or that a pack of evidence was made; "" where it is about neither."""
        words = DUTY_WORDS.get(self.data.get("did", "")) if self.kind == self.Kind.DUTY else None
        about = self.data.get("name") or ", ".join(self.data.get("names", ()))
        return f"{about}: {words}" if words and about else str(words or "")

    @property
    def call_outcome(self) -> str:
        """What came of a call, in words; for a call to confirm also what it means."""
        outcome, why = self.data.get("outcome", ""), self.data.get("why", "")
        if outcome == CallTask.Outcome.REACHED and why == CallTask.Why.CONFIRM:
            return gettext("reached: asked whether it works")
        return str(CallTask.Outcome(outcome).label) if outcome else ""

    @property
    def fields_written(self) -> str:
        """The fields of the record that this line is about, in words."""
        names = self.data.get("fields") or [self.data[name] for name in ("rule",) if name in self.data]
        return ", ".join(str(ProcessDebt.Rule(name).label) for name in names)
