"""What recurs becomes a candidate, once; of several customers each its own."""

import pytest

from itsm import events, moment
from problems import candidates
from problems.models import Problem
from tests import factories

LOST = "VPN loses the connection every few minutes"


@pytest.fixture
def vpn(town):
    return factories.ServiceFactory(customer=town, name="VPN")


def report(reporter, service, number: int) -> list:
    made = [factories.open_incident(reporter, text=LOST, service=service) for _ in range(number)]
    events.relay()
    return made


def test_three_alike_are_proposed_once(reporter, team, vpn) -> None:
    made = report(reporter, vpn, 3)

    assert [candidates.propose_recurring() for _ in range(3)] == [1, 0, 0]

    problem = Problem.objects.get()
    # Nobody can work yet: it waits as what it is.
    assert (problem.status, problem.parked_from, problem.title) == ("parked", "candidate", LOST)
    assert set(problem.incidents.all()) == set(made)


def test_one_more_does_not_propose_again(reporter, team, vpn) -> None:
    report(reporter, vpn, 3)
    candidates.propose_recurring()
    report(reporter, vpn, 1)

    assert candidates.propose_recurring() == 0


def test_after_the_problem_has_ended_three_fresh_ones_ask_again(reporter, team, vpn) -> None:
    report(reporter, vpn, 3)
    candidates.propose_recurring()
    Problem.objects.update(status="closed", close_code="no_longer_relevant", closed_at=moment.now())
    report(reporter, vpn, 2)
    assert candidates.propose_recurring() == 0

    report(reporter, vpn, 1)

    assert candidates.propose_recurring() == 1


def test_of_two_customers_each_has_its_own(reporter, team, vpn, stranger) -> None:
    theirs = factories.ServiceFactory(customer=stranger.customer, name="VPN")
    report(reporter, vpn, 2)
    report(stranger, theirs, 1)

    assert [candidates.propose_recurring() for _ in range(2)] == [2, 0]

    for problem in Problem.objects.all():
        assert {incident.customer for incident in problem.incidents.all()} == {problem.customer}
