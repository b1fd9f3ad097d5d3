"""Which verb an incident allows to whom: one table for the verbs, the buttons and the API."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import User
from incidents.models import Incident
from itsm.refusal import Refused

Status = Incident.Status

# Verb -> the states in which it is allowed. Reopening after closing depends on the window and is the verb's matter.
MOVES: dict[str, tuple[Incident.Status, ...]] = {
    "take": Incident.OPEN,
    "update": Incident.OPEN,
    "choose_time": Incident.OPEN,
    "note": tuple(Status),
    "ask": (Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.PENDING),
    "wait": (Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.PENDING),
    "go_on": (Status.PENDING,),
    "prioritise": Incident.OPEN,
    "restore": Incident.DOWN,
    "resolve": (Status.IN_PROGRESS, Status.ASSIGNED, Status.PENDING, Status.RESTORED),
    "cancel": Incident.DOWN,
    "hand_over": Incident.OPEN,
    "merge": Incident.OPEN,
    "correct_customer": Incident.OPEN,
    "agree_deadline": Incident.OPEN,
    "apply_agreement": Incident.OPEN,
    "revoke_links": tuple(Status),
    "add": (*Incident.OPEN, Status.RESOLVED),
    "attach": (*Incident.OPEN, Status.RESOLVED),
    "hear": tuple(Status),
    "tell": Incident.DOWN,
    "still_broken": Incident.WORKS,
    "close": (Status.RESOLVED,),
    "complete": Incident.WORKS,  # the record is nobody's business while people cannot work
    "write_off": Incident.WORKS,
    "investigate": Incident.DOWN,  # once it works again, the cause is the problem's
    "capture": Incident.OPEN,
    "declare": Incident.OPEN,
    "downgrade": Incident.OPEN,
    "cause_gone": (Status.RESTORED, Status.RESOLVED),
    "give_report": Incident.WORKS,
    "promise_call": (*Incident.OPEN, Status.RESOLVED),
    "call": tuple(Status),
    "join": Incident.OPEN,
    "leave": tuple(Status),
    "attach_to": Incident.DOWN,
    "detach": Incident.OPEN,
    "dissent": Incident.WORKS,
}
# An agent may write down what a caller says.
BOTH_SIDES = {"add", "attach", "hear", "still_broken", "tell", "choose_time", "join", "leave", "attach_to"}
# What a report that follows a major incident leaves to that one.
THE_PARENTS = {"restore", "resolve", "ask", "wait", "choose_time", "cause_gone", "merge", "correct_customer"}
CUSTOMER_SIDE = BOTH_SIDES | {"cancel"}


class MoveRefused(Refused):
    """The incident is in a state in which this cannot be done, or somebody was faster."""

    status = 409


class Stale(Refused):
    """Something public was said or the state changed since the form was opened."""

    status = 409

    def __init__(self, incident: Incident) -> None:
        super().__init__(
            _("Meanwhile somebody else changed this incident. Your text is kept: please look and send again.")
        )
        self.incident = incident


def locked(incident: Incident) -> Incident:
    """The incident's row, locked and fresh: the first step of each verb.

    Locked alone and read again, in two statements: PostgreSQL checks a row it had to wait for against the rows that it
    had joined before. One whose owner changed meanwhile would come without an owner, one whose policy changed not at
    all.
    """
    Incident.objects.select_for_update(no_key=True).only("pk").get(pk=incident.pk)
    rows = Incident.objects.select_related("customer", "policy", "owner", "reporter", "team__calendar", "parent")
    return rows.get(pk=incident.pk)


def why_not(incident: Incident, verb: str, by: User | None) -> str | None:
    """A sentence why `by` cannot do this now, or None."""
    if by is not None and by.is_customer_side and verb not in CUSTOMER_SIDE:
        return _("Only the people at the desk can do this.")
    if by is not None and by.role == User.Role.REPORTER and verb == "cancel" and incident.reporter_id != by.pk:
        return _("Only whoever reported it, or your organisation's contact, can withdraw it.")
    if incident.status not in MOVES[verb]:
        return _not_now(incident)
    if incident.is_joined and verb in THE_PARENTS:
        return _left_to_parent(incident, by)
    return None


def _not_now(incident: Incident) -> str:
    return _("Not possible now: %(reference)s is “%(status)s”.") % {
        "reference": incident.reference,
        "status": incident.get_status_display(),
    }


def _left_to_parent(incident: Incident, by: User | None) -> str:
    assert incident.parent is not None
    words = {"reference": incident.reference, "parent": incident.parent.reference}
    if by is not None and by.is_customer_side:
        return _("This report belongs to a larger trouble, %(parent)s: the news of that comes here.") % words
    return (
        _("%(reference)s has joined %(parent)s. Please do it there, or take this report off %(parent)s first.") % words
    )


def refuse_if_joined_by_others(incident: Incident) -> None:
    """An incident that speaks for others cannot go away below them."""
    number = incident.children.joined().exclude(status=Status.CANCELLED).count()
    if number:
        raise MoveRefused(
            ngettext(
                "%(count)d report has joined %(reference)s. Please take it off first.",
                "%(count)d reports have joined %(reference)s. Please take them off first.",
                number,
            )
            % {"count": number, "reference": incident.reference}
        )


def allowed_moves(incident: Incident, user: User) -> dict[str, str | None]:
    """Verb -> None, or the sentence that its disabled button shows."""
    return {verb: why_not(incident, verb, user) for verb in MOVES}


def check(incident: Incident, verb: str, *, by: User | None, expected_version: int | None = None) -> None:
    """The second step of each verb, under the lock."""
    if reason := why_not(incident, verb, by):
        raise MoveRefused(reason)
    if expected_version is not None and expected_version != incident.version:
        raise Stale(incident)
