"""The knobs `priority_by` and `priority_matrix`: who sets how bad it is."""

import pytest

from incidents import conversation, intake, lifecycle
from incidents.models import Incident
from itsm.refusal import Refused
from tests import factories
from tests.incidents.levels import person_at

Basis = Incident.PriorityBasis
WORST = {"affected": 1, "working": 1}
MILD = {"affected": 3, "working": 3}


def reported(level: int, *, critical: bool = False, **values: object) -> Incident:
    person = person_at(level)
    service = factories.ServiceFactory(customer=person.customer, is_critical=critical)
    return factories.open_incident(person, service=service, **values)


def agent_of(incident: Incident):
    return factories.UserFactory(agent=True, member_of=incident.team)


@pytest.mark.parametrize(
    ("level", "priority", "basis"),
    [
        (1, 4, Basis.ASSUMED),
        (2, 1, Basis.SUGGESTED),
        (3, 1, Basis.ANSWERS),
        (4, 1, Basis.MATRIX),
        (5, 1, Basis.CRITERIA),
    ],
)
def test_what_the_reporters_answers_set_depends_on_the_level(level, priority, basis) -> None:
    incident = reported(level, details=WORST)

    assert (incident.priority, incident.priority_basis) == (priority, basis)
    assert incident.details == WORST


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_nothing_said_is_assumed_at_each_level(level) -> None:
    incident = reported(level)

    assert (incident.impact, incident.urgency, incident.priority_basis) == (3, 2, Basis.ASSUMED)


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_what_the_desk_says_is_set_at_each_level(level) -> None:
    incident = reported(level, impact=1, urgency=2, details=MILD)

    assert (incident.priority, incident.priority_basis) == (2, Basis.AGENT)


def test_a_suggestion_runs_at_the_higher_of_both_until_it_is_confirmed() -> None:
    """A critical service is assumed to concern a group; "it can wait" alone does not make it less."""
    assert reported(2, critical=True, details=MILD).priority == 3
    assert reported(3, critical=True, details=MILD).priority == 4


def test_one_click_of_the_desk_confirms_a_suggestion() -> None:
    incident = reported(2, details=WORST)

    confirmed = lifecycle.prioritise(incident, by=agent_of(incident), impact=1, urgency=1)

    assert (confirmed.priority, confirmed.priority_basis) == (1, Basis.AGENT)


@pytest.mark.parametrize("level", [4, 5])
def test_what_the_customer_sets_is_acted_on_before_it_is_challenged(level) -> None:
    incident = reported(level, details=WORST)
    agent = agent_of(incident)

    with pytest.raises(Refused, match="Please answer first"):
        lifecycle.prioritise(incident, by=agent, impact=3, urgency=3)
    conversation.update(incident, by=agent, text="We are on it.")

    assert lifecycle.prioritise(incident, by=agent, impact=3, urgency=3).priority == 4


def test_higher_may_always_be_said_and_below_level_4_lower_too() -> None:
    own = reported(4, details=MILD)
    asked = reported(3, details=WORST)

    assert lifecycle.prioritise(own, by=agent_of(own), impact=1, urgency=1).priority == 1
    assert lifecycle.prioritise(asked, by=agent_of(asked), impact=3, urgency=3).priority == 4


def test_the_criteria_know_a_critical_service_that_stands_still() -> None:
    stands_still = {"affected": 3, "working": 1}

    assert reported(5, critical=True, details=stands_still).priority == 1
    assert reported(4, critical=True, details=stands_still).priority == 3


def test_the_matrix_is_the_one_of_the_incidents_policy() -> None:
    person = person_at(4)
    person.customer.agreement = {"priority_matrix": [[1, 1, 2], [1, 2, 3], [2, 3, 4]]}
    person.customer.save()
    incident = factories.open_incident(person, details={"affected": 2, "working": 1})

    assert incident.priority == 1
    conversation.update(incident, by=agent_of(incident), text="We are on it.")
    assert lifecycle.prioritise(incident, by=agent_of(incident), impact=3, urgency=1).priority == 2


# --- answered later


def test_answers_given_later_move_the_clocks() -> None:
    incident = reported(2)
    before = incident.clocks.get(kind="response").due_at

    incident = intake.tell(incident, by=incident.reporter, details=WORST)

    assert (incident.priority, incident.priority_basis) == (1, Basis.SUGGESTED)
    assert incident.clocks.get(kind="response").due_at < before
    assert incident.events.get(kind="prioritised").data["after"] == 1


def test_answers_given_later_set_nothing_at_level_1() -> None:
    incident = intake.tell(incident := reported(1), by=incident.reporter, details=WORST)

    assert (incident.priority, incident.priority_basis, incident.details) == (4, Basis.ASSUMED, WORST)


def test_what_the_desk_has_set_stands() -> None:
    incident = reported(3)
    lifecycle.prioritise(incident, by=agent_of(incident), impact=2, urgency=2)

    incident = intake.tell(incident, by=incident.reporter, details=WORST)

    assert (incident.priority, incident.priority_basis) == (3, Basis.AGENT)


def test_not_sure_moves_and_records_nothing() -> None:
    incident = reported(2)

    intake.tell(incident, by=incident.reporter, details={"affected": None, "working": None})

    assert not incident.events.filter(kind="prioritised").exists()
