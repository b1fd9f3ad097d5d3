"""The first page: one box, and how one's reports stand."""

import re
from datetime import timedelta

import pytest

from customers import assessment
from incidents import conversation
from itsm import moment
from tests import factories
from tests.customers.assessed import TOWN, proposed
from tests.incidents.moments import at


def test_home_lists_own_reports_with_the_next_news(as_user, reporter, incident) -> None:
    page = as_user(reporter).get("/").content.decode()

    assert "What is not working?" in page
    assert incident.title.replace("'", "&#x27;") in page
    assert "Next news by" in page


def test_home_of_a_colleague_does_not_list_it(as_user, colleague, incident) -> None:
    assert incident.reference not in as_user(colleague).get("/").content.decode()


def test_home_of_a_colleague_lists_it_where_the_customer_shares(as_user, colleague, incident, town) -> None:
    town.shares_incidents = True
    town.save()

    assert incident.reference in as_user(colleague).get("/").content.decode()


def test_home_of_the_contact_lists_it(as_user, contact, incident) -> None:
    assert "reported by Rosa Reporter" in as_user(contact).get("/").content.decode()


def test_home_of_a_stranger_does_not_list_it(as_user, stranger, incident) -> None:
    assert incident.reference not in as_user(stranger).get("/").content.decode()


def test_staff_are_sent_to_their_side(as_user, agent) -> None:
    administrator = factories.UserFactory(administrator=True)

    assert as_user(agent).get("/")["Location"] == "/desk/"
    assert as_user(administrator).get("/")["Location"] == "/desk/levels/"


def test_home_tells_what_is_asked_and_what_to_do_meanwhile(as_user, reporter, agent, in_state) -> None:
    in_state("pending")
    in_state("restored")

    page = as_user(reporter).get("/").content.decode()

    assert "Which printer is it?" in page
    assert "Printing works over printer 2." in page


@pytest.mark.parametrize("status", ["resolved", "closed", "cancelled"])
def test_home_folds_away_what_is_over(as_user, reporter, in_state, status) -> None:
    over = in_state(status)

    page = as_user(reporter).get("/").content.decode()

    assert "Nothing is open." in page
    assert over.reference in page.split("Earlier reports")[1]


def test_home_never_shows_internal_words(as_user, reporter, contact, agent, incident) -> None:
    conversation.note(incident, by=agent, text="canary among agents")

    for person in (reporter, contact):
        assert "canary" not in as_user(person).get("/").content.decode()


def test_home_says_when_news_is_late(as_user, reporter, incident) -> None:
    due = incident.clocks.get(kind="response").due_at

    with moment.travel(due + timedelta(hours=1)):
        page = as_user(reporter).get("/").content.decode()

    assert "News was due" in page
    assert "Next news by" not in page


@pytest.mark.parametrize(
    ("time", "words"),
    [("03:59", "Good evening."), ("04:00", "Good morning."), ("11:59", "Good morning."), ("12:00", "Good afternoon."),
     ("18:00", "Good evening.")],
)  # fmt: skip
def test_home_greets_by_the_readers_own_clock(as_user, reporter, time, words) -> None:
    with moment.travel(at(f"Mon {time}")):
        assert words in as_user(reporter).get("/").content.decode()


@pytest.fixture
def supported(town):
    """The town a level further: there it is asked what it is about."""
    town.level = 2
    town.save()
    return town


def test_home_offers_services_in_business_words_and_not_sure_first(as_user, reporter, supported, stranger) -> None:
    town = supported
    factories.ServiceFactory(customer=town, name="Registry counter")
    factories.ServiceFactory(customer=town, name="Given up", is_active=False)
    factories.ServiceFactory(customer=stranger.customer, name="Card payments")

    page = as_user(reporter).get("/").content.decode()

    assert "Registry counter" in page
    assert "Given up" not in page
    assert "Card payments" not in page
    assert re.search(r'<input type="radio" name="service" value=""[^>]*checked', page)


@pytest.mark.parametrize(("count", "as_list"), [(8, False), (9, True)])
def test_home_lists_many_services_as_a_list(as_user, reporter, supported, count, as_list) -> None:
    for _ in range(count):
        factories.ServiceFactory(customer=supported)

    page = as_user(reporter).get("/").content.decode()

    assert ('<select name="service"' in page) is as_list
    assert "Not sure" in page


@pytest.mark.parametrize("count", [1, 3, 100])
def test_home_asks_a_fixed_number_of_questions(as_user, reporter, team, django_assert_num_queries, count) -> None:
    for number in range(count):
        factories.open_incident(reporter, text=f"Report {number}")
    client = as_user(reporter)

    with django_assert_num_queries(
        11
    ):  # session, person, customer, services, known majors, four lists, clocks of the open ones, how it went
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("count", [1, 3, 10])
def test_home_of_a_contact_asks_a_fixed_number_of_questions(
    as_user, reporter, contact, agent, django_assert_num_queries, count
) -> None:
    for person in [reporter, contact] * count:
        factories.open_incident(person)
        factories.resolved(factories.open_incident(person), agent)
    client = as_user(contact)

    with django_assert_num_queries(
        15
    ):  # likewise, with clocks for each of the four lists, and what waits for an answer
        assert client.get("/").status_code == 200


def test_the_contact_is_led_to_the_proposal_until_they_answer(as_user, contact, reporter, lead, town) -> None:
    assert "We have a proposal for you" not in as_user(contact).get("/").content.decode()

    waiting = proposed(town, lead, TOWN)

    assert 'href="/organisation/maturity/"' in as_user(contact).get("/").content.decode()
    assert "We have a proposal for you" not in as_user(reporter).get("/").content.decode()
    assessment.accept_there(waiting, by=contact)
    assert "We have a proposal for you" not in as_user(contact).get("/").content.decode()


def test_the_contact_finds_their_organisation_on_the_first_page(as_user, contact, reporter) -> None:
    line = "Whom we reach, what is agreed, how we work together, and your people."

    assert line in as_user(contact).get("/").content.decode()
    assert line not in as_user(reporter).get("/").content.decode()
