"""Who is told of what, and by which rule: one table, read from left to right.

The person who did it is not told of it, except that each report is answered with a receipt. Who has two roles in
one event gets one message, by the rule that stands first: so the richest one stands first.

Besides whoever reported it, those in the roles that the incident's policy names (`told`, for P1, P2 and majors
`told_urgent`) are told of updates and of the end; of what is urgent also at the beginning, and of questions. Whom it
hits too and who follows it are told of updates and of the end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from customers.knobs import AUDIENCE
from customers.models import ContactRole, CustomerEvent, StaffEvent, User
from incidents import clocks, majors
from incidents.models import Follow, Incident, IncidentEvent
from itsm.events import Event
from notifications.models import Delivery
from problems.models import Action, ProblemEvent

Kind, CustomerKind, StaffKind = IncidentEvent.Kind, CustomerEvent.Kind, StaffEvent.Kind
ProblemKind = ProblemEvent.Kind
Rule = Callable[..., Iterable[User]]  # takes the event
RECEIPT = "received"
JOINED_MAJOR = "joined_major"  # a report has joined a major incident: what is known there
TO_ONESELF = {
    RECEIPT,
    JOINED_MAJOR,
    "invitation",
    "log_in_again",
}  # an old invitation is renewed by the invited themselves
URGENT = 1  # the priority at which the leads hear of a report at once
PRESSING = 2  # up to this priority, and for majors, those of `told_urgent` are told
# Texts for which a text message comes before a mail, where there is a number.
BY_SMS = {"we_tried_to_call", "how_did_it_go_phone"}
SURVEYED = "surveyed"
IN_A_ROLE = AUDIENCE[1:]  # the first is whoever reported it
IN_THE_KNOW = ("named_contact", "deputy", "service_owner", "duty_manager")  # the other roles read the short version
FOLLOWING = ("me_too", "follower")
Audience = Delivery.Audience
# In whose words a rule speaks to the people it chose; the rest are people at the desk.
WORDS_FOR = (
    dict.fromkeys(("themselves", "reporter", *FOLLOWING), Audience.AFFECTED)
    | dict.fromkeys((*IN_THE_KNOW, "contact"), Audience.STAKEHOLDERS)
    | dict.fromkeys((role for role in IN_A_ROLE if role not in IN_THE_KNOW), Audience.EXECUTIVES)
)


@dataclass(frozen=True)
class Told:
    """`kind` is the text that is sent, `reason` the rule that chose this person."""

    person: User
    kind: str
    reason: str
    of: Incident | None = None  # their own report, where what happened did so on the one that it has joined

    @property
    def audience(self) -> Delivery.Audience:
        return WORDS_FOR.get(self.reason, Audience.DESK)


def _reporter(event: IncidentEvent) -> Iterable[User]:
    return [event.incident.reporter]


def _owner(event: IncidentEvent) -> Iterable[User]:
    return [event.incident.owner] if event.incident.owner else []


def _owner_unless_by_machine(event: IncidentEvent) -> Iterable[User]:
    """An answering machine's words are kept, and wake nobody."""
    return [] if event.data.get("is_automatic") else _owner(event)


def _owner_or_team(event: IncidentEvent) -> Iterable[User]:
    """Of a report that had joined another one and goes on alone: who has that, while nobody has this."""
    parent = event.incident.parent
    if not event.incident.owner and parent and parent.owner:
        return [parent.owner]
    return _owner(event) or User.objects.filter(memberships__team=event.incident.team_id).order_by("pk")


def _leads(event: IncidentEvent) -> Iterable[User]:
    return event.incident.team.leads().order_by("pk")


def _leads_if_urgent(event: IncidentEvent) -> Iterable[User]:
    return _leads(event) if event.incident.priority == URGENT else []


def _leads_if_raised(event: IncidentEvent) -> Iterable[User]:
    """It was not urgent when it was reported: by what was said since, it is."""
    became = event.data.get("after") == URGENT and event.data.get("before") != URGENT
    return _leads(event) if became else []


def _managers(event: IncidentEvent) -> Iterable[User]:
    team = User.objects.filter(memberships__team=event.incident.team_id, role=User.Role.MANAGER)
    return team.order_by("pk")


