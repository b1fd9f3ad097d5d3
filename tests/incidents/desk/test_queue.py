"""The queue: who sees what, live and without script."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents import lifecycle, queries
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX, attribute, elements, links, region, text

QUEUE = reverse("incidents:desk_queue")


def references(html: str) -> list[str]:
    """The rows from top to bottom."""
    rows = [attribute(one, "id") or "" for one in elements(region(html, "rows")) if one.name == "li"]
    return [row.removeprefix("row-") for row in rows]


def poll_address(html: str) -> str:
    return (attribute(region(html, "rows"), "hx-get") or "").replace("&amp;", "&")


def test_queue_shows_what_matters_of_each_incident(desk, incident, town) -> None:
    row = text(region(desk.get(QUEUE).content.decode(), f"row-{incident.reference}"))

    assert "P4 Documents at counter 2 won't print" in row
    assert "Town of Ostermoor · Guided nobody yet under 1 min old" in row
    assert "answer" in row
    assert "restore" in row


def test_queue_says_in_words_that_a_promise_is_late(desk, reporter, team) -> None:
    with moment.travel(timezone.now() - timedelta(hours=9)):
        incident = factories.open_incident(reporter, impact=1, urgency=1)

    html = desk.get(QUEUE).content.decode()

    assert "late to answer" in text(region(html, f"row-{incident.reference}"))


@pytest.mark.parametrize("status", ["pending", "restored"])
def test_queue_says_why_an_incident_waits(desk, in_state, status) -> None:
    incident = in_state(status)

    row = text(region(desk.get(QUEUE).content.decode(), f"row-{incident.reference}"))

    assert {"pending": "waiting for an answer: Which printer is it?", "restored": "works again"}[status] in row


def test_queue_of_an_agent_of_others_is_empty(as_user, other_agent, incident) -> None:
    html = as_user(other_agent).get(QUEUE).content.decode()

    assert references(html) == []
    assert "Nothing here" in html


def test_queue_is_not_there_for_customers(as_user, reporter, contact) -> None:
    assert [as_user(person).get(QUEUE).status_code for person in (reporter, contact)] == [404, 404]


def test_queue_sends_the_anonymous_to_the_log_in(client) -> None:
    assert client.get(QUEUE).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("words", ["counter", "COUNTER 2", "Ostermoor"])
def test_search_finds_by_title_and_customer(desk, incident, stranger, team, words) -> None:
    factories.open_incident(factories.UserFactory(customer=incident.customer), text="Something else")

    found = references(desk.get(QUEUE, {"q": words}).content.decode())

    assert incident.reference in found
    assert len(found) == (2 if words == "Ostermoor" else 1)


def test_search_finds_by_reference(desk, incident) -> None:
    assert references(desk.get(QUEUE, {"q": incident.reference.lower()}).content.decode()) == [incident.reference]


def test_search_that_finds_nothing_says_where_it_looked(desk, incident) -> None:
    assert "Nothing fits this search" in desk.get(QUEUE, {"q": "no such words"}).content.decode()


@pytest.mark.parametrize("view", ["", "nonsense", "\u202e", "mine' OR 1=1"])
def test_an_unknown_view_is_everything_open(desk, incident, view) -> None:
    assert references(desk.get(QUEUE, {"view": view}).content.decode()) == [incident.reference]


def test_counts_of_views_equal_their_lists(desk, reporter, agent, in_state) -> None:
    for status in [*Incident.Status.values, "restored", "pending"]:
        in_state(status)
    Incident.objects.filter(status="new").update(is_major=True)

    for view in queries.queue_views(agent, moment.now()):
        assert view.count == len(references(desk.get(QUEUE, {"view": view.key}).content.decode())), view.key


def test_preview_is_beside_the_list(desk, incident) -> None:
    html = desk.get(QUEUE, {"incident": incident.reference}).content.decode()

    assert incident.title in text(region(html, "pane"))
    assert [a for a in elements(region(html, "rows")) if attribute(a, "aria-current")] != []


def test_preview_of_others_stays_empty(desk, stranger) -> None:
    theirs = factories.open_incident(stranger, text="A secret of Quillpay")

    html = desk.get(QUEUE, {"incident": theirs.reference}).content.decode()

    assert "Choose an incident in the list" in html
    assert "secret" not in html


def test_preview_by_htmx_equals_the_page(still, desk, fragment, incident, reporter) -> None:
    before = factories.open_incident(reporter, text="The one that was open")
    page = reverse("incidents:desk_incident", kwargs={"reference": incident.reference})

    swapped = fragment(f"{page}?view=open&selected={before.reference}", "pane")

    reloaded = desk.get(QUEUE, {"view": "open", "incident": incident.reference}).content.decode()
    for identity in ["pane", f"row-{incident.reference}", f"row-{before.reference}"]:
        assert region(swapped, identity) == region(reloaded, identity)


def test_poll_answers_204_when_nothing_changed(still, desk, incident) -> None:
    address = poll_address(desk.get(QUEUE).content.decode())

    answer = desk.get(address, headers=HX)

    assert answer.status_code == 204
    assert answer.content == b""


def test_poll_keeps_the_rows_and_says_how_many_are_new(desk, fragment, incident, reporter) -> None:
    address = poll_address(desk.get(QUEUE).content.decode())
    urgent = factories.open_incident(reporter, text="Everything is down", impact=1, urgency=1)

    html = fragment(address, "rows")

    assert references(html) == [incident.reference]
    assert links(html, "1 new, show it") == [f"{QUEUE}?view=open&q="]
    assert "Everything open 2" in text(region(html, "views"))
    assert references(fragment(f"{QUEUE}?view=open", "rows")) == [urgent.reference, incident.reference]


def test_poll_leaves_a_row_where_it_was_when_it_belongs_elsewhere(desk, fragment, incident, reporter, mate) -> None:
    second = factories.open_incident(reporter, text="The second one")
    address = poll_address(desk.get(QUEUE, {"view": "unowned"}).content.decode())
    lifecycle.take(incident, by=mate)

    html = fragment(address, "rows")

    assert references(html) == [incident.reference, second.reference]
    assert "not in this list any more" in text(region(html, f"row-{incident.reference}"))
    assert "The list has changed" in html


def test_poll_notices_that_time_passed(desk, incident) -> None:
    address = poll_address(desk.get(QUEUE).content.decode())

    with moment.travel(timezone.now() + timedelta(minutes=1)):
        assert desk.get(address, headers=HX).status_code == 200


@pytest.mark.parametrize("shown", ["", "INC-99999999", "INC-1,INC-2,x", "\u202e", "INC-" + "9" * 400])
def test_poll_with_a_bad_memory_is_answered(desk, incident, shown) -> None:
    assert desk.get(QUEUE, {"since": "x", "shown": shown}, headers=HX).status_code == 200


def test_going_back_gives_the_whole_page(desk, incident) -> None:
    html = desk.get(QUEUE, headers=HX | {"HX-History-Restore-Request": "true"}).content.decode()

    assert "</html>" in html


@pytest.mark.parametrize("number", [1, 3, 100])
def test_queue_asks_the_same_number_of_questions(desk, django_assert_num_queries, reporter, team, number) -> None:
    for _ in range(number):
        factories.open_incident(reporter)

    with django_assert_num_queries(8):
        desk.get(QUEUE)


@pytest.mark.parametrize("number", [1, 3])
def test_poll_asks_the_same_number_of_questions(desk, django_assert_num_queries, reporter, team, number, still) -> None:
    for _ in range(number):
        factories.open_incident(reporter)
    address = poll_address(desk.get(QUEUE).content.decode())

    with django_assert_num_queries(3):
        desk.get(address, headers=HX)
