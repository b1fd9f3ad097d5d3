"""Two people change layers at once: one waits for the other, and is judged beside what the other left."""

from functools import partial

import pytest

from customers import agreements, policy
from customers.agreements import Meanwhile, Unfair
from customers.models import LevelTemplate
from tests import factories
from tests.incidents.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def update(first: str) -> dict:
    return {"update": [first, "60 min", "1 bd", "3 bd"]}


def test_two_levels_that_fit_only_one_by_one_are_not_both_changed(team) -> None:
    """Each alone is fair beside the other as it is: 20 before 25 minutes. Together they would be 25 before 20."""
    boss = factories.UserFactory(administrator=True)
    for attempt in range(5):
        LevelTemplate.objects.all().delete()
        LevelTemplate.objects.create(level=1, knobs=update("20 min"), version=1)
        LevelTemplate.objects.create(level=2, knobs=update("25 min"), version=1)

        outcomes = at_once(
            partial(agreements.change_level_template, 1, by=boss, knobs=update("25 min"), version=1),
            partial(agreements.change_level_template, 2, by=boss, knobs=update("20 min"), version=1),
        )

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LevelTemplate", Unfair.__name__], attempt


def test_of_five_who_change_one_agreement_one_does(town, lead) -> None:
    knobs = [{"restore": [f"{hours} h", "8 h", "3 bd", "5 bd"]} for hours in (1, 2, 3)]

    outcomes = at_once(
        *[partial(agreements.change_customer_agreement, town, by=lead, knobs=each, version=1) for each in knobs]
    )

    assert [type(outcome) for outcome in outcomes].count(Meanwhile) == 2
    town.refresh_from_db()
    assert (town.version, town.agreement in knobs) == (2, True)


def test_a_policy_resolved_by_many_at_once_is_one_row(town) -> None:
    outcomes = at_once(*[partial(policy.resolve, town)] * 8)

    assert len({outcome.pk for outcome in outcomes}) == 1
