"""Who is told of what, and by which rule: one table, read from left to right.

The person who did it is not told of it, except that each report is answered with a receipt. Who has two roles in
one event gets one message, by the rule that stands first: so the richest one stands first.

Besides whoever reported it, those in the roles that the incident's policy names (`told`, for P1, P2 and majors
`told_urgent`) are told of updates and of the end; of what is urgent also at the beginning, and of questions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from customers.knobs import AUDIENCE
from customers.models import ContactRole, User
from incidents import clocks
from incidents.models import IncidentEvent

Kind = IncidentEvent.Kind
Rule = Callable[[IncidentEvent], Iterable[User]]
RECEIPT = "received"
URGENT = 1  # the priority at which the leads hear of a report at once
PRESSING = 2  # up to this priority, and for majors, those of `told_urgent` are told
IN_A_ROLE = AUDIENCE[1:]  # the first is whoever reported it


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


def _is_pressing(event: IncidentEvent) -> bool:
    return event.incident.priority <= PRESSING or event.incident.is_major


def _role(role: str) -> Rule:
    """Who has this role at the customer, where the policy says that they are told."""

    def people(event: IncidentEvent) -> Iterable[User]:
        knob = "told_urgent" if _is_pressing(event) else "told"
        return _holders(event, role) if role in clocks.terms_of(event.incident).knob(knob) else []

    return people


def _role_if_pressing(role: str) -> Rule:
    people = _role(role)
    return lambda event: people(event) if _is_pressing(event) else []


def _holders(event: IncidentEvent, role: str) -> list[User]:
    """A role may be for one service only; who belongs to another customer by now holds none."""
    incident = event.incident
    rows = incident.customer.contact_roles.filter(kind=role, person__is_active=True).select_related("person")
    found = [row.person for row in rows.order_by("pk") if row.service_id in (None, incident.service_id)]
    if role == ContactRole.Kind.SERVICE_OWNER and incident.service and incident.service.owner:
        found.append(incident.service.owner)
    if role == ContactRole.Kind.NAMED_CONTACT and not found:
        found += _contacts(event)
    return [person for person in found if person and person.customer_id == incident.customer_id]


def _each_role(text: str, rule: Callable[[str], Rule] = _role) -> list[tuple[str, str, Rule]]:
    return [(text, role, rule(role)) for role in IN_A_ROLE]


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
    Kind.OPENED: [
        (RECEIPT, "reporter", _reporter), ("urgent", "lead_of_the_team", _leads_if_urgent),
        *_each_role("reported", _role_if_pressing),
    ],
    Kind.TAKEN: [("taken", "reporter", _reporter)],
    Kind.UPDATED: [("update", "reporter", _reporter), *_each_role("update")],
    Kind.ASKED: [("question", "reporter", _reporter), *_each_role("asked_them", _role_if_pressing)],
    Kind.RESTORED: [("restored", "reporter", _reporter), *_each_role("restored")],
    Kind.RESOLVED: [("resolved", "reporter", _reporter), *_each_role("resolved")],
    Kind.CANCELLED: [("withdrawn", "reporter", _reporter)],
    Kind.RELAPSED: [("still_broken", "owner_or_team", _owner_or_team)],
    Kind.ADDED: [("customer_wrote", "owner", _owner)],
    Kind.DEADLINE_MISSED: LADDER_LATE,
    Kind.ESCALATED: LADDER_LATE,
    Kind.CLOCK_WARNED: LADDER_SHORT,
}  # fmt: skip


def audience(event: IncidentEvent) -> list[Told]:
    """Each person once."""
    told: dict[int, Told] = {}
    for kind, reason, who in RULES.get(event.kind, []):
        for person in who(event):
            if person.is_active and (person.pk != event.actor_id or kind == RECEIPT):
                told.setdefault(person.pk, Told(person, kind, reason))
    return list(told.values())
