"""The scoring of an assessment: the worked examples, and what holds for all answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.maturity import DIMENSIONS, Score, score

NONE = "-"


def answers(written: str, evidence: str = "shown") -> list:
    """ "3,2,2; 3,-,2; ..." -> fifteen answers; "-" is not applicable."""
    marks = [mark.strip() for dimension in written.split(";") for mark in dimension.split(",")]
    return [None if mark == NONE else (int(mark), evidence) for mark in marks]


@pytest.mark.parametrize(
    ("written", "dimensions", "overall"),
    [
        ("3,2,2; 3,2,2; 1,2,2; 2,3,2; 2,2,1", (2, 2, 2, 2, 2), 2),  # the hospital
        ("5,4,4; 4,4,3; 5,4,4; 4,3,4; 4,4,3", (4, 4, 4, 4, 4), 4),  # the fintech
        ("2,1,2; 1,2,1; 1,2,1; 1,2,2; 1,1,2", (2, 1, 1, 2, 1), 1),  # the town
        ("3,2,3; 2,2,2; 2,3,1; 2,2,2; 2,1,2", (3, 2, 2, 2, 2), 2),  # the town, half a year later
        ("4,4,5; 4,4,4; 4,4,4; 3,3,4; 1,1,2", (4, 4, 4, 3, 1), 2),  # typical strength 4, one area far behind
        ("5,5,2; 5,5,5; 5,5,5; 5,5,5; 5,5,5", (3, 5, 5, 5, 5), 4),  # one weak answer
    ],
)
def test_worked_examples(written, dimensions, overall) -> None:
    assert score(answers(written)) == Score(dimensions, overall, complete=True)


def test_what_was_only_told_counts_at_most_three() -> None:
    assert score(answers("5,5,5; 4,4,4; 5,4,5; 3,3,3; 2,2,2", "told")).dimensions == (3, 3, 3, 3, 2)


def test_a_dimension_needs_two_answers_and_the_whole_needs_four_dimensions() -> None:
    four = score(answers("4,-,-; 4,4,-; 4,4,4; 4,4,4; 4,4,4"))
    three = score(answers("4,-,-; -,4,-; 4,4,4; 4,4,4; 4,4,4"))

    assert (four.dimensions[0], four.overall, four.complete) == (None, 4, False)
    assert (three.overall, three.complete) == (None, False)


def test_nothing_answered_is_no_level() -> None:
    assert score([None] * 15) == Score((None,) * 5, None, complete=False)
    assert score([None] * 15).weakest is None


def test_the_weakest_dimension_is_named() -> None:
    assert score(answers("4,4,5; 4,4,4; 4,4,4; 3,3,4; 1,1,2")).weakest == 4


@pytest.mark.parametrize(
    "wrong", [[], [None] * 14, [(0, "shown"), *[None] * 14], [(6, "told"), *[None] * 14], [(3, "hoped"), *[None] * 14]]
)
def test_what_is_no_set_of_answers_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="answer"):
        score(wrong)


ANSWER = st.none() | st.tuples(st.integers(1, 5), st.sampled_from(["told", "shown"]))


@given(st.lists(ANSWER, min_size=15, max_size=15), st.integers(0, 14))
def test_raising_an_answer_lowers_nothing(given_answers, index) -> None:
    answer = given_answers[index]
    if answer is None or answer[0] == 5:
        return
    raised = [*given_answers]
    raised[index] = (answer[0] + 1, answer[1])

    before, after = score(given_answers), score(raised)

    for dimension in range(DIMENSIONS):
        assert (after.dimensions[dimension] or 0) >= (before.dimensions[dimension] or 0)
    assert (after.overall or 0) >= (before.overall or 0)


@given(st.lists(ANSWER, min_size=15, max_size=15))
def test_overall_is_at_most_one_above_the_weakest(given_answers) -> None:
    found = score(given_answers)

    if found.overall is not None:
        assert found.overall <= min(level for level in found.dimensions if level) + 1
