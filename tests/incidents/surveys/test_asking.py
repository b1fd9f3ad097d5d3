"""Who is asked how it went, when, and who never is."""

from datetime import timedelta

import pytest

from customers import people
from incidents import corrections, lifecycle, surveys
from incidents.models import Follow, Incident, Survey
from itsm import moment
from tests import factories
from tests.incidents.crowd import at_once

HOUR = timedelta(hours=1)


def asked() -> list[str]:
    return list(Survey.objects.order_by("pk").values_list("person__name", flat=True))


@pytest.mark.parametrize(("ago", "count"), [(HOUR, 0), (2 * HOUR, 1), (23 * HOUR, 1), (25 * HOUR, 0)])
def test_asked_two_hours_after_it_was_solved(solved, reporter, ago, count) -> None:
    incident = solved(reporter, ago=ago)

    assert surveys.ask_due() == count
    assert incident.surveys.count() == incident.events.filter(kind="survey_asked").count() == count


@pytest.mark.parametrize(("phone", "way"), [("555 0177", "sms"), ("", "email")])
def test_whoever_called_is_asked_within_the_hour(solved, reporter, phone, way) -> None:
    reporter.phone = phone
    reporter.save()
    incident = solved(reporter, ago=timedelta(minutes=31), origin=Incident.Origin.PHONE)
    solved(factories.UserFactory(customer=reporter.customer), ago=timedelta(minutes=31))

    surveys.ask_due()

    assert asked() == [reporter.name]
    data = incident.events.get(kind="survey_asked").data
    assert (data["person_id"], data["way"]) == (reporter.pk, way)


def test_asked_once_and_open_for_a_week(asked, reporter) -> None:
    survey = asked(reporter)

    assert surveys.ask_due() == 0
    assert survey.closes_at - survey.asked_at == timedelta(days=7)


@pytest.mark.parametrize(("days", "count"), [(13, 0), (14, 1)])
def test_nobody_is_asked_twice_within_a_fortnight(asked, solved, reporter, days, count) -> None:
    survey = asked(reporter)
    Survey.objects.filter(pk=survey.pk).update(asked_at=moment.now() - timedelta(days=days))
    solved(reporter)

    assert surveys.ask_due() == count


def test_two_solved_at_once_are_one_question(solved, reporter) -> None:
    solved(reporter)
    solved(reporter)

    assert surveys.ask_due() == 1


def test_during_an_open_major_of_the_customer_nobody_is_asked(solved, reporter, stranger, other_agent) -> None:
    solved(reporter)
    big = factories.open_incident(factories.UserFactory(customer=reporter.customer))
    Incident.objects.filter(pk=big.pk).update(is_major=True)
    assert surveys.ask_due() == 0

    Incident.objects.filter(pk=big.pk).update(status="cancelled")
    assert surveys.ask_due() == 1


def test_what_was_withdrawn_or_opened_again_is_not_asked_about(solved, reporter, colleague) -> None:
    lifecycle.still_broken(solved(reporter), by=reporter)
    with moment.travel(moment.now() - 3 * HOUR):
        lifecycle.cancel(factories.open_incident(colleague), by=colleague, reason="My own cable.")

    assert surveys.ask_due() == 0


def test_who_has_left_is_not_asked(solved, reporter, contact) -> None:
    solved(reporter)
    people.deactivate(reporter, by=contact)

    assert surveys.ask_due() == 0


def tenth(model, row, remainder: int) -> None:
    """Gives the row a number that ends so."""
    number = 10 * (row.pk + 10_000) + remainder
    model.objects.filter(pk=row.pk).update(id=number)


@pytest.mark.parametrize(("remainder", "names"), [(0, ["Rosa Reporter", "Carl Colleague"]), (7, ["Rosa Reporter"])])
def test_of_those_whom_it_hit_too_one_in_ten_is_asked(solved, reporter, colleague, remainder, names) -> None:
    incident = solved(reporter)
    fields = {"incident": incident, "customer": reporter.customer, "person": colleague, "created_at": moment.now()}
    tenth(Follow, Follow.objects.create(why="me_too", **fields), remainder)

    surveys.ask_due()

    assert asked() == names


def test_who_only_follows_is_not_asked(solved, reporter, colleague) -> None:
    incident = solved(reporter)
    fields = {"incident": incident, "customer": reporter.customer, "person": colleague, "created_at": moment.now()}
    tenth(Follow, Follow.objects.create(why="follows", **fields), 0)

    surveys.ask_due()

    assert asked() == [reporter.name]


@pytest.mark.parametrize("sampled", [True, False])
def test_of_the_duplicates_one_in_ten_is_asked_about_their_own(reporter, colleague, agent, sampled) -> None:
    with moment.travel(moment.now() - 3 * HOUR):
        first = factories.open_incident(reporter)
        second = factories.open_incident(colleague)
        while (second.pk % surveys.ONE_IN == 0) is not sampled:
            second = factories.open_incident(colleague)
        corrections.merge(second, by=agent, into=first)
        factories.resolved(first, agent)

    surveys.ask_due()

    assert asked() == [reporter.name] + [colleague.name] * sampled
    assert second.surveys.exists() is sampled


@pytest.mark.django_db(transaction=True)
def test_many_workers_ask_each_person_once(solved, reporter) -> None:
    for _number in range(3):
        solved(reporter)

    at_once(*[surveys.ask_due] * 4)

    assert asked() == [reporter.name]
