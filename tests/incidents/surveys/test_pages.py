"""The page behind the link of a question, and the list of the signed-in."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from incidents import surveys
from incidents.models import Survey
from itsm import moment


def page_of(survey: Survey) -> str:
    return reverse("incidents:survey", args=[survey.token])


def chosen(shown: str) -> list[str]:
    """The values of the buttons that are chosen."""
    buttons = re.findall(r"<input[^>]*>", shown)
    return [re.findall(r'value="(\d)"', button)[0] for button in buttons if "checked" in button]


@pytest.fixture
def grown(town):
    """A customer that is asked in numbers."""
    town.level = 2
    town.save()
    return town


@pytest.fixture
def survey(grown, asked, reporter) -> Survey:
    return asked(reporter)


def test_a_link_chooses_and_answers_nothing(survey) -> None:
    """Programs that look at mails open each link in them."""
    for number in (1, 2, 3, 4, 5):
        answer = Client().get(page_of(survey) + f"?answer={number}")
        assert chosen(answer.content.decode()) == [str(number)]

    survey.refresh_from_db()
    assert (survey.answered_at, survey.satisfaction) == (None, None)
    assert not survey.incident.events.filter(kind="rated").exists()


@pytest.mark.parametrize("query", ["?answer=9", "?answer=%00", "?answer=", "?answer=٣", "?answer=1&answer=x"])
def test_a_link_with_something_else_chooses_nothing(survey, query) -> None:
    answer = Client().get(page_of(survey) + query)

    assert answer.status_code in (200, 400)
    assert b"checked" not in answer.content


def test_one_press_sends_it_and_the_second_page_is_optional(survey) -> None:
    client = Client()

    answer = client.post(page_of(survey), {"satisfaction": "4"}, follow=True)
    assert "Thank you" in answer.content.decode()
    assert Survey.objects.get().satisfaction == 4

    more = {"more": "1", "satisfaction": "4", "ease": "6", "lost_min": "30", "comment": "All well."}
    client.post(page_of(survey), more)
    survey.refresh_from_db()
    assert (survey.ease, survey.lost_min, survey.comment, survey.answered_by) == (6, 30, "All well.", "page")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Please choose one of the answers."),
        ({"satisfaction": "9"}, "Please choose one of the answers."),
        ({"satisfaction": "3", "more": "1", "ease": "99"}, "Please choose one of the answers."),
        ({"satisfaction": "3", "more": "1", "lost_min": "1e9"}, "Please choose one of the answers."),
        ({"satisfaction": "3", "more": "1", "comment": "word " * 500}, "at most 2000 characters"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_a_sentence(survey, fields, sentence) -> None:
    answer = Client().post(page_of(survey), fields)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert fields.get("comment", "").strip() in answer.content.decode()
    survey.refresh_from_db()
    assert survey.answered_at is None


def test_guided_customers_choose_between_two_and_give_a_reason(asked, reporter) -> None:
    survey = asked(reporter)  # the town works at level 1
    shown = Client().get(page_of(survey) + "?answer=2").content.decode()
    assert shown.count('type="radio"') == 2
    assert chosen(shown) == ["1"]

    answer = Client().post(page_of(survey), {"satisfaction": "1", "comment": "It took a day."}, follow=True)

    assert "Somebody will call you by" in answer.content.decode()
    assert 'name="ease"' not in answer.content.decode()
    survey.refresh_from_db()
    assert (survey.satisfaction, survey.comment) == (1, "It took a day.")


def test_closed_it_says_so_and_takes_nothing(survey) -> None:
    with moment.travel(survey.closes_at):
        assert "This question is closed" in Client().get(page_of(survey)).content.decode()
        assert Client().post(page_of(survey), {"satisfaction": "5"}).status_code == 409


def test_the_link_ends_with_the_person(survey, reporter) -> None:
    reporter.is_active = False
    reporter.save()

    assert Client().get(page_of(survey)).status_code == 404
    assert Client().post(page_of(survey), {"satisfaction": "5"}).status_code == 404


def test_the_page_speaks_the_persons_language_and_stays_out_of_search_engines(survey, reporter) -> None:
    reporter.language = "de"
    reporter.save()

    answer = Client().get(page_of(survey), headers={"accept-language": "fr"})

    assert '<html lang="de"' in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_too_many_forms_are_stopped(survey) -> None:
    client = Client()
    statuses = {client.post(page_of(survey), {"satisfaction": "4"}).status_code for _number in range(31)}

    assert statuses == {302, 429}


def test_the_signed_in_see_their_own_questions(survey, reporter, colleague, as_user) -> None:
    own, others = as_user(reporter), as_user(colleague)
    listed = reverse("incidents:portal_surveys")

    assert page_of(survey) in own.get(listed).content.decode()
    assert page_of(survey) in own.get(reverse("incidents:portal_home")).content.decode()
    assert page_of(survey) not in others.get(listed).content.decode()

    surveys.answer(survey, by=reporter, satisfaction=5, by_way="page")
    assert page_of(survey) in own.get(listed).content.decode()
    assert page_of(survey) not in own.get(reverse("incidents:portal_home")).content.decode()
    with moment.travel(moment.now() + timedelta(days=8)):
        assert page_of(survey) not in own.get(listed).content.decode()