def _contacts(event: IncidentEvent) -> Iterable[User]:
    return event.incident.customer.people.filter(role=User.Role.CONTACT).order_by("pk")


def _owner_or_leads(event: IncidentEvent) -> Iterable[User]:
    return _owner(event) or _leads(event)


def _follow(why: str) -> Rule:
    """Who pressed "this hits me too", or follows; whoever moved to another customer does neither."""

    def people(event: IncidentEvent) -> Iterable[User]:
        rows = event.incident.followers.filter(why=why, ended_at__isnull=True, person__customer=event.customer_id)
        return [row.person for row in rows.select_related("person__customer").order_by("pk")]

    return people


def _whom_the_desk_added(why: str) -> Rule:
    """Who pressed it themselves is looking at the page."""
    people = _follow(why)
    return lambda event: [person for person in people(event) if person.pk == event.data.get("person")]


def is_pressing(incident: Incident) -> bool:
    return incident.priority <= PRESSING or incident.is_major


def _role(role: str) -> Rule:
    """Who has this role at the customer, where the policy says that they are told."""

    def people(event: IncidentEvent) -> Iterable[User]:
        return _holders(event, role) if role in roles_told(event.incident) else []

    return people


def roles_told(incident: Incident) -> list[str]:
    """The roles that the policy of this incident wants to be told of its news."""
    told: list[str] = clocks.terms_of(incident).knob("told_urgent" if is_pressing(incident) else "told")
    return told


def _role_if_pressing(role: str) -> Rule:
    people = _role(role)
    return lambda event: people(event) if is_pressing(event.incident) else []


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


def _each_role(text: str) -> list[tuple[str, str, Rule]]:
    return [(text, role, _role_if_pressing(role)) for role in IN_A_ROLE]


def _everybody(text: str) -> list[tuple[str, str, Rule]]:
    """Of news: the richest words first, so that somebody with two roles gets those."""
    rules: dict[str, Rule] = {"reporter": _reporter} | {role: _role(role) for role in IN_THE_KNOW}
    rules |= {"me_too": _follow(Follow.Why.ME_TOO), "follower": _follow(Follow.Why.FOLLOWS)}
    rules |= {role: _role(role) for role in IN_A_ROLE if role not in IN_THE_KNOW}
    return [(text, reason, who) for reason, who in rules.items()]


def _if_told(rung: str, who: Rule) -> Rule:
    """Only where the customer's escalation ladder names them for this threshold (`incidents.rungs`)."""
    return lambda event: who(event) if rung in event.data.get("tell", ()) else []


def _incident_manager(event: IncidentEvent) -> Iterable[User]:
    """Who runs the major incident, if they have a log-in."""
    seat = majors.manager_of(event.incident)
    return [seat.person] if seat and seat.person else []


def _in_role(role: str) -> Rule:
    return lambda event: _holders(event, role)


def _if_due(who: Rule) -> Rule:
    """Of a duty to report, when time runs; that it was sent or is not needed they said themselves."""
    return lambda event: who(event) if event.data.get("did") in ("half", "last", "missed") else []


def _surveyed(way: str) -> Rule:
    """Who is asked how it went, and nobody else."""
    return lambda event: _named(event) if event.data.get("way") == way else []


def _not_reached(event: IncidentEvent) -> Iterable[User]:
    """Who was called twice and could not be reached: after the second try, once."""
    return _named(event) if event.data.get("writes") else []


def _named(event: IncidentEvent) -> Iterable[User]:
    return User.objects.filter(pk=event.data.get("person_id"), customer=event.customer_id)


def _who_took_it(event: IncidentEvent) -> Iterable[User]:
    return User.objects.filter(pk=event.data.get("person_id"))


def _manager_of_the_incident(event: IncidentEvent) -> Iterable[User]:
    """Who runs the major incident; else those who have to find somebody."""
    return [person for person in _incident_manager(event) if person.is_active] or _leads(event)


def _whose_search(event: IncidentEvent) -> Iterable[User]:
    """Whoever looks for the way out, when their half hour is over."""
    is_over = event.data.get("did") == "time_is_up"
    return User.objects.filter(pk=event.data.get("owner_id"), customer__isnull=True) if is_over else []


