"""What each level is owed: the numbers as agreed, the fairness between levels, and the stored agreement."""

from contextlib import suppress

import pytest
from django.db import transaction

from customers import policy
from customers.models import ContractClass, Customer, LevelTemplate, Policy, Service
from tests import factories

MINUTE, HOUR, DAY = 60, 3600, 10 * 3600  # the office day of the tests has ten hours
LEVELS, PRIORITIES = range(1, 6), range(1, 5)
OWED = {  # measure -> priority -> level 1 to 5, as in docs/policy.md
    "response": {
        1: [15 * MINUTE] * 5, 2: [30 * MINUTE] * 5, 3: [2 * HOUR, 2 * HOUR, 4 * HOUR, 4 * HOUR, 4 * HOUR],
        4: [8 * HOUR] * 5,
    },
    "update": {
        1: [30 * MINUTE] * 5, 2: [HOUR, HOUR, 2 * HOUR, 2 * HOUR, 2 * HOUR], 3: [DAY, DAY, 2 * DAY, 2 * DAY, 2 * DAY],
        4: [3 * DAY, 3 * DAY, 5 * DAY, 5 * DAY, 5 * DAY],
    },
    "restore": {
        1: [4 * HOUR, 4 * HOUR, 4 * HOUR, 2 * HOUR, HOUR], 2: [8 * HOUR, 8 * HOUR, 8 * HOUR, 6 * HOUR, 4 * HOUR],
        3: [3 * DAY, 3 * DAY, 3 * DAY, 2 * DAY, 2 * DAY], 4: [5 * DAY] * 5,
    },
    "close_out": {1: [5 * DAY] * 5, 2: [10 * DAY] * 5, 3: [10 * DAY] * 5, 4: [10 * DAY] * 5},
}  # fmt: skip


def terms(level, *, critical=False):
    customer = factories.CustomerFactory(level=level, calendar=factories.CalendarFactory(office=True))
    service = factories.ServiceFactory(customer=customer, is_critical=critical)
    return policy.terms(policy.resolve(customer, service))


def own(found, key):
    """The customer's own calendar has a key of its own."""
    return found.business if key == "business" else key


@pytest.mark.parametrize("level", LEVELS)
def test_targets_are_those_agreed(level):
    found = terms(level)

    for measure, by_priority in OWED.items():
        for priority in PRIORITIES:
            assert found.target(measure, priority).seconds == by_priority[priority][level - 1], (measure, priority)


def test_not_assessed_works_as_the_first_level():
    assert terms(None).content["level"] == 1


def test_no_level_promises_less_than_the_floor():
    floor = policy._DEFAULTS["floor"]
    lowest = policy.Terms(terms(1).content | floor)

    for level in LEVELS:
        for measure in ("response", "update", "restore"):
            for priority in PRIORITIES:
                owed, least = (each.target(measure, priority).seconds for each in (terms(level), lowest))
                assert owed <= least, (level, measure, priority)


@pytest.mark.parametrize("measure", ["response", "update"])
def test_nobody_waits_longer_for_a_word_because_the_organisation_is_weak(measure):
    for priority in PRIORITIES:
        waits = [terms(level).target(measure, priority).seconds for level in LEVELS]
        assert waits == sorted(waits)


@pytest.mark.parametrize("knob", ["auto_close_bd", "reopen_window_bd"])
def test_weaker_customers_have_more_time_to_answer(knob):
    days = [terms(level).content[knob] for level in LEVELS]

    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("level", "critical", "hours"),
    [
        (1, False, ["business"] * 4),
        (1, True, ["always", "business", "business", "business"]),
        (4, False, ["always", "always", "business", "business"]),
        (5, True, ["always", "always", "business", "business"]),
    ],
)
def test_coverage_depends_on_level_and_service(level, critical, hours):
    found = terms(level, critical=critical)

    assert [found.target("restore", priority).hours for priority in PRIORITIES[:2]] == [
        own(found, key) for key in hours[:2]
    ]
    assert found.target("response", 3).hours == own(found, hours[2])


def test_business_days_are_counted_on_business_hours_whatever_the_coverage():
    found = terms(4)

    assert found.target("close_out", 1) == policy.Target(5 * DAY, found.business)
    assert found.days("auto_close_bd") == policy.Target(5 * DAY, found.business)


def test_same_agreement_is_stored_once_and_never_changed(town):
    first = policy.resolve(town)
    content = dict(first.content)

    town.level = 3
    town.save()
    changed = policy.resolve(town)

    assert policy.resolve(town) == changed != first
    assert Policy.objects.get(pk=first.pk).content == content


def test_goal_is_an_expectation_beside_the_target():
    assert [terms(level).goal("restore") for level in LEVELS] == [80, 85, 90, 95, 98]


@pytest.fixture
def used(town, django_capture_on_commit_callbacks):
    """used(service) -> the digest, asked for once before, so that this process knows what is stored."""

    def resolve(service=None):
        with django_capture_on_commit_callbacks(execute=True):
            policy.resolve(town, service)
        return policy.resolve(town, service).digest

    return resolve


def test_resolving_costs_one_question_once_the_policy_is_known(town, used, django_assert_num_queries) -> None:
    service = factories.ServiceFactory(customer=town)
    used(service)
    used()

    with django_assert_num_queries(1):
        policy.resolve(town, service)
    with django_assert_num_queries(1):
        policy.resolve(town)


SOONER = {"restore": ["2 h", "8 h", "3 bd", "5 bd"]}
LAYERS = {
    "level": lambda town, service: LevelTemplate.objects.create(level=1, knobs=SOONER),
    "contract": lambda town, service: ContractClass.objects.update(knobs=SOONER),
    "customer": lambda town, service: Customer.objects.filter(pk=town.pk).update(agreement=SOONER),
    "service": lambda town, service: Service.objects.filter(pk=service.pk).update(agreement=SOONER),
    "another level": lambda town, service: Customer.objects.filter(pk=town.pk).update(level=4),
    "calendar": lambda town, service: Customer.objects.filter(pk=town.pk).update(
        calendar=factories.CalendarFactory(office=True)
    ),
    "critical": lambda town, service: Service.objects.filter(pk=service.pk).update(is_critical=True),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_change_of_any_layer_is_seen_at_once(town, used, layer) -> None:
    """Also by whoever holds the customer as it was: what decides is read anew."""
    Customer.objects.filter(pk=town.pk).update(contract=ContractClass.objects.create(name="Hospital"))
    service = factories.ServiceFactory(customer=town)
    before = used(service)

    LAYERS[layer](town, service)

    after = policy.resolve(town, service)
    assert after.digest != before
    assert after.digest == Policy.objects.get(pk=after.pk).digest
    if layer in ("level", "contract", "customer", "service"):
        assert after.content["restore"][0] == "2 h"


def test_what_was_rolled_back_is_not_remembered_as_stored(town, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True), suppress(ZeroDivisionError), transaction.atomic():
        lost = policy.resolve(town)
        raise ZeroDivisionError

    again = policy.resolve(town)

    assert not Policy.objects.filter(pk=lost.pk).exists()
    assert Policy.objects.get(pk=again.pk).content == again.content


def test_what_is_remembered_has_an_end(town, used, monkeypatch) -> None:
    monkeypatch.setattr(policy, "MOST_KEPT", 2)
    for hours in range(1, 6):
        Customer.objects.filter(pk=town.pk).update(agreement={"restore": [f"{hours} h", "8 h", "3 bd", "5 bd"]})
        used()
        policy.terms(policy.resolve(town))

    assert len(policy._stored_here) <= 2
    assert len(policy._known) <= 2
