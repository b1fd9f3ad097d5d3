"""The rules of fairness hold for what is shipped, and each of them bites."""

import inspect

import pytest

from customers import fairness, policy

LEVELS = {level: policy.level_defaults(level) for level in range(1, 6)}
FLOOR = policy.floor()


def changed(level: int, **knobs) -> dict[int, dict]:
    return LEVELS | {level: LEVELS[level] | knobs}


def test_what_is_shipped_breaks_none() -> None:
    assert fairness.broken_between(LEVELS) == []
    for knobs in LEVELS.values():
        assert fairness.broken_alone(knobs, FLOOR) == []


@pytest.mark.parametrize(
    ("level", "knobs", "rule"),
    [
        (1, {"response": ["20 min", "30 min", "2 h", "8 h"]}, "Rule 1"),
        (5, {"response": ["15 min", "20 min", "4 h", "8 h"]}, "Rule 1"),
        (2, {"update": ["30 min", "3 h", "1 bd", "3 bd"]}, "Rule 2"),
        (1, {"intake": ["text", "service", "since"]}, "Rule 4"),
        (1, {"auto_close_bd": 3}, "Rule 5"),
        (2, {"reopen_window_bd": 4}, "Rule 5"),
    ],
)
def test_a_level_that_treats_the_weaker_worse_is_named(level, knobs, rule) -> None:
    found = fairness.broken_between(changed(level, **knobs))

    assert found
    assert all(sentence.startswith(rule) for sentence in found)


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"response": ["15 min", "45 min", "2 h", "8 h"]}, "Rule 1: P2 would be answered later than the floor of 30"),
        ({"update": ["30 min", "60 min", "1 bd", "6 bd"]}, "Rule 2: P4 would hear less often than the floor of 5 bd"),
        ({"restore": ["5 h", "8 h", "3 bd", "5 bd"]}, "Rule 3: P1 would be restored later than the floor of 4 h"),
        ({"channels": ["portal", "email"]}, "Rule 6: nobody loses hotline"),
        ({"intake": ["service"]}, "Rule 4: one box is always there"),
    ],
)  # fmt: skip
def test_no_policy_goes_below_the_floor(knobs, sentence) -> None:
    (found,) = fairness.broken_alone(LEVELS[1] | knobs, FLOOR)

    assert found.startswith(sentence)


def test_a_customer_may_be_owed_more_than_its_level_and_not_less() -> None:
    more = LEVELS[1] | {"restore": ["2 h", "4 h", "1 bd", "2 bd"], "response": ["5 min", "10 min", "1 h", "4 h"]}
    less = LEVELS[1] | {"update": ["30 min", "2 h", "2 bd", "5 bd"], "auto_close_bd": 2}

    assert fairness.broken_against(1, more, LEVELS, FLOOR) == []
    assert {sentence[:6] for sentence in fairness.broken_against(1, less, LEVELS, FLOOR)} == {"Rule 2", "Rule 5"}


def test_no_target_is_no_promise() -> None:
    assert fairness.broken_alone(LEVELS[1] | {"restore": ["", "8 h", "3 bd", "5 bd"]}, FLOOR)


@pytest.mark.parametrize("level", LEVELS)
def test_nobody_loses_a_channel_by_going_up_or_down(level) -> None:
    """Rules 6 and 9 for what is shipped: the machine's channels are what is earned, the people's are for everybody."""
    people = {"hotline", "portal", "email", "call_back", "sms", "link"}

    assert people <= set(LEVELS[level]["channels"])


def test_a_channel_that_goes_is_named_and_one_that_moves_is_none() -> None:
    before = LEVELS[4]

    assert fairness.broken_by_loss(before, before | {"channels": before["channels"][::-1]}) == []
    assert fairness.broken_by_loss(before, before | {"channels": [*before["channels"], "fax"]}) == []
    (sentence,) = fairness.broken_by_loss(before, LEVELS[1])
    assert sentence == "Rule 9: no channel goes without 30 days' notice, and here would go: API, chat, webhook."


@pytest.mark.parametrize("knob", fairness.RULED)
def test_the_rules_are_asked_again_for_whatever_they_look_at(knob) -> None:
    """A knob that a rule looks at and that is not named there would be changed without being judged."""
    text = inspect.getsource(fairness)

    assert text.count(f'"{knob}"') >= 2
