"""Putting an incident right over the API: the same verbs under the same rules as the pages."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from itsm import moment
from tests import factories
from tests.incidents.moments import clock, history


@pytest.fixture
def send(as_user, agent, incident):
    """send("merge", {...}) -> the answer to the agent."""

    def post(verb: str, said: dict, by=agent):
        return as_user(by).post(f"/api/v1/incidents/{incident.reference}/{verb}/", said, "application/json")

    return post


def test_waiting_for_a_supplier_and_going_on(send, incident) -> None:
    waits = send("wait", {"text": "The part is ordered."}).json()
    assert (waits["status"], waits["question"]) == ("pending", "The part is ordered.")

    assert send("go-on", {"reason": "awaiting_supplier"}).json()["status"] == "in_progress"
    assert history(incident)[-2:] == ["waiting", "went_on"]


def test_hand_over(send, town) -> None:
    factories.TeamFactory(name="Second line", customers=[town])

    assert send("hand-over", {"team": "Second line"}).json()["team"] == "Second line"


def test_name_service(send, town, stranger) -> None:
    factories.ServiceFactory(customer=town, name="Mail")
    factories.ServiceFactory(customer=stranger.customer, name="Payments")

    assert send("name-service", {"service": "Mail"}).json()["service"] == "Mail"
    assert send("name-service", {"service": "Payments"}).status_code == 400
    assert send("name-service", {"service": ""}).json()["service"] is None


def test_merge_answers_with_the_one_that_goes_on(send, reporter, incident) -> None:
    another = factories.open_incident(reporter, text="The same again")

    assert send("merge", {"into": another.reference}).json()["reference"] == another.reference
    incident.refresh_from_db()
    assert incident.merged_into == another


def test_correct_customer(send, team, incident) -> None:
    clinic = factories.CustomerFactory(name="Clinic")
    team.customers.add(clinic)
    nora = factories.UserFactory(customer=clinic)

    assert send("correct-customer", {"reporter": nora.email}).json()["customer"] == "Clinic"


def test_a_deadline_by_hand(send, incident) -> None:
    due = (moment.now() + timedelta(days=3)).replace(microsecond=0)

    answer = send("agree-deadline", {"kind": "restore", "due_at": due.isoformat(), "reason": "Birte agreed."}).json()
    assert parse_datetime(answer["restore_due_at"]) == due

    send("agree-deadline", {"kind": "restore", "due_at": None, "reason": "By mistake."})
    assert clock(incident, "restore").due_at != due


@pytest.mark.parametrize(
    ("verb", "said", "status"),
    [
        ("wait", {"text": " "}, 400),
        ("go-on", {"reason": "rain"}, 400),
        ("go-on", {}, 409),
        ("hand-over", {"team": "Nobody"}, 400),
        ("merge", {"into": "INC-0"}, 400),
        ("correct-customer", {"reporter": "nobody@example.com"}, 400),
        ("agree-deadline", {"kind": "response", "due_at": None, "reason": "x"}, 400),
        ("agree-deadline", {"kind": "restore", "due_at": "2020-01-01T00:00:00Z", "reason": "x"}, 422),
        ("agree-deadline", {"kind": "restore", "due_at": "0001-01-01T00:00:00+14:00", "reason": "x"}, 400),
        ("agree-deadline", {"kind": "close_out", "due_at": None, "reason": "x"}, 422),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(send, incident, verb, said, status) -> None:
    answer = send(verb, said)

    assert answer.status_code == status
    assert answer.json()
    assert history(incident) == ["opened"]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("wait", {"text": "x"}),
        ("go-on", {}),
        ("correct-customer", {"reporter": "x@example.com"}),
        ("agree-deadline", {"kind": "restore", "due_at": None, "reason": "x"}),
    ],
)
def test_customers_do_not_put_right(send, reporter, incident, verb, said) -> None:
    answer = send(verb, said, by=reporter)

    assert answer.status_code == 409
    assert history(incident) == ["opened"]


def test_a_stranger_is_no_goal_of_a_merge(send, stranger, incident) -> None:
    foreign = factories.open_incident(stranger)

    assert send("merge", {"into": foreign.reference}).status_code == 400
    incident.refresh_from_db()
    assert incident.status == "new"
