"""How fifteen answers become a level: the scoring of "How we work together when IT fails".

Pure: no database. Typical strength, but at most one step above the weakest area:

- an answer that was only told counts at most 3; what is better must be shown;
- a dimension has the highest level that two thirds of its answers reach while none is more than one below it; it needs
  two answers, else it is not assessed;
- overall is the lower median of the assessed dimensions, of which it needs four, capped at the weakest one plus one.

The two thirds and "none far below" follow the rating of ISO/IEC 33020 ("largely here, fully below"), the cap the ITIL 4
maturity model (its overall is the weakest component); docs/maturity.md says why both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

Evidence = Literal["told", "shown"]
Answer = tuple[int, Evidence] | None  # None: not applicable, or not answered
DIMENSIONS, QUESTIONS_EACH, HIGHEST = 5, 3, 5
MOST_TOLD = 3
NEEDED_ANSWERS, NEEDED_DIMENSIONS = 2, 4


@dataclass(frozen=True)
class Score:
    """`dimensions`: five levels, None where not assessed; `overall`: 1 to 5, None with too few of them."""

    dimensions: tuple[int | None, ...]
    overall: int | None
    complete: bool

    @property
    def weakest(self) -> int | None:
        """The index of the weakest assessed dimension, the first of several; that is where one goal helps most."""
        assessed = [(level, index) for index, level in enumerate(self.dimensions) if level is not None]
        return min(assessed)[1] if assessed else None


def score(answers: Sequence[Answer]) -> Score:
    """Scores the fifteen answers, in order. Raises `ValueError` for another number or for what is no answer."""
    if len(answers) != DIMENSIONS * QUESTIONS_EACH:
        raise ValueError(f"expected {DIMENSIONS * QUESTIONS_EACH} answers, got {len(answers)}")
    counted = [_counts_as(answer) for answer in answers]
    dimensions = tuple(
        _dimension([level for level in counted[start : start + QUESTIONS_EACH] if level is not None])
        for start in range(0, len(counted), QUESTIONS_EACH)
    )
    return Score(dimensions, _overall(dimensions), None not in dimensions)


def _counts_as(answer: Answer) -> int | None:
    if answer is None:
        return None
    level, evidence = answer
    if level not in range(1, HIGHEST + 1) or evidence not in ("told", "shown"):
        raise ValueError(f"no answer: {answer!r}")
    return level if evidence == "shown" else min(level, MOST_TOLD)


def _dimension(levels: list[int]) -> int | None:
    if len(levels) < NEEDED_ANSWERS:
        return None
    enough = ceil(2 * len(levels) / 3)
    reached = (
        level
        for level in range(HIGHEST, 0, -1)
        if sum(each >= level for each in levels) >= enough and min(levels) >= level - 1
    )
    return next(reached, 1)


def _overall(dimensions: Sequence[int | None]) -> int | None:
    assessed = sorted(level for level in dimensions if level is not None)
    if len(assessed) < NEEDED_DIMENSIONS:
        return None
    return min(assessed[(len(assessed) - 1) // 2], assessed[0] + 1)
