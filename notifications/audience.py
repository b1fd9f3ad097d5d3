"""Who is told of what, and by which rule: one table, read from left to right.

The person who did it is not told of it, except that each report is answered with a receipt. Who has two roles in
one event gets one message, by the rule that stands first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from customers.models import User
from incidents.models import IncidentEvent

Kind = IncidentEvent.Kind
Rule = Callable[[IncidentEvent], Iterable[User]]
RECEIPT = "received"
URGENT = 1  # the priority at which the leads hear of a report at once


@dataclass(frozen=True)
class Told:
    """`kind` is the text that is sent, `reason` the rule that chose this person."""

    person: User
    kind: str
    reason: str


def _reporter(event: IncidentEvent) -> Iterable[User]:
    return [event.incident.reporter]


def _owner(event: IncidentEvent) -> Iterable[User]:
    return [event.incident.owner] if event.incident.owner else []


def _owner_or_team(event: IncidentEvent) -> Iterable[User]:
    return _owner(event) or User.objects.filter(memberships__team=event.incident.team_id).order_by("pk")


def _leads(event: IncidentEvent) -> Iterable[User]:
    return event.incident.team.leads().order_by("pk")


def _leads_if_urgent(event: IncidentEvent) -> Iterable[User]:
    return _leads(event) if event.incident.priority == URGENT else []


def _managers(event: IncidentEvent) -> Iterable[User]:
    team = User.objects.filter(memberships__team=event.incident.team_id, role=User.Role.MANAGER)
    return team.order_by("pk")


def _contacts(event: IncidentEvent) -> Iterable[User]:
    return event.incident.customer.people.filter(role=User.Role.CONTACT).order_by("pk")


def _owner_or_leads(event: IncidentEvent) -> Iterable[User]:
    return _owner(event) or _leads(event)


def _if_told(rung: str, who: Rule) -> Rule:
    """Only where the customer's escalation ladder names them for this threshold (`incidents.rungs`)."""
    return lambda event: who(event) if rung in event.data.get("tell", ()) else []


LADDER = [
    ("owner", "owner", _owner_or_leads), ("lead", "lead_of_the_team", _leads), ("manager", "manager", _managers),
]  # fmt: skip
LADDER_LATE = [
    *[("late", reason, _if_told(rung, who)) for rung, reason, who in LADDER],
    ("late_contact", "contact", _if_told("contact", _contacts)),
]
LADDER_SHORT = [
    *[("time_short", reason, _if_told(rung, who)) for rung, reason, who in LADDER],
    ("short_contact", "contact", _if_told("contact", _contacts)),
]

# What happened -> (text, rule, who).
RULES: dict[str, list[tuple[str, str, Rule]]] = {
    Kind.OPENED: [(RECEIPT, "reporter", _reporter), ("urgent", "lead_of_the_team", _leads_if_urgent)],
    Kind.TAKEN: [("taken", "reporter", _reporter)],
    Kind.UPDATED: [("update", "reporter", _reporter)],
    Kind.ASKED: [("question", "reporter", _reporter)],
    Kind.RESTORED: [("restored", "reporter", _reporter)],
    Kind.RESOLVED: [("resolved", "reporter", _reporter)],
    Kind.CANCELLED: [("withdrawn", "reporter", _reporter)],
    Kind.RELAPSED: [("still_broken", "owner_or_team", _owner_or_team)],
    Kind.ADDED: [("customer_wrote", "owner", _owner)],
    Kind.DEADLINE_MISSED: LADDER_LATE,
    Kind.ESCALATED: LADDER_LATE,
    Kind.CLOCK_WARNED: LADDER_SHORT,
}


def audience(event: IncidentEvent) -> list[Told]:
    """Each person once."""
    told: dict[int, Told] = {}
    for kind, reason, who in RULES.get(event.kind, []):
        for person in who(event):
            if person.is_active and (person.pk != event.actor_id or kind == RECEIPT):
                told.setdefault(person.pk, Told(person, kind, reason))
    return list(told.values())
