"""Knobs: each level says something about each, in words that people read."""

import pytest

from customers import policy
from customers.knob_words import in_words
from customers.knobs import KNOBS, SIDES

LEVELS = range(1, 6)


@pytest.mark.parametrize("level", LEVELS)
def test_each_value_a_level_ships_with_is_said_in_words(level) -> None:
    shipped = policy.level_defaults(level)

    said = {knob: in_words(knob, value) for knob, value in shipped.items()}

    assert said.keys() == KNOBS.keys()
    assert not [text for text in said.values() if "_" in text or "[" in text or not text]


@pytest.mark.parametrize(
    ("knob", "value", "words"),
    [
        ("restore", ["4 h", "8 h", "1 bd", "5 bd"], "P1 4 h, P2 8 h, P3 1 business day, P4 5 business days"),
        ("coverage", ["always", "business", "business", "business"],
         "P1 around the clock, P2 in business hours, P3 in business hours, P4 in business hours"),
        ("confirm_call", [1, 2, 3], "P1, P2, P3"),
        ("confirm_call", [], "for none"),
        ("priority_matrix", [[1, 2, 3], [2, 3, 4], [3, 4, 4]], "P1 P2 P3 / P2 P3 P4 / P3 P4 P4"),
        ("escalation", [{"at": 50, "tell": ["lead"]}, {"at": 100, "tell": ["owner", "contact"]}],
         "50 %: the team lead; 100 %: the owner, the customer's contact"),
        ("goal_restore", 95, "95 %"),
        ("warn_before_min", 0, "none"),
    ],
)  # fmt: skip
def test_values_read_as_people_say_them(knob, value, words) -> None:
    assert in_words(knob, value) == words


def test_each_knob_says_what_it_means_and_whose_side_it_is_on() -> None:
    for knob in KNOBS.values():
        assert str(knob.label)
        assert str(knob.meaning)
        assert knob.side in SIDES


@pytest.mark.parametrize(
    ("knob", "value", "sentence"),
    [
        ("channels", ["portal", "email"], "hotline cannot be left out."),
        ("intake", ["service"], "text cannot be left out."),
        ("intake", ["text", "text"], "name each only once."),
        ("priority_by", "dice", "give one of agent"),
        ("confirm_call", [0], "give a list of priorities"),
        ("confirm_call", [1, 1], "give a list of priorities"),
        ("priority_matrix", [[1, 2], [3, 4]], "give three rows"),
        ("priority_matrix", [[3, 2, 1], [3, 3, 3], [4, 4, 4]], "less impact or urgency cannot give a higher"),
        ("update_words", 5, "give a whole number from 20"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(knob, value, sentence) -> None:
    assert KNOBS[knob].check(value).startswith(sentence)
