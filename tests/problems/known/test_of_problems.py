"""What is written down of a workaround belongs to the problem, however late that opens, and goes along in merges."""

import pytest

from itsm import events
from problems import lifecycle, linking
from problems.models import KnownError
from tests import factories


@pytest.fixture
def small(reporter, agent):
    """A P4 that works by a workaround: a draft, and no problem."""
    incident = factories.restored(factories.open_incident(reporter, impact=3, urgency=3), agent)
    events.relay()
    assert not incident.problems.exists()
    return incident


def page(as_user, person, problem) -> str:
    return as_user(person).get(f"/desk/problems/{problem.reference}/").content.decode()


def test_a_draft_of_before_belongs_to_the_problem_that_opens_later(small, agent, as_user) -> None:
    draft = KnownError.objects.get()

    problem = lifecycle.propose([small], why="new_kind", at=small.restored_at, by=agent)

    draft.refresh_from_db()
    assert draft.problem == problem
    assert f"/desk/known-errors/{draft.pk}/" in page(as_user, agent, problem)


def test_merged_problems_keep_what_helps(worked_around, lead) -> None:
    first, second = worked_around().problems.get(), worked_around().problems.get()

    linking.merge(first, by=lead, into=second)

    assert second.known_errors.count() == 2


def test_what_helps_is_written_down_from_the_problems_page(worked_around, lead, as_user) -> None:
    problem = worked_around().problems.get()
    KnownError.objects.update(problem=None)
    address = f"/desk/known-errors/new/?problem={problem.reference}"
    assert address in page(as_user, lead, problem)
    form = as_user(lead).get(address).content.decode()
    assert problem.workaround in form

    fields = {"title": problem.title, "workaround": problem.workaround, "problem": problem.pk}
    assert as_user(lead).post(address, fields).status_code == 302

    known = KnownError.objects.get(problem=problem)
    assert (known.problem, known.customer) == (problem, problem.customer)


def test_a_strangers_problem_is_no_beginning(worked_around, other_agent, as_user) -> None:
    problem = worked_around().problems.get()

    form = as_user(other_agent).get(f"/desk/known-errors/new/?problem={problem.reference}").content.decode()

    assert problem.workaround not in form