def _coordinator(event: ProblemEvent) -> Iterable[User]:
    """Who looks after the problem; where nobody does, the coordinator of the service or the team."""
    problem = event.problem
    found = problem.owner if problem.owner and problem.owner.is_active else problem.opened_by.coordinator()
    return [found] if found else []


def _whose_action(event: ProblemEvent) -> Iterable[User]:
    """Whoever did it, where that is somebody at the desk; the customer's people are not asked to look at our pages."""
    action = Action.objects.filter(pk=event.data.get("action")).select_related("owner").first()
    mine = action is not None and action.owner.is_active and not action.owner.is_customer_side
    return [action.owner] if action and mine else _coordinator(event)


def _person(event: CustomerEvent | StaffEvent) -> Iterable[User]:
    return [event.person] if event.person else []


def _contacts_of(event: CustomerEvent) -> Iterable[User]:
    return event.customer.people.filter(role=User.Role.CONTACT).order_by("pk")


def _managers_of(event: CustomerEvent) -> Iterable[User]:
    serving = User.objects.filter(memberships__team__customers=event.customer_id, role=User.Role.MANAGER)
    return serving.distinct().order_by("pk")


def came_back(event: StaffEvent) -> Any:
    """The events of the incidents that nobody has since this colleague left: recorded at the same instant."""
    return IncidentEvent.objects.filter(kind=Kind.RETURNED, actor=event.actor_id, occurred_at=event.occurred_at)


def _leads_of_what_came_back(event: StaffEvent) -> Iterable[User]:
    teams = came_back(event).values("incident__team")
    return User.objects.filter(memberships__team__in=teams, memberships__is_lead=True).distinct().order_by("pk")


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
CALL_LATE = [
    ("call_late", "owner", _if_told("call_owner", _owner_or_leads)),
    ("call_late", "lead_of_the_team", _if_told("call_lead", _leads)),
]

OF_MAJORS: dict[str, list[tuple[str, str, Rule]]] = {
    Kind.DECLARED: [("declared", "lead_of_the_team", _leads), ("declared", "manager", _managers)],
    Kind.ROLE: [("given_role", "in_a_role", _who_took_it)],
    Kind.HANDOVER_DUE: [("handover_due", "runs_it", _manager_of_the_incident)],
}
DUTY_DUE = [
    ("duty_due", "runs_it", _if_due(_incident_manager)),
    ("duty_due", "owner", _if_due(_owner_or_leads)),
    ("duty_due", "manager", _if_due(_managers)),
    # Whose duty it is: the named contact (where there is none, the contacts), and who stands in.
    *[("duty_due_contact", role, _if_due(_in_role(role))) for role in ("named_contact", "deputy")],
]

# What happened -> (text, rule, who).
RULES: dict[str, list[tuple[str, str, Rule]]] = {
    Kind.OPENED: [
        (RECEIPT, "reporter", _reporter), ("urgent", "lead_of_the_team", _leads_if_urgent),
        *_each_role("reported"),
    ],
    Kind.PRIORITISED: [("raised", "lead_of_the_team", _leads_if_raised)],
    Kind.BURST_SEEN: [("burst", "lead_of_the_team", _leads)],
    Kind.TAKEN: [("taken", "reporter", _reporter)],
    Kind.UPDATED: _everybody("update"),
    Kind.WAITING: _everybody("update"),  # for a supplier: it is said in words that all of them can read
    Kind.ASKED: [("question", "reporter", _reporter), *_each_role("asked_them")],
    Kind.RESTORED: _everybody("restored"),
    Kind.RESOLVED: _everybody("resolved"),
    Kind.CAUSE_GONE: _everybody("cause_gone"),
    Kind.REPORTED: [("report", "contact", _contacts), *_each_role("report")],
    Kind.CANCELLED: [
        ("withdrawn", "reporter", _reporter), ("withdrawn", "me_too", _follow(Follow.Why.ME_TOO)),
        ("withdrawn", "follower", _follow(Follow.Why.FOLLOWS)),
    ],
    Kind.JOINED: [
        ("joined", "me_too", _whom_the_desk_added(Follow.Why.ME_TOO)),
        ("joined", "follower", _whom_the_desk_added(Follow.Why.FOLLOWS)),
    ],
    Kind.ATTACHED_TO: [
        (JOINED_MAJOR, "reporter", _reporter), (JOINED_MAJOR, "me_too", _follow(Follow.Why.ME_TOO)),
        (JOINED_MAJOR, "follower", _follow(Follow.Why.FOLLOWS)),
    ],
    Kind.RELAPSED: [("still_broken", "owner_or_team", _owner_or_team)],
    Kind.ADDED: [("customer_wrote", "owner", _owner_unless_by_machine)],
    Kind.DEADLINE_MISSED: LADDER_LATE,
    Kind.ESCALATED: [*LADDER_LATE, *CALL_LATE],
    Kind.CALLED: [("we_tried_to_call", "called", _not_reached)],
    Kind.SURVEY_ASKED: [
        ("how_did_it_go_phone", SURVEYED, _surveyed("sms")), ("how_did_it_go", SURVEYED, _surveyed("email")),
    ],
    Kind.CLOCK_WARNED: LADDER_SHORT,
    **OF_MAJORS,
    Kind.DUTY: DUTY_DUE,
    Kind.INVESTIGATION: [("time_is_up", "owner", _whose_search)],
}  # fmt: skip


