"""A major incident by the API: declared and taken back like at the desk."""

import pytest

from incidents import majors
from incidents.models import MajorIncident


def post(client, incident, verb: str, body: dict | None = None):
    return client.post(f"/api/v1/incidents/{incident.reference}/{verb}/", body or {}, content_type="application/json")


def test_declared_and_taken_back(as_user, agent, incident) -> None:
    client = as_user(agent)
    said = {"reason": "All sites", "call_url": "https://meet.example/1"}

    answers = [post(client, incident, "declare", said) for _ in range(2)]

    assert [(answer.status_code, answer.json()["is_major"]) for answer in answers] == [(200, True)] * 2
    major = MajorIncident.objects.get()
    assert (major.reason, major.call_url, majors.manager_of(incident).person) == (*said.values(), agent)
    assert post(client, incident, "downgrade").status_code == 400
    assert post(client, incident, "downgrade", {"reason": "One printer."}).json()["is_major"] is False


@pytest.mark.parametrize("body", [{"reason": "x" * 301}, {"call_url": "meet"}, {"call_url": "javascript:alert(1)"}])
def test_what_cannot_be_read_names_its_field(as_user, agent, incident, body) -> None:
    answer = post(as_user(agent), incident, "declare", body)

    assert answer.status_code == 400
    assert list(answer.json()) == list(body)
    assert not MajorIncident.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("reporter", 409), ("stranger", 404), ("other_agent", 404)])
def test_others_do_not(as_user, request, incident, who, status) -> None:
    assert post(as_user(request.getfixturevalue(who)), incident, "declare").status_code == status
