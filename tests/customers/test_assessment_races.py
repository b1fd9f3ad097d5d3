"""Several people at once at one assessment: nothing is lost, and what happens once happens once."""

from functools import partial

import pytest

from customers import assessment
from customers.assessment import Given
from customers.models import CustomerEvent, MaturityAssessment
from tests import factories
from tests.customers.assessed import TOWN_LATER, proposed
from tests.incidents.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_fifteen_people_at_fifteen_questions_lose_nothing(town, lead, team):
    found = assessment.begin(town, by=lead)
    crowd = [factories.UserFactory(lead=True, leads=team) for _ in range(15)]

    at_once(
        *[
            partial(assessment.answer, found, by=who, number=number, given=Given(2, "shown"))
            for number, who in enumerate(crowd, start=1)
        ]
    )

    found.refresh_from_db()
    assert [each["by"] for each in found.answers] == [who.name for who in crowd]


def test_five_people_at_one_question_and_four_hear_of_it(town, lead):
    found = assessment.begin(town, by=lead)

    outcomes = at_once(
        *[partial(assessment.answer, found, by=lead, number=1, given=Given(level, "shown")) for level in range(1, 6)]
    )

    found.refresh_from_db()
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["Collides"] * 4 + ["MaturityAssessment"]
    assert found.answers[0]["version"] == 1


def test_five_begin_and_there_is_one(town, lead):
    outcomes = at_once(*[partial(assessment.begin, town, by=lead)] * 5)

    assert len({outcome.pk for outcome in outcomes}) == MaturityAssessment.objects.count() == 1


def test_both_sides_accept_at_once_and_it_is_agreed(town, lead, contact):
    found = proposed(town, lead, TOWN_LATER)

    at_once(partial(assessment.accept_here, found, by=lead), partial(assessment.accept_there, found, by=contact))

    found.refresh_from_db()
    assert (found.state, found.level_proposed) == ("agreed", 2)
    assert CustomerEvent.objects.filter(kind="level_accepted").count() == 2


def test_two_finish_and_one_does(town, lead, manager):
    found = assessment.begin(town, by=lead)
    for number in range(1, 16):
        assessment.answer(found, by=lead, number=number, given=Given(2, "shown"))

    outcomes = at_once(*[partial(assessment.finish, found, by=who) for who in (lead, manager)])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MaturityAssessment", "Refused"]
    assert CustomerEvent.objects.filter(kind="level_proposed").count() == 1
