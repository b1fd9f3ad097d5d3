"""The catalogue of improvement goals: what fits in a quarter or two, and when it is reached.

Pure: no database. The words stand in `goals.toml`; they are given in the reader's language.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True)
class Aim:
    """One entry. `level`: for customers of this level; `dimension`: 1 to 5 of the assessment.

    `measure` names what the tool counts itself, "" where people say when it is done; `done_at` is in `unit`.
    """

    key: str
    level: int
    dimension: int
    words: dict[str, str]
    measure: str = ""
    done_at: float = 0
    at_most: bool = False
    unit: str = ""

    @property
    def name(self) -> str:
        return gettext(self.words["name"])

    @property
    def done_when(self) -> str:
        return gettext(self.words["done_when"])

    @property
    def effort(self) -> str:
        return gettext(self.words["effort"])

    def is_reached(self, measured: float | None) -> bool:
        if measured is None or not self.measure:
            return False
        return measured <= self.done_at if self.at_most else measured >= self.done_at


def _aim(key: str, told: dict[str, Any]) -> Aim:
    words = {name: told.pop(name) for name in ("name", "done_when", "effort")}
    return Aim(key=key, level=told.pop("from"), words=words, **told)


CATALOGUE: dict[str, Aim] = {
    key: _aim(key, told) for key, told in tomllib.loads(Path(__file__).with_name("goals.toml").read_text()).items()
}


def known(key: str) -> Aim:
    """The entry of that key; one that is gone keeps its key as its name."""
    return CATALOGUE.get(key) or Aim(key, 0, 0, {"name": key, "done_when": key, "effort": key})


def suggested(levels: Sequence[int | None]) -> Aim:
    """One aim for the five levels of a result: for the weakest area, from where that area stands.

    Of several that are equally weak it is the first for which the catalogue has one.
    """
    low = min(level for level in levels if level is not None)
    weakest = {place for place, level in enumerate(levels, start=1) if level == low}
    fitting = [aim for aim in CATALOGUE.values() if aim.level <= low]
    here = [aim for aim in fitting if aim.dimension in weakest]
    return max(here or fitting, key=lambda aim: aim.level)
