"""The two plain questions on the tracking page, and what the desk makes of them."""

import pytest
from django.test import Client

from incidents import lifecycle, links
from tests import factories
from tests.htmx import assert_swap_equals_reload
from tests.incidents.desk.pages import region, text
from tests.incidents.levels import person_at

QUESTIONS = "Two short questions"


def opened(level: int):
    incident = factories.open_incident(person_at(level))
    return incident, f"/t/{links.make(incident, incident.reporter)}/"


@pytest.mark.parametrize(("level", "asks"), [(1, False), (2, True), (3, True), (4, True), (5, True)])
def test_they_are_asked_where_the_answers_move_something(level, asks) -> None:
    _incident, page = opened(level)

    assert (QUESTIONS in Client().get(page).content.decode()) is asks


def test_once_answered_they_are_not_asked_again() -> None:
    incident, page = opened(2)

    Client().post(page + "tell/", {"affected": "1", "working": "2"})

    shown = Client().get(page).content.decode()
    incident.refresh_from_db()
    assert (incident.details, incident.priority) == ({"affected": 1, "working": 2}, 2)
    assert QUESTIONS not in shown
    assert "many, or the whole place" in shown


def test_the_swap_shows_what_a_reload_shows() -> None:
    _incident, page = opened(3)

    assert_swap_equals_reload(Client(), page, page + "tell/", {"affected": "2", "working": "2"}, "incident")


@pytest.mark.parametrize("value", ["0", "9", "many", "²", "9" * 400])
def test_what_is_no_answer_is_said(value) -> None:
    incident, page = opened(2)

    answer = Client().post(page + "tell/", {"affected": value})

    assert answer.status_code == 422
    assert "Please choose one of these" in answer.content.decode()
    incident.refresh_from_db()
    assert incident.details == {}


def test_when_it_works_again_nobody_is_asked() -> None:
    incident, page = opened(2)
    agent = factories.UserFactory(agent=True, member_of=incident.team)
    factories.restored(incident, agent)

    assert QUESTIONS not in Client().get(page).content.decode()
    assert Client().post(page + "tell/", {"affected": "1"}).status_code == 409


def test_signed_in_one_answers_on_the_same_page(as_user) -> None:
    incident, _page = opened(3)

    as_user(incident.reporter).post(f"/incidents/{incident.reference}/tell/", {"working": "1"})

    incident.refresh_from_db()
    assert incident.details == {"working": 1}


# --- the desk


@pytest.fixture
def heading(as_user):
    """heading(incident) -> how it stands on the agent's page."""

    def look(incident) -> str:
        agent = factories.UserFactory(agent=True, member_of=incident.team)
        page = as_user(agent).get(f"/desk/incidents/{incident.reference}/").content.decode()
        return text(region(page, "heading"))

    return look


def test_the_desk_is_asked_to_ask_at_level_1(heading) -> None:
    incident, _page = opened(1)

    assert "please ask and set the priority" in heading(incident)


def test_the_desk_confirms_a_suggestion_with_one_click(as_user, heading) -> None:
    incident, page = opened(2)
    Client().post(page + "tell/", {"affected": "1", "working": "1"})
    assert "P1 is suggested by the reporter: please confirm or change it. Confirm P1" in heading(incident)
    agent = factories.UserFactory(agent=True, member_of=incident.team)

    answer = as_user(agent).post(
        f"/desk/incidents/{incident.reference}/prioritise/", {"impact": "1", "urgency": "1"}, follow=True
    )

    assert "Confirmed: P1." in answer.content.decode()
    assert "suggested" not in heading(incident)


@pytest.mark.parametrize("level", [3, 4, 5])
def test_what_the_customer_has_set_needs_no_confirming(heading, level) -> None:
    incident, page = opened(level)
    Client().post(page + "tell/", {"affected": "1", "working": "1"})

    assert "please" not in heading(incident)


def test_a_priority_said_by_the_desk_is_settled(heading) -> None:
    incident, _page = opened(1)
    agent = factories.UserFactory(agent=True, member_of=incident.team)
    lifecycle.prioritise(incident, by=agent, impact=2, urgency=2)

    assert "Nobody has said yet" not in heading(incident)
