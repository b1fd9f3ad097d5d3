"""Call me back: a report by phone that has yet to happen."""

import pytest
from django.test import Client

from incidents import links
from incidents.models import Incident
from tests import factories
from tests.htmx import assert_swap_equals_reload
from tests.incidents.desk.pages import region, text

WISH = {"number": "555 0193", "when": "afternoon", "text": "The scanner"}


def test_the_wish_is_an_incident_that_waits_for_the_call(as_user, reporter, team) -> None:
    answer = as_user(reporter).post("/call-back/", WISH)

    incident = Incident.objects.get()
    assert answer["Location"] == f"/incidents/{incident.reference}/?sent=1"
    assert (incident.status, incident.origin, incident.title) == ("new", "phone", "The scanner")
    assert incident.details == {"call_back": {"number": "555 0193", "when": "afternoon"}}
    assert incident.clocks.get(kind="response").state == "running"
    assert incident.reporter.phone == "555 0193"


def test_a_number_alone_is_enough(as_user, reporter, team) -> None:
    as_user(reporter).post("/call-back/", {"number": "555 0193"})

    incident = Incident.objects.get()
    assert (incident.title, incident.details["call_back"]["when"]) == ("Please call me back.", "soon")


def test_the_number_we_know_is_filled_in(as_user, reporter, team) -> None:
    reporter.phone = "555 0192"
    reporter.save()

    assert 'value="555 0192"' in as_user(reporter).get("/").content.decode()


@pytest.mark.parametrize("number", ["", " ", "call me", "5" * 60, "a\0b"])
def test_without_a_number_nobody_can_call(as_user, reporter, team, number) -> None:
    answer = as_user(reporter).post("/call-back/", WISH | {"number": number})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="errorlist"' in page
    assert "The scanner" in page
    assert not Incident.objects.exists()


def test_a_time_that_is_not_offered_is_said(as_user, reporter, team) -> None:
    assert as_user(reporter).post("/call-back/", WISH | {"when": "at night"}).status_code == 422


def test_where_nobody_serves_the_customer_it_is_said(as_user, stranger) -> None:
    stranger.customer.teams.all().delete()

    answer = as_user(stranger).post("/call-back/", WISH)

    assert answer.status_code == 422
    assert "Please call." in answer.content.decode()


def test_opened_as_a_page_it_leads_home(as_user, reporter) -> None:
    assert as_user(reporter).get("/call-back/").url == "/"


def test_the_queue_and_the_page_say_it_until_somebody_answered(as_user, reporter, agent) -> None:
    as_user(reporter).post("/call-back/", WISH)
    incident = Incident.objects.get()
    desk = as_user(agent)
    row = f"row-{incident.reference}"

    assert "wants to be called: 555 0193" in text(region(desk.get("/desk/").content.decode(), row))
    page = desk.get(f"/desk/incidents/{incident.reference}/").content.decode()
    assert "Wants to be called: 555 0193 , in the afternoon" in text(region(page, "heading"))

    factories.answered(incident, agent)
    assert "wants to be called" not in text(region(desk.get("/desk/").content.decode(), row))


def test_a_call_about_an_incident_owes_a_reply(incident, reporter, agent) -> None:
    factories.answered(incident, agent)
    address = f"/t/{links.make(incident, reporter)}/"

    Client().post(address + "call-back/", WISH)

    incident.refresh_from_db()
    assert incident.details["call_back"]["number"] == "555 0193"
    assert incident.clocks.active().filter(kind="reply").exists()
    assert incident.messages.filter(body="The scanner", author=reporter).exists()


def test_the_swap_shows_what_a_reload_shows(incident, reporter) -> None:
    address = f"/t/{links.make(incident, reporter)}/"

    assert_swap_equals_reload(Client(), address, address + "call-back/", WISH, "incident")


def test_a_wrong_number_keeps_the_form_open(incident, reporter) -> None:
    address = f"/t/{links.make(incident, reporter)}/"

    answer = Client().post(address + "call-back/", WISH | {"number": "?"})

    assert answer.status_code == 422
    assert "The scanner" in answer.content.decode()


def test_asked_twice_it_is_one(incident, reporter, as_user) -> None:
    token = "7f1b0f4e-5a0e-4b0e-9a3f-4a6f1c2d3e4f"
    for _ in range(2):
        as_user(reporter).post("/call-back/", WISH | {"client_token": token})

    assert Incident.objects.filter(origin="phone").count() == 1


def test_who_may_not_add_may_not_be_called_about_it(in_state, reporter) -> None:
    closed = in_state("closed")

    answer = Client().post(f"/t/{links.make(closed, reporter)}/call-back/", WISH)

    assert answer.status_code == 409