RULES_OF_CUSTOMERS: dict[str, list[tuple[str, str, Rule]]] = {
    CustomerKind.PERSON_INVITED: [("invitation", "themselves", _person)],
    CustomerKind.PERSON_REACTIVATED: [("log_in_again", "themselves", _person)],
    CustomerKind.LEVEL_PROPOSED: [("level_proposed", "contact", _contacts_of)],
    CustomerKind.LEVEL_ACCEPTED: [
        ("level_accepted", "contact", _contacts_of), ("level_accepted_desk", "manager", _managers_of),
    ],
    CustomerKind.LEVEL_CHANGED: [
        ("level_changed", "contact", _contacts_of), ("level_changed_desk", "manager", _managers_of),
    ],
    CustomerKind.ASSESSMENT_DUE: [("assessment_due", "manager", _managers_of)],
    CustomerKind.ENDPOINT_OFF: [
        ("endpoint_off", "contact", _contacts_of), ("endpoint_off_desk", "manager", _managers_of),
    ],
}  # fmt: skip
RULES_OF_STAFF: dict[str, list[tuple[str, str, Rule]]] = {
    StaffKind.INVITED: [("invitation", "themselves", _person)],
    StaffKind.REACTIVATED: [("log_in_again", "themselves", _person)],
    StaffKind.DEACTIVATED: [("colleague_left", "lead_of_the_team", _leads_of_what_came_back)],
}
RULES_OF_PROBLEMS: dict[str, list[tuple[str, str, Rule]]] = {
    ProblemKind.UNTOUCHED: [("problem_untouched", "coordinator", _coordinator)],
    ProblemKind.EFFECT_DUE: [("effect_due", "owner", _whose_action)],
}


def audience(event: Event) -> list[Told]:
    """Each person once."""
    told: dict[int, Told] = {}
    for kind, reason, who in _rules(event):
        for person in who(event):
            if person.is_active and (person.pk != event.actor_id or kind in TO_ONESELF):
                told.setdefault(person.pk, Told(person, kind, reason))
    return list(told.values())


def _is_told_by_parent(event: IncidentEvent) -> bool:
    """What a report did because it follows another one is told with that; "I have this too" has one answer, not two."""
    joined = event.incident.joined_at
    at_once = event.kind == Kind.OPENED and joined is not None and joined == event.occurred_at
    return at_once or bool(event.data.get("with_parent"))


def _rules(event: Event) -> list[tuple[str, str, Rule]]:
    if isinstance(event, IncidentEvent):
        return [] if _is_told_by_parent(event) else RULES.get(event.kind, [])
    if isinstance(event, CustomerEvent):
        return RULES_OF_CUSTOMERS.get(event.kind, [])
    if isinstance(event, ProblemEvent):
        return RULES_OF_PROBLEMS.get(event.kind, [])
    return RULES_OF_STAFF.get(event.kind, []) if isinstance(event, StaffEvent) else []
