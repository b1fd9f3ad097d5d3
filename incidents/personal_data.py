"""What this floor holds about a person, and when it may not be erased yet."""

from django.db.models import F, Func, Value
from django.utils.translation import gettext as _

from customers.held import Held
from customers.models import User
from incidents.models import (
    Attachment,
    Burst,
    CallTask,
    ClockWaiver,
    DestructiveAction,
    EvidencePack,
    ExternalDuty,
    Follow,
    Incident,
    IncidentEvent,
    Investigation,
    MajorIncident,
    MajorRole,
    Message,
    Outgoing,
    Pairing,
    ParkedNote,
    ProcessDebt,
    Recalculation,
    Survey,
)

# What was answered beside the text stays, without the numbers under which somebody is reached.
NO_NUMBERS = Func(F("details"), Value("{phone,call_back}"), template="(%(expressions)s::text[])", arg_joiner=" - ")
HELD = (
    Held(
        Incident,
        "reporter",
        ("reference", "title", "status", "origin", "opened_at", "resolved_at", "service__name", "details"),
        blanked={"details": NO_NUMBERS},
    ),
    Held(Incident, "owner", ("reference", "opened_at")),
    Held(Message, "author", ("incident__reference", "said_at", "body"), of_staff=("incident__reference", "said_at")),
    Held(
        Attachment,
        "uploaded_by",
        ("incident__reference", "added_at", "name", "content_type", "size", "sha256"),
        of_staff=("incident__reference", "added_at"),
    ),
    Held(IncidentEvent, "actor", ("incident__reference", "kind", "occurred_at")),
    Held(CallTask, "person", ("incident__reference", "why", "number", "due_at", "outcome"), blanked={"number": ""}),
    Held(CallTask, "owner", ("incident__reference", "due_at")),
    Held(CallTask, "done_by", ("incident__reference", "done_at")),
    Held(Follow, "person", ("incident__reference", "why", "mode", "created_at", "ended_at")),
    Held(Follow, "added_by", ("incident__reference", "created_at")),
    Held(
        Survey,
        "person",
        ("incident__reference", "asked_at", "answered_at", "satisfaction", "ease", "lost_min", "comment"),
        blanked={"comment": ""},
    ),
    Held(Outgoing, "by", ("incident__reference", "verb", "pressed_at", "state")),
    Held(ParkedNote, "by", ("incident__reference", "kind", "at")),
    Held(Investigation, "owner", ("incident__reference", "begun_at", "ended_at")),
    Held(Investigation, "begun_by", ("incident__reference", "begun_at")),
    Held(Investigation, "ended_by", ("incident__reference", "ended_at")),
    Held(DestructiveAction, "asked_by", ("incident__reference", "what", "asked_at")),
    Held(DestructiveAction, "decided_by", ("incident__reference", "decision", "decided_at")),
    Held(MajorIncident, "declared_by", ("incident__reference", "declared_at")),
    Held(MajorIncident, "downgraded_by", ("incident__reference", "downgraded_at")),
    Held(MajorRole, "person", ("incident__reference", "kind", "since", "until")),
    Held(ExternalDuty, "done_by", ("incident__reference", "name", "done_at")),
    Held(EvidencePack, "by", ("incident__reference", "asked_at", "state")),
    Held(Pairing, "by", ("one__reference", "other__reference", "said_at")),
    Held(Burst, "ended_by", ("first__reference", "ended_at")),
    Held(ProcessDebt, "settled_by", ("incident__reference", "rule", "settled_at")),
    Held(ClockWaiver, "by", ("clock__incident__reference", "waived_at")),
    Held(Recalculation, "by", ("created_at", "state")),
    Held(Recalculation, "decided_by", ("created_at", "state")),
)


def why_not_erase(person: User) -> str:
    """Somebody's open incidents are somebody's trouble: first they go to a colleague."""
    owned = list(Incident.objects.open().filter(owner=person).order_by("pk").values_list("reference", flat=True)[:6])
    if not owned:
        return ""
    shown = ", ".join(owned[:5]) + (" …" if len(owned) > 5 else "")
    return _("%(name)s still has open incidents: %(references)s. Please give them to somebody else first.") % {
        "name": person.name,
        "references": shown,
    }
