"""The first page: one box, and how one's reports stand."""

import pytest

from tests import factories


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
    assert as_user(administrator).get("/")["Location"] == "/admin/"


@pytest.mark.parametrize("count", [1, 3, 100])
def test_home_asks_a_fixed_number_of_questions(as_user, reporter, team, django_assert_num_queries, count) -> None:
    for number in range(count):
        factories.open_incident(reporter, text=f"Report {number}")
    client = as_user(reporter)

    with django_assert_num_queries(7):
        assert client.get("/").status_code == 200
