"""The problem pages: at the desk only, and only of the customers one serves."""

import pytest

from incidents.models import Incident
from itsm import events
from problems.models import Problem
from tests import factories


def pages(problem: Problem) -> list[str]:
    incident = problem.opened_by.reference
    return [f"/desk/problems/{problem.reference}/", f"/desk/incidents/{incident}/problems/"]


@pytest.mark.parametrize("person", ["agent", "lead", "manager"])
def test_the_desk_reads_them(as_user, problem, person, request) -> None:
    client = as_user(request.getfixturevalue(person))

    for page in ["/desk/problems/", *pages(problem)]:
        assert problem.reference in client.get(page).content.decode()


@pytest.mark.parametrize("person", ["reporter", "contact", "stranger", "other_agent"])
def test_others_do_not(as_user, problem, person, request) -> None:
    client = as_user(request.getfixturevalue(person))

    assert [client.get(page).status_code for page in pages(problem)] == [404, 404]


def test_the_list_of_another_team_is_empty(as_user, problem, other_agent) -> None:
    assert problem.reference not in as_user(other_agent).get("/desk/problems/").content.decode()


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_asks_a_fixed_number_of_questions(as_user, agent, reporter, django_assert_num_queries, count) -> None:
    for number in range(count):
        incident = factories.open_incident(reporter, text=f"Report {number}", impact=2, urgency=2)
        factories.restored(incident, agent)
    events.relay()
    client = as_user(agent)

    with django_assert_num_queries(4):
        client.get("/desk/problems/")


def test_the_review_stands_on_the_page_and_in_the_list(as_user, agent, town, incident) -> None:
    town.level = 3
    town.save()
    fresh = factories.open_incident(incident.reporter, impact=2, urgency=2)
    Incident.objects.filter(pk=fresh.pk).update(is_major=True)
    factories.restored(fresh, agent)
    events.relay()
    problem = Problem.objects.get(opened_by=fresh)

    page = as_user(agent).get(f"/desk/problems/{problem.reference}/").content.decode()

    assert "standard post-incident review" in page
    assert "Review due" in as_user(agent).get("/desk/problems/").content.decode()


def test_a_problem_from_before_reviews_is_shown_without_one(as_user, agent, problem) -> None:
    Problem.objects.update(review_depth="", review_due_at=None)

    page = as_user(agent).get(f"/desk/problems/{problem.reference}/").content.decode()

    assert "Review</h2>" not in page
    assert "not set" in as_user(agent).get("/desk/problems/").content.decode()
