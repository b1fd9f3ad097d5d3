"""Problems for programs: the desk reads those of its customers, with a fixed number of questions."""

import pytest

from itsm import events
from problems.models import Problem
from tests import factories


@pytest.fixture
def problems(reporter, agent) -> list[Problem]:
    for _ in range(3):
        incident = factories.open_incident(reporter, impact=2, urgency=2)
        factories.restored(incident, agent)
    events.relay()
    return list(Problem.objects.order_by("pk"))


def test_the_desk_reads_them(as_user, agent, problems, django_assert_num_queries) -> None:
    client = as_user(agent)
    with django_assert_num_queries(6):
        listed = client.get("/api/v1/problems/").json()

    assert [each["reference"] for each in listed["results"]] == [each.reference for each in reversed(problems)]
    one = client.get(f"/api/v1/problems/{problems[0].reference}/").json()
    assert (one["status"], one["incidents"]) == ("open", [problems[0].opened_by.reference])


@pytest.mark.parametrize("person", ["reporter", "contact", "stranger", "other_agent"])
def test_nobody_else_does(as_user, problems, person, request) -> None:
    client = as_user(request.getfixturevalue(person))

    assert client.get("/api/v1/problems/").json()["results"] == []
    assert client.get(f"/api/v1/problems/{problems[0].reference}/").status_code == 404


@pytest.mark.parametrize(("query", "status"), [("status=parked", 200), ("status=magic", 400), ("colour=red", 400)])
def test_filters(as_user, agent, problems, query, status) -> None:
    answer = as_user(agent).get(f"/api/v1/problems/?{query}")

    assert answer.status_code == status
    assert "results" not in answer.json() or answer.json()["results"] == []


def test_it_is_read_only(as_user, agent, problems) -> None:
    assert as_user(agent).post("/api/v1/problems/", {}).status_code == 405
