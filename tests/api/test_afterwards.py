"""The record and what is owed of it over the API: the same verb under the same rules as the page."""

import pytest

from incidents import lifecycle
from tests import factories


@pytest.fixture
def send(as_user, agent, incident):
    """send({...}) -> the answer to the agent who completes the record."""

    def post(said: dict, by=agent):
        return as_user(by).post(f"/api/v1/incidents/{incident.reference}/complete/", said, "application/json")

    return post


def test_the_record_is_completed_and_what_was_owed_is_done(send, as_user, town, incident, agent) -> None:
    service = factories.ServiceFactory(customer=town)
    factories.resolved(incident, agent)

    whole = send({"resolution_code": "replaced", "service": service.pk, "change": "CHG-7"}).json()

    assert (whole["resolution_code"], whole["service"], whole["change"]) == ("replaced", service.name, "CHG-7")
    detail = as_user(agent).get(f"/api/v1/incidents/{incident.reference}/").json()
    assert [(debt["rule"], debt["state"]) for debt in detail["later"]] == [("resolution_code", "done")]


def test_calls_are_shown_to_the_desk_alone(as_user, reporter, team, agent) -> None:
    incident = factories.restored(factories.open_incident(reporter, impact=1, urgency=2), agent)
    address = f"/api/v1/incidents/{incident.reference}/"

    (call,) = as_user(agent).get(address).json()["calls"]
    assert (call["why"], call["called"], call["tries"]) == ("confirm", reporter.name, 0)

    theirs = as_user(reporter).get(address).json()
    assert not {"calls", "later", "cause_category", "resolution_code"} & theirs.keys()


@pytest.mark.parametrize(
    ("said", "field"),
    [({"cause_category": "ghosts"}, "cause_category"), ({"change": "x" * 61}, "change"), ({"service": 0}, "service")],
)
def test_what_cannot_be_read_names_its_field(send, incident, agent, said, field) -> None:
    factories.restored(incident, agent)

    answer = send(said)

    assert answer.status_code == 400
    assert field in answer.json()


def test_too_early_too_late_and_not_ones_own(send, incident, agent, reporter, other_agent) -> None:
    assert send({"change": "CHG-7"}).status_code == 409
    incident = factories.restored(incident, agent)
    version = incident.version
    lifecycle.resolve(incident, by=agent)

    assert send({"change": "CHG-7", "version": version}).status_code == 409
    assert send({"change": "CHG-7"}, by=reporter).status_code == 409
    assert send({"change": "CHG-7"}, by=other_agent).status_code == 404
