"""The knobs `intake` and `channels`: what is asked and offered is the policy's, what is taken is the same for all."""

import pytest
from django.test import Client

from incidents import links
from incidents.models import Incident
from tests import factories
from tests.incidents.desk.pages import attribute, elements, region, text
from tests.incidents.levels import person_at

# What stands in everybody's box.
ALWAYS = {"csrfmiddlewaretoken", "client_token", "text", "photo"}
ASKED = {
    1: {"phone"},
    2: {"service"},
    3: {"service", "affected", "working"},
    4: {"service", "affected", "working", "since", "evidence"},
    5: {"service", "affected", "working", "since", "evidence", "correlation_id"},
}
EVERYTHING = {
    "text": "Nothing prints", "affected": "2", "working": "1", "since": "this morning", "evidence": "Error 42",
    "correlation_id": "c-17", "phone": "555 0193",
}  # fmt: skip
KEPT = {
    "affected": 2, "working": 1, "since": "this morning", "evidence": "Error 42", "correlation_id": "c-17",
    "phone": "555 0193",
}  # fmt: skip


@pytest.fixture
def at(as_user):
    """at(level) -> a browser of somebody at a customer of that level."""

    def sign_in(level: int, **values: object) -> Client:
        person = person_at(level, **values)
        factories.ServiceFactory(customer=person.customer, name="Printing")
        return as_user(person)

    return sign_in


def names(page: str, form: str = "box") -> set[str]:
    return {attribute(one, "name") for one in elements(region(page, form)) if attribute(one, "name")}


@pytest.mark.parametrize("level", ASKED)
def test_the_form_asks_what_the_level_is_asked(at, level) -> None:
    assert names(at(level).get("/").content.decode()) == ALWAYS | ASKED[level]


@pytest.mark.parametrize("level", ASKED)
def test_one_sentence_is_enough_at_each_level(at, level) -> None:
    client = at(level)
    page = client.get("/").content.decode()

    answer = client.post("/report/", {"text": "Nothing prints"})

    assert answer.status_code == 302
    assert Incident.objects.get().details == {}
    required = [one for one in elements(region(page, "box")) if "required" in dict(one.attributes)]
    assert [attribute(one, "name") for one in required] == ["text"]
    assert "Send now" in page


@pytest.mark.parametrize("level", [1, 5])
def test_what_was_not_asked_is_taken_too(at, level) -> None:
    at(level).post("/report/", EVERYTHING)

    assert Incident.objects.get().details == KEPT


def test_a_number_that_is_known_is_not_asked_again(at) -> None:
    assert "phone" not in names(at(1, phone="555 0192").get("/").content.decode())


def test_a_number_is_kept_where_none_was_known(at) -> None:
    at(1).post("/report/", {"text": "Nothing prints", "phone": "555 0193"})

    assert Incident.objects.get().reporter.phone == "555 0193"


def test_a_number_never_overwrites_the_one_on_the_profile(at) -> None:
    at(1, phone="555 0192").post("/report/", {"text": "Nothing prints", "phone": "555 0193"})

    incident = Incident.objects.get()
    assert (incident.reporter.phone, incident.details["phone"]) == ("555 0192", "555 0193")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "my desk", "A number has digits"),
        ("phone", "5" * 41, "at most 40 characters"),
        ("affected", "9", "Please choose one of these"),
        ("working", "many", "Please choose one of these"),
        ("since", "x" * 121, "at most 120 characters"),
        ("correlation_id", "a\0b", "Null characters"),
    ],
)
def test_what_cannot_be_read_is_said_and_all_is_kept(at, field, value, sentence) -> None:
    answer = at(1).post("/report/", EVERYTHING | {field: value})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "Error 42" in page
    assert not Incident.objects.exists()


def test_the_agent_reads_the_answers_in_words(at, as_user) -> None:
    at(5).post("/report/", EVERYTHING)
    incident = Incident.objects.get()
    agent = factories.UserFactory(agent=True, member_of=incident.team)

    facts = text(region(as_user(agent).get(f"/desk/incidents/{incident.reference}/").content.decode(), "facts"))

    assert "Who is affected a group" in facts
    assert "Can people work no, not at all" in facts
    assert "Since when this morning" in facts
    assert "Correlation id c-17" in facts


def test_the_matrix_is_shown_where_the_customer_sets_the_priority_by_it(at) -> None:
    asked = "How this sets the priority"

    assert [asked in at(level).get("/").content.decode() for level in (3, 4, 5)] == [False, True, False]


# --- channels

HOTLINE, CALL_BACK, BOX, API = "tel:5550142", "form-call_back", 'id="box"', "/api/v1/docs/"
ORDER = {
    1: [HOTLINE, CALL_BACK, BOX],
    2: [HOTLINE, BOX, CALL_BACK],
    3: [BOX, HOTLINE, CALL_BACK],
    4: [BOX, API, HOTLINE, CALL_BACK],
    5: [API, BOX, HOTLINE, CALL_BACK],
}


@pytest.mark.parametrize("level", ORDER)
def test_the_ways_to_reach_us_stand_in_the_order_of_the_policy(at, level) -> None:
    page = at(level).get("/").content.decode()

    main = page.split("<main")[1].split("</main>")[0]
    offered = [way for way in (HOTLINE, CALL_BACK, BOX, API) if way in main]
    assert sorted(offered, key=main.index) == ORDER[level]


@pytest.mark.parametrize(("level", "first"), [(1, [HOTLINE, CALL_BACK]), (5, [HOTLINE, CALL_BACK])])
def test_the_tracking_page_offers_them_too(level, first) -> None:
    incident = factories.open_incident(person_at(level))

    page = Client().get(f"/t/{links.make(incident, incident.reporter)}/").content.decode()

    main = page.split("<main")[1].split("</main>")[0]
    assert sorted(first, key=main.index) == first


def test_without_a_hotline_none_is_offered(at) -> None:
    client = at(1)
    person = factories.User.objects.get(name="Rosa Reporter")
    person.customer.hotline = ""
    person.customer.save()

    assert "tel:" not in client.get("/").content.decode()
