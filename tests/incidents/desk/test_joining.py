"""The desk's panel: whom it hits, who follows, and adding somebody."""

import pytest

from incidents import following
from tests import factories
from tests.htmx import assert_swap_equals_reload
from tests.incidents.desk.pages import HX


def test_it_says_whom_it_hits(desk, address, incident, colleague, contact) -> None:
    following.join(incident, by=colleague)
    following.join(incident, by=contact, why="follows")

    html = desk.get(address("followers")).content.decode()

    assert "Hits 2 people" in html
    assert html.index("Carl Colleague") < html.index("Birte Brandt")
    assert "</html>" in html
    assert "</html>" not in desk.get(address("followers"), headers=HX).content.decode()


@pytest.mark.parametrize("words", ["Carl Colleague", "carl", "colleague@town.example"])
def test_somebody_is_added(desk, address, incident, colleague, words) -> None:
    colleague.email = "colleague@town.example"
    colleague.save()

    answer = desk.post(address("followers"), {"who": words, "why": "me_too"})

    assert (answer.status_code, answer["Location"]) == (302, address("followers"))
    assert incident.followers.get().person == colleague


def test_the_swap_shows_what_a_reload_shows(desk, address, colleague) -> None:
    values = {"who": "carl", "why": "follows"}
    assert_swap_equals_reload(desk, address("followers"), address("followers"), values, "followers")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"who": "", "why": "me_too"}, "Please say who."), ({"who": "Nobody"}, "Nobody of that name"),
        ({"who": "Sam Stranger", "why": "me_too"}, "Nobody of that name is at this customer."),
        ({"who": "carl", "why": "x"}, "Please choose one of the two."),
        ({"who": "Rosa", "why": "me_too"}, "has reported it"), ({"who": "a" * 101}, "at most 100 characters"),
        ({"who": "colleague", "why": "me_too"}, "Several people fit: Carl Colleague"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_nothing_is_lost(
    desk, address, incident, colleague, stranger, town, values, sentence
) -> None:
    factories.UserFactory(name="Cora Colleague", customer=town)

    answer = desk.post(address("followers"), values)

    html = answer.content.decode()
    assert answer.status_code == 422 or "reported" in sentence
    assert sentence in html
    assert f'value="{values["who"]}"' in html or not values["who"]
    assert not incident.followers.exists()


def test_somebody_is_taken_off(desk, address, incident, colleague) -> None:
    follow = following.join(incident, by=colleague)

    answer = desk.post(f"{address('followers')}{follow.pk}/end/")

    assert answer.status_code == 302
    assert incident.followers.get().ended_at


def test_others_find_nothing(as_user, address, reporter, contact, stranger, other_agent) -> None:
    for person in (reporter, contact, stranger, other_agent):
        assert as_user(person).get(address("followers")).status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_it_asks_a_fixed_number_of_questions(desk, address, incident, town, number, django_assert_num_queries) -> None:
    for _ in range(number):
        following.join(incident, by=factories.UserFactory(customer=town))

    with django_assert_num_queries(4):  # session, person, incident, those who follow
        desk.get(address("followers"), headers=HX)
