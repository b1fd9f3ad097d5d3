"""Each knob makes a difference: between customers of level 1 and 5, or where the levels agree, when it is changed.

A new knob without a line here fails: a knob that changes nothing is a promise that nobody keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from customers.knobs import KNOBS
from customers.models import ContactRole, Customer, User
from incidents import clocks, conversation, lifecycle, measures
from incidents.measures import Wanted
from incidents.models import Incident, IncidentEvent
from itsm import events, moment
from notifications.audience import audience
from tests import factories
from tests.incidents.moments import BERLIN, at, clock

Kind = IncidentEvent.Kind
SCALES = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (3, 2)}  # impact and urgency of a priority
# What these do is tested where it happens: the form, the desk's composer, the assessment.
ELSEWHERE = {
    "intake", "channels", "priority_by", "priority_matrix", "tone", "update_words", "reassess_months", "goals_at_once",
}  # fmt: skip


@dataclass(frozen=True)
class House:
    """A customer with somebody in each role, and those who serve it. It is Monday, 10:00."""

    customer: Customer
    reporter: User
    agent: User
    lead: User

    def opened(self, priority: int, **values: Any) -> Incident:
        impact, urgency = SCALES[priority]
        return factories.open_incident(self.reporter, impact=impact, urgency=urgency, **values)

    def restored(self, priority: int) -> Incident:
        return factories.restored(self.opened(priority), self.agent)

    def resolved(self, priority: int) -> Incident:
        return factories.resolved(self.opened(priority), self.agent)


def house(level: int, agreement: dict[str, Any]) -> House:
    office = factories.CalendarFactory(office=True)
    customer = factories.CustomerFactory(level=level, calendar=office, agreement=agreement)
    team = factories.TeamFactory(customers=[customer])
    for kind in ContactRole.Kind:
        person = factories.UserFactory(customer=customer, role=User.Role.CONTACT)
        ContactRole.objects.create(customer=customer, kind=kind, person=person)
    return House(
        customer=customer,
        reporter=factories.UserFactory(customer=customer, phone="555 0100"),
        agent=factories.UserFactory(agent=True, member_of=team),
        lead=factories.UserFactory(lead=True, leads=team),
    )


def wall(moment_: datetime | None) -> str:
    return f"{moment_.astimezone(BERLIN):%a %d %H:%M}" if moment_ else "never"


def due(kind: str, priority: int) -> Callable[[House], str]:
    return lambda home: wall(clock(home.opened(priority), kind).due_at)


def reply(home: House) -> str:
    incident = factories.answered(home.opened(3), home.agent)
    return wall(clock(conversation.add(incident, by=home.reporter, text="And now?"), "reply").due_at)


def update(home: House) -> str:
    return wall(clock(factories.answered(home.opened(2), home.agent), "update").due_at)


def close_out(home: House) -> str:
    return wall(clock(home.restored(3), "close_out").due_at)


def told_of_update(priority: int) -> Callable[[House], list[str]]:
    def look(home: House) -> list[str]:
        incident = factories.answered(home.opened(priority), home.agent)
        return [told.reason for told in audience(incident.events.get(kind=Kind.UPDATED))]

    return look


def calls(home: House) -> list[tuple[str, str]]:
    """Of a P2 that works again and of a P1 that was just reported."""
    restored, reported = home.restored(2), home.opened(1)
    found = [*restored.calls.to_make(), *reported.calls.to_make()]
    return [(call.why, "reporter" if call.person == home.reporter else "contact") for call in found]


def calls_about(why: str) -> Callable[[House], list[tuple[str, str]]]:
    return lambda home: [call for call in calls(home) if call[0] == why]


def owed(home: House) -> list[str]:
    return list(home.resolved(4).debts.order_by("pk").values_list("rule", flat=True))


def owed_by(home: House) -> str:
    return wall(home.resolved(4).debts.all()[0].due_at)


def closes_by_friday(home: House) -> str:
    incident = home.resolved(4)
    lifecycle.close_overdue(at("Fri 12:00"))
    incident.refresh_from_db()
    return incident.status


def opens_again_after_a_week(home: House) -> bool:
    incident = home.resolved(4)
    with moment.travel(at("next Tue 10:00")):
        return lifecycle.still_broken(incident, by=home.reporter) == incident


def review(home: House) -> tuple[str, str]:
    incident = home.opened(2)
    Incident.objects.filter(pk=incident.pk).update(is_major=True)
    factories.restored(incident, home.agent)
    events.relay()
    problem = incident.problems.get()
    return problem.review_depth, wall(problem.review_due_at)


def warned(when: str, about: str) -> Callable[[House], list[tuple[int, list[str]]]]:
    """What was said of that clock of a P1 by then: threshold and who looks."""

    def look(home: House) -> list[tuple[int, list[str]]]:
        incident = home.opened(1)
        clocks.sweep(now=at(when))
        said = incident.events.filter(kind__in=[Kind.CLOCK_WARNED, Kind.ESCALATED], data__clock=about)
        return [(event.data["threshold"], event.data["tell"]) for event in said.order_by("pk")]

    return look


def standing_still(home: House) -> str:
    incident = lifecycle.ask(home.opened(3), by=home.agent, question="Which counter?")
    return clock(incident, "restore").state


def goal(kind: str) -> Callable[[House], int]:
    def look(home: House) -> int:
        factories.answered(home.restored(3), home.agent)
        kept = measures.attainment(home.lead, Wanted(), at("Mon 10:01"))
        return kept.total.shares[kind].goal

    return look


@dataclass(frozen=True)
class Acts:
    """`look` gives `weak` for level 1 and `strong` for level 5, both with `agreed`; or, where a knob is `changed`,
    `weak` for level 1 as it is and `strong` for level 1 with the change."""

    look: Callable[[House], Any]
    weak: Any
    strong: Any
    agreed: dict[str, Any] = field(default_factory=dict)
    changed: Any = None


SAME_RESTORE = {"restore": ["9 h"] * 4}
ALL_OF_THEM = ["named_contact", "deputy", "site_lead", "service_owner", "duty_manager", "stakeholder"]
# Who has several roles is told by the richest words: those in the service before those above it.
RICHEST_FIRST = ["named_contact", "deputy", "service_owner", "duty_manager", "site_lead", "stakeholder"]
ACTS: dict[str, Acts] = {
    "response": Acts(due("response", 3), "Mon 02 12:00", "Mon 02 14:00"),
    "reply": Acts(reply, "Mon 02 12:00", "Mon 02 14:00"),
    "update": Acts(update, "Mon 02 11:00", "Mon 02 12:00"),
    "restore": Acts(due("restore", 1), "Mon 02 14:00", "Mon 02 11:00"),
    "close_out": Acts(close_out, "Mon 16 10:00", "Tue 03 10:00", changed=["1 bd"] * 4),
    "coverage": Acts(due("restore", 2), "Tue 03 09:00", "Mon 02 19:00", SAME_RESTORE),
    "told": Acts(told_of_update(3), ["reporter"], ["reporter", "service_owner", "stakeholder"]),
    "told_urgent": Acts(told_of_update(1), ["reporter", "named_contact"], ["reporter", *RICHEST_FIRST]),
    "call_contact": Acts(calls_about("urgent"), [("urgent", "contact")], []),
    "confirm_call": Acts(calls_about("confirm"), [("confirm", "reporter")], []),
    "close_fields": Acts(
        owed, ["resolution_code"],
        ["resolution_code", "service", "cause_category", "configuration_item", "known_error", "detection", "change"],
    ),
    "close_fields_bd": Acts(owed_by, "Wed 04 10:00", "Mon 09 10:00", changed=5),
    "auto_close_bd": Acts(closes_by_friday, "resolved", "closed"),
    "reopen_window_bd": Acts(opens_again_after_a_week, weak=True, strong=False),
    "review": Acts(lambda home: review(home)[0], "none", "trend"),
    "review_bd": Acts(lambda home: review(home)[1], "Wed 04 10:00", "Mon 16 10:00"),
    "escalation": Acts(warned("Mon 12:20", "restore"), [], [(25, ["owner", "contact"])], SAME_RESTORE),
    "remind_every_h": Acts(
        warned("Mon 15:00", "response"), [], [(1001, ["owner", "lead"])], changed=4,
    ),
    "warn_before_min": Acts(warned("Mon 10:06", "response"), [], [(0, ["owner"])], changed=10),
    "pauses": Acts(standing_still, "paused", "running", changed=["reply"]),
    "goal_restore": Acts(goal("restore"), 80, 98),
    "goal_response": Acts(goal("response"), 95, 90, changed=90),
    "goal_update": Acts(goal("update"), 95, 90, changed=90),
}  # fmt: skip


def test_each_knob_is_tried_here_or_elsewhere() -> None:
    assert KNOBS.keys() - ACTS.keys() == ELSEWHERE


@pytest.mark.parametrize("knob", ACTS)
def test_knob_acts(knob) -> None:
    acts = ACTS[knob]
    changed = acts.changed is not None

    with moment.travel(at("Mon 10:00")):
        weak = acts.look(house(1, acts.agreed))
        strong = acts.look(house(1, {knob: acts.changed}) if changed else house(5, acts.agreed))

    assert (weak, strong) == (acts.weak, acts.strong)
