"""What is answered, by which way, and what follows."""

from datetime import timedelta

import pytest

from incidents import calls, lifecycle, surveys
from incidents.models import CallTask, Survey
from itsm import moment
from itsm.refusal import Refused
from tests import factories
from tests.incidents.moments import at


def said(survey: Survey) -> tuple:
    survey.refresh_from_db()
    return survey.satisfaction, survey.ease, survey.lost_min, survey.comment, survey.answered_by


def rated(survey: Survey) -> list[tuple]:
    events = survey.incident.events.filter(kind="rated").order_by("pk")
    return [(event.data["before"], event.data["satisfaction"], event.actor) for event in events]


def test_one_number_is_an_answer(asked, reporter) -> None:
    survey = asked(reporter)

    surveys.answer(survey, by=reporter, satisfaction=4, by_way="page")

    assert said(survey) == (4, None, None, "", "page")
    assert rated(survey) == [(None, 4, reporter)]


def test_an_answer_may_be_changed_and_what_is_not_said_stays(asked, reporter) -> None:
    survey = asked(reporter)
    surveys.answer(survey, by=reporter, satisfaction=4, by_way="sms", ease=6, lost_min=60, comment="Quick\x00 help.")

    surveys.answer(survey, by=reporter, satisfaction=5, by_way="page", ease=None)
    assert said(survey) == (5, None, 60, "Quick help.", "page")

    surveys.answer(survey, by=reporter, satisfaction=5, by_way="page", comment="")
    assert said(survey)[3] == ""
    assert rated(survey) == [(None, 4, reporter), (4, 5, reporter)]


@pytest.mark.parametrize(
    "values",
    [
        {"satisfaction": 0}, {"satisfaction": 6}, {"satisfaction": None}, {"ease": 8}, {"lost_min": -1},
        {"lost_min": 10**7}, {"comment": "x" * 2001},
    ],
)  # fmt: skip
def test_what_no_answer_can_be_is_refused_and_keeps_nothing(asked, reporter, values) -> None:
    survey = asked(reporter)

    with pytest.raises(Refused):
        surveys.answer(survey, by=reporter, by_way="page", **{"satisfaction": 3} | values)

    assert said(survey) == (None, None, None, "", "")


def test_nobody_answers_for_somebody_else(asked, reporter, colleague) -> None:
    survey = asked(reporter)

    with pytest.raises(Refused):
        surveys.answer(survey, by=colleague, satisfaction=1, by_way="page")


def test_after_a_week_it_is_closed(asked, reporter) -> None:
    survey = asked(reporter)

    with moment.travel(survey.closes_at), pytest.raises(surveys.SurveyClosed):
        surveys.answer(survey, by=reporter, satisfaction=5, by_way="page")


# --- a bad answer


@pytest.mark.parametrize("number", [1, 2])
def test_a_bad_answer_is_called_back_within_a_business_day(office, reporter, agent, number) -> None:
    with moment.travel(at("Mon 08:00")):
        incident = factories.resolved(factories.open_incident(reporter), agent)
    with moment.travel(at("Mon 10:30")):
        surveys.ask_due()
        surveys.answer(Survey.objects.get(), by=reporter, satisfaction=number, by_way="page")

    call = incident.calls.get(why="unhappy")
    assert (call.person, call.owner, call.due_at) == (reporter, agent, at("Tue 10:30"))
    assert Survey.objects.get().call == call
    assert incident.events.get(kind="call_planned").data["why"] == "unhappy"


def test_a_middling_answer_is_not(asked, reporter) -> None:
    survey = asked(reporter)
    surveys.answer(survey, by=reporter, satisfaction=3, by_way="page")

    assert not survey.incident.calls.exists()


def test_one_call_however_often_it_is_said_and_none_when_it_is_taken_back(asked, reporter) -> None:
    survey = asked(reporter)
    for number in (1, 2, 1):
        surveys.answer(survey, by=reporter, satisfaction=number, by_way="page")
    assert survey.incident.calls.filter(why="unhappy").count() == 1

    surveys.answer(survey, by=reporter, satisfaction=4, by_way="page")
    assert survey.incident.calls.get(why="unhappy").outcome == CallTask.Outcome.NOT_NEEDED

    surveys.answer(survey, by=reporter, satisfaction=1, by_way="page")
    assert survey.incident.calls.to_make().count() == 1


def test_who_was_called_already_is_not_called_again(asked, reporter, agent) -> None:
    survey = asked(reporter)
    surveys.answer(survey, by=reporter, satisfaction=1, by_way="page")
    calls.record_call(survey.incident.calls.get(why="unhappy"), by=agent, outcome="reached")

    surveys.answer(survey, by=reporter, satisfaction=2, by_way="page")

    assert not survey.incident.calls.to_make().exists()


def test_closing_the_incident_does_not_forget_the_call(asked, reporter) -> None:
    survey = asked(reporter)
    surveys.answer(survey, by=reporter, satisfaction=1, by_way="page")

    lifecycle.close(survey.incident)

    assert survey.incident.calls.to_make().get().why == "unhappy"


# --- by SMS and by mail


@pytest.mark.parametrize(
    ("text", "satisfaction", "comment"),
    [
        ("4", 4, ""), (" 5 \n", 5, ""), ("2.\nIt took all day.", 2, "It took all day."), ("3/5", 3, ""), ("👍", 5, ""),
        ("👎🏽", 1, ""),
    ],
)  # fmt: skip
def test_a_number_alone_answers_by_sms(asked, reporter, text, satisfaction, comment) -> None:
    survey = asked(reporter)

    assert surveys.answer_by_sms(reporter, text) is True
    assert said(survey) == (satisfaction, None, None, comment, "sms")


@pytest.mark.parametrize("text", ["", "6", "0", "2 printers are still broken", "NO", "five", "12", "٣", "3-4"])
def test_anything_else_is_a_message_and_no_answer(asked, reporter, text) -> None:
    survey = asked(reporter)

    assert surveys.answer_by_sms(reporter, text) is False
    assert said(survey)[0] is None


def test_who_is_asked_nothing_or_not_any_more_answers_nothing(asked, reporter, colleague) -> None:
    survey = asked(reporter)

    assert surveys.answer_by_sms(colleague, "5") is False
    with moment.travel(survey.closes_at + timedelta(seconds=1)):
        assert surveys.answer_by_sms(reporter, "5") is False


def test_a_mail_answers_the_question_about_its_incident(asked, reporter) -> None:
    survey = asked(reporter)
    other = factories.open_incident(reporter)

    assert surveys.answer_by_mail(other, reporter, "5") is False
    assert surveys.answer_by_mail(survey.incident, reporter, "\n1\n\nNobody called me.\n") is True
    assert said(survey) == (1, None, None, "Nobody called me.", "email")
    assert survey.incident.calls.to_make().exists()
