"""What is asked when we assess how we work together: the three context questions and the fifteen scored ones.

Pure: no database. The words stand in `questions.toml`; a catalogue may translate them.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from customers.maturity import DIMENSIONS, QUESTIONS_EACH

MINUTES = 20  # what it takes when both sides sit together
_ASKED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("questions.toml").read_text())


@dataclass(frozen=True)
class Topic:
    """One of the context questions; `key` is the field that keeps what is said."""

    key: str
    name: str
    text: str
    leads_to: str


@dataclass(frozen=True)
class Question:
    """One scored question; `number` is 1 to 15, its five answers are one a level."""

    number: int
    text: str
    answers: tuple[str, ...]
    hint: str

    def answer(self, level: int | None) -> str:
        return gettext("Not applicable") if level is None else self.answers[level - 1]


@dataclass(frozen=True)
class Dimension:
    """One of the five areas with its three questions."""

    number: int
    name: str
    questions: tuple[Question, ...]


TOPICS = tuple(topic["key"] for topic in _ASKED["context"])


def topics() -> list[Topic]:
    """In the reader's language."""
    return [
        Topic(each["key"], gettext(each["name"]), gettext(each["text"]), gettext(each["leads_to"]))
        for each in _ASKED["context"]
    ]


def dimensions() -> list[Dimension]:
    """In the reader's language."""
    return [
        Dimension(number, gettext(each["name"]), tuple(_questions(number, each)))
        for number, each in enumerate(_ASKED["dimension"], start=1)
    ]


def _questions(dimension: int, told: dict[str, Any]) -> Iterator[Question]:
    for place, each in enumerate(told["question"], start=1):
        number = (dimension - 1) * QUESTIONS_EACH + place
        answers = tuple(gettext(answer) for answer in each["answers"])
        yield Question(number, gettext(each["text"]), answers, gettext(each["hint"]) if "hint" in each else "")


def names() -> list[str]:
    """Of the five areas, in order."""
    return [gettext(each["name"]) for each in _ASKED["dimension"]]


def question(number: int) -> Question:
    """The question of that number, 1 to 15."""
    return dimensions()[(number - 1) // QUESTIONS_EACH].questions[(number - 1) % QUESTIONS_EACH]


assert len(_ASKED["dimension"]) == DIMENSIONS
