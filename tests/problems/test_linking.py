"""Many incidents, one cause; and two problems that are one."""

import datetime

import pytest

from incidents import corrections, lifecycle
from itsm import events, moment
from itsm.refusal import Refused
from problems import actions, linking, worksheet
from problems import lifecycle as problems
from problems.models import Problem
from problems.moves import MoveRefused
from tests import factories


@pytest.fixture
def two(worked_around) -> tuple[Problem, Problem]:
    return worked_around().problems.get(), worked_around().problems.get()


def test_an_incident_that_is_down_parks_what_it_is_linked_to(problem, reporter, agent) -> None:
    fresh = factories.open_incident(reporter)

    parked = linking.link(problem, by=agent, incident=fresh)
    assert parked.status == "parked"
    linking.link(problem, by=agent, incident=fresh)  # twice is once
    assert problem.incidents.count() == 2

    back = linking.unlink(problem, by=agent, incident=fresh)
    assert back.status == "open"
    assert problem.incidents.count() == 1


def test_an_incident_has_one_cause(two, agent) -> None:
    first, second = two

    with pytest.raises(MoveRefused, match="unlink it there"):
        linking.link(first, by=agent, incident=second.opened_by)


def test_the_only_incident_stays(problem, agent) -> None:
    with pytest.raises(Refused, match="only incident"):
        linking.unlink(problem, by=agent, incident=problem.opened_by)


def test_an_incident_of_another_customer_is_refused(problem, stranger, agent) -> None:
    with pytest.raises(Refused, match="another customer"):
        linking.link(problem, by=agent, incident=factories.open_incident(stranger))


def test_merging_brings_everything_along(two, agent, lead) -> None:
    first, second = two
    tomorrow = moment.now().date() + datetime.timedelta(days=1)
    for each in two:
        actions.add(each, by=lead, kind="prevent", text="Replace the driver", owner=agent, due_on=tomorrow)
    worksheet.find(first, by=agent, kind="hypothesis", text="It is the driver.")
    worksheet.write(first, by=agent, whys=["The tray was lost."], cause="The driver")

    into = linking.merge(first, by=lead, into=second)

    first.refresh_from_db()
    assert (first.status, first.close_code, first.merged_into) == ("closed", "duplicate", second)
    assert set(into.incidents.all()) == {first.opened_by, second.opened_by}
    assert (into.cause, into.whys, into.actions.count(), into.findings.count()) == (
        "The driver", ["The tray was lost."], 1, 1,
    )  # fmt: skip


def test_merging_into_itself_in_circles_or_into_what_is_over(two, worked_around, lead) -> None:
    first, second = two
    with pytest.raises(Refused, match="into itself"):
        linking.merge(first, by=lead, into=first)
    linking.merge(first, by=lead, into=second)

    with pytest.raises(MoveRefused, match="merged into this one already"):
        linking.merge(second, by=lead, into=first)
    third = worked_around().problems.get()
    with pytest.raises(MoveRefused, match="is over"):
        linking.merge(third, by=lead, into=first)
    with pytest.raises(MoveRefused, match="Not possible now"):
        linking.merge(first, by=lead, into=third)
    with pytest.raises(MoveRefused, match="goes on as another"):
        problems.reopen(first, by=lead, reason="No!")


def test_merging_with_another_customers_is_refused(problem, stranger, other_agent, lead) -> None:
    incident = factories.open_incident(stranger, impact=2, urgency=2)
    factories.restored(incident, other_agent)
    events.relay()

    with pytest.raises(Refused, match="same customer"):
        linking.merge(problem, by=lead, into=incident.problems.get())


def test_merging_with_what_is_down_parks(two, break_again, lead) -> None:
    first, second = two
    break_again(second.opened_by)

    assert linking.merge(first, by=lead, into=second).status == "parked"


def test_a_merged_incident_hands_its_cause_on(problem, worked_around, agent, reporter) -> None:
    target = factories.open_incident(reporter)

    corrections.merge(problem.opened_by, by=agent, into=target)
    events.relay()

    problem.refresh_from_db()
    assert target in problem.incidents.all()
    assert problem.status == "parked"


def test_what_was_booked_on_the_wrong_customer_leaves_its_problem(
    problem, worked_around, agent, lead, stranger
) -> None:
    other = factories.open_incident(problem.opened_by.reporter)
    linking.link(problem, by=agent, incident=other)
    stranger.customer.teams.get().memberships.create(user=agent)

    corrections.correct_customer(other, by=agent, reporter=stranger)
    events.relay()

    problem.refresh_from_db()
    assert list(problem.incidents.all()) == [problem.opened_by]
    assert problem.status == "open"


def test_a_report_after_the_window_follows_its_cause(problem, agent, reporter) -> None:
    """Still not working, months later: a new incident with the same cause, until somebody says otherwise."""
    solved = lifecycle.resolve(problem.opened_by, by=agent)
    events.relay()
    with moment.travel(moment.now() + datetime.timedelta(days=90)):
        again = lifecycle.still_broken(solved, by=reporter)
        events.relay()

    assert again.pk != solved.pk
    assert again in problem.incidents.all()
