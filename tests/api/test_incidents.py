"""The REST API: the same verbs under the same rules as the pages."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken

from incidents import conversation
from incidents.models import Incident
from tests import factories
from tests.incidents.levels import person_at

LIST = "/api/v1/incidents/"
CUSTOMER_KEYS = {
    "reference",
    "version",
    "title",
    "status",
    "priority",
    "is_major",
    "customer",
    "service",
    "reporter",
    "owner",
    "question",
    "restored_by",
    "outcome",
    "opened_at",
    "restored_at",
    "resolved_at",
    "closed_at",
    "next_update_due_at",
    "next_update_is_late",
    "lead_has_been_told",
    "restore_due_at",
}
DESK_KEYS = CUSTOMER_KEYS | {
    "support_model", "team", "origin", "impact", "urgency", "priority_basis", "details", "reopened", "resolution_code",
    "cause_category", "configuration_item", "known_error", "detection", "change",
}  # fmt: skip


@pytest.fixture
def api(as_user):
    """api(person) -> post(path, body) and get(path) as them."""

    class Caller:
        def __init__(self, client: Client) -> None:
            self.client = client

        def get(self, path: str):
            return self.client.get(path)

        def post(self, path: str, body: dict | None = None, **headers):
            return self.client.post(path, body or {}, content_type="application/json", headers=headers)

    return lambda person: Caller(as_user(person))


def one(incident: Incident) -> str:
    return f"{LIST}{incident.reference}/"


def test_each_side_gets_its_own_keys(api, reporter, agent, incident) -> None:
    assert set(api(reporter).get(one(incident)).json()) == CUSTOMER_KEYS | {"history"}
    assert set(api(agent).get(one(incident)).json()) == DESK_KEYS | {"history", "clocks", "later", "calls"}
    assert set(api(reporter).get(LIST).json()["results"][0]) == CUSTOMER_KEYS
    assert set(api(agent).get(LIST).json()["results"][0]) == DESK_KEYS


def test_internal_words_stay_at_the_desk(api, reporter, agent, incident) -> None:
    conversation.note(incident, by=agent, text="canary among agents")

    assert "canary" in api(agent).get(one(incident)).content.decode()
    assert "canary" not in api(reporter).get(one(incident)).content.decode()


@pytest.mark.parametrize("person", ["colleague", "stranger", "other_agent"])
def test_others_do_not_find_it(api, incident, person, request) -> None:
    caller = api(request.getfixturevalue(person))

    assert caller.get(one(incident)).status_code == 404
    assert caller.post(one(incident) + "take/").status_code == 404
    assert caller.get(LIST).json()["count"] == 0


def test_one_sentence_is_enough(api, reporter, team) -> None:
    answer = api(reporter).post(LIST, {"text": "Documents won't print"})

    incident = Incident.objects.get()
    assert answer.status_code == 201
    assert answer.json()["reference"] == incident.reference
    assert (incident.origin, incident.reporter) == ("api", reporter)


def test_the_desk_reports_for_somebody_it_serves(api, agent, reporter, stranger) -> None:
    answer = api(agent).post(LIST, {"text": "By phone", "reporter": reporter.email, "impact": 1, "urgency": 1})
    refused = api(agent).post(LIST, {"text": "By phone", "reporter": stranger.email})

    assert (answer.status_code, answer.json()["priority"]) == (201, 1)
    assert (refused.status_code, list(refused.json())) == (400, ["reporter"])


def test_a_retry_gives_the_first_one_again(api, reporter, team) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}

    first = api(reporter).post(LIST, {"text": "Documents won't print"}, **key)
    second = api(reporter).post(LIST, {"text": "Documents won't print"}, **key)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["reference"] == second.json()["reference"]
    assert Incident.objects.count() == 1


VERBS = [
    ("take", {}, "taken", "assigned"),
    ("update", {"text": "We look at it."}, "updated", "in_progress"),
    ("note", {"text": "Probably the driver."}, "noted", "new"),
    ("ask", {"question": "Which printer?"}, "asked", "pending"),
    ("restore", {"outcome": "Printer 2 works.", "restored_by": "workaround"}, "restored", "restored"),
    ("prioritise", {"impact": 1, "urgency": 1}, "prioritised", "new"),
    ("cancel", {"reason": "Not an incident."}, "cancelled", "cancelled"),
    ("add", {"text": "He says it smokes."}, "added", "new"),
]


@pytest.mark.parametrize(("verb", "body", "kind", "status"), VERBS)
def test_each_verb_does_what_the_page_does(api, agent, incident, verb, body, kind, status) -> None:
    answer = api(agent).post(f"{one(incident)}{verb}/", body)

    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == status
    assert incident.events.order_by("-pk").first().kind == kind


def test_resolved_and_still_broken(api, agent, reporter, incident) -> None:
    factories.restored(incident, agent)

    resolved = api(agent).post(one(incident) + "resolve/", {"note": "New driver."})
    again = api(reporter).post(one(incident) + "still-broken/", {})

    assert (resolved.json()["status"], again.json()["status"]) == ("resolved", "in_progress")


def test_a_file_is_attached(as_user, reporter, incident) -> None:
    path = one(incident) + "attach/"
    client = as_user(reporter)

    kept = client.post(path, {"file": SimpleUploadedFile("log.txt", b"line one")})
    refused = client.post(path, {"file": SimpleUploadedFile("tool.exe", b"MZ")})

    assert (kept.status_code, refused.status_code) == (200, 422)
    assert "cannot be kept" in refused.json()["detail"]
    assert incident.attachments.get().name == "log.txt"


def test_customers_do_not_do_the_desks_work(api, reporter, incident) -> None:
    for verb, body, _kind, _status in VERBS[:6]:
        answer = api(reporter).post(f"{one(incident)}{verb}/", body)
        assert answer.status_code == 409, verb
        assert answer.json()["detail"] == "Only the people at the desk can do this."


def test_a_stale_version_is_told_the_current_one(api, agent, incident) -> None:
    factories.answered(incident, agent)

    answer = api(agent).post(one(incident) + "update/", {"text": "Written before", "version": 1})

    assert answer.status_code == 409
    assert answer.json()["version"] == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("status=new", 200),
        ("status=nonsense", 400),
        ("priority=9", 400),
        ("customer=x", 400),
        ("ordering=-priority", 200),
        ("opened_after=yesterday", 400),
        ("password=x", 400),
        ("page=99", 404),
        ("customer=99999999999999999999", 400),
    ],
)
def test_filters_are_an_allow_list(api, agent, incident, query, status) -> None:
    assert api(agent).get(f"{LIST}?{query}").status_code == status


def test_filters_narrow(api, agent, reporter, incident) -> None:
    other = factories.taken(factories.open_incident(reporter, text="Another"), agent)

    found = api(agent).get(f"{LIST}?status=assigned&owner={agent.email}").json()["results"]

    assert [row["reference"] for row in found] == [other.reference]


def test_a_token_signs_in(reporter, incident) -> None:
    _token, secret = AuthToken.objects.create(reporter)

    with_token = Client().get(LIST, headers={"Authorization": f"Token {secret}"})
    without = Client().get(LIST)
    wrong = Client().get(LIST, headers={"Authorization": "Token ek_wrong"})

    assert (with_token.status_code, without.status_code, wrong.status_code) == (200, 401, 401)


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_asks_a_fixed_number_of_questions(as_user, agent, reporter, django_assert_num_queries, count) -> None:
    for number in range(count):
        factories.open_incident(reporter, text=f"Report {number}")
    client = as_user(agent)

    with django_assert_num_queries(5):
        assert client.get(f"{LIST}?page_size=100").json()["count"] == count


@pytest.mark.parametrize(("level", "priority", "basis"), [(1, 4, "assumed"), (2, 1, "suggested"), (5, 1, "criteria")])
def test_what_a_customers_program_says_is_the_policys_to_weigh(api, level, priority, basis) -> None:
    person = person_at(level)
    said = {"impact": 1, "urgency": 1, "since": "13:05", "correlation_id": "c-17", "evidence": ""}

    answer = api(person).post(LIST, {"text": "Payments fail"} | said)

    incident = Incident.objects.get(reference=answer.json()["reference"])
    assert (incident.priority, incident.priority_basis) == (priority, basis)
    assert incident.details == {"affected": 1, "working": 1, "since": "13:05", "correlation_id": "c-17"}
