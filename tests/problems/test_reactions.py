"""Restored opens the problem, once; a relapse parks it; restored again takes it up."""

import pytest

from incidents import lifecycle
from incidents.models import Incident
from itsm import events
from problems import reactions
from problems.models import Problem
from tests import factories


def test_a_workaround_opens_one_problem(incident, agent) -> None:
    lifecycle.prioritise(incident, by=agent, impact=2, urgency=2)
    factories.restored(incident, agent, "workaround")

    events.relay()
    for event in incident.events.filter(kind="restored"):
        reactions.consume(event)

    problem = Problem.objects.get()
    assert problem.reference.startswith("PRB-")
    assert (problem.status, problem.title, problem.workaround) == (
        "open",
        incident.title,
        "Printing works over printer 2.",
    )
    assert list(problem.incidents.all()) == [incident]


@pytest.mark.parametrize(("impact", "restored_by"), [(2, "fix"), (3, "workaround")])
def test_a_fix_and_a_small_workaround_open_none(incident, agent, impact, restored_by) -> None:
    lifecycle.prioritise(incident, by=agent, impact=impact, urgency=2)
    factories.restored(incident, agent, restored_by)

    events.relay()

    assert not Problem.objects.exists()


def test_a_major_always_opens_one(incident, agent) -> None:
    Incident.objects.filter(pk=incident.pk).update(is_major=True)
    factories.restored(incident, agent, "fix")

    events.relay()

    assert Problem.objects.count() == 1


def test_a_relapse_parks_and_restored_takes_it_up(incident, agent, reporter) -> None:
    lifecycle.prioritise(incident, by=agent, impact=2, urgency=2)
    factories.restored(incident, agent)
    lifecycle.still_broken(incident, by=reporter)
    events.relay()
    assert Problem.objects.get().status == "parked"

    factories.restored(incident, agent)
    events.relay()

    problem = Problem.objects.get()
    assert problem.status == "open"
    assert list(problem.events.order_by("pk").values_list("kind", flat=True)) == ["opened", "parked", "unparked"]
