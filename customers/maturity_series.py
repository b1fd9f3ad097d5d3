"""Maturity over time: each assessment that came into force, as a picture and as the table beside it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from customers import questionnaire
from customers.maturity import DIMENSIONS, HIGHEST
from customers.models import Customer, MaturityAssessment

WIDTH, HEIGHT, EDGE = 640, 200, 12  # of the picture, in its own units


@dataclass(frozen=True)
class Line:
    """One dimension, or the level; `points` for a polyline, `dots` where each assessment stands."""

    name: str
    points: str
    dots: list[tuple[float, float]]
    is_level: bool


@dataclass(frozen=True)
class Series:
    """`rows`: per assessment its date, the five dimensions and the level; None where not assessed."""

    names: list[str]
    lines: list[Line]
    rows: list[tuple[MaturityAssessment, list[int | None]]]
    grid: list[float]


def series(customer: Customer) -> Series:
    found = list(MaturityAssessment.objects.in_force().filter(customer=customer).order_by("in_force_at", "pk"))
    rows = [(each, [*_five(each.dimensions), each.level_proposed]) for each in found]
    names = [*questionnaire.names(), _("Level")]
    lines = [_line(name, index, rows) for index, name in enumerate(names)]
    return Series(names, [line for line in lines if line.dots], rows, [_y(level) for level in range(1, HIGHEST + 1)])


def _five(dimensions: list[int | None]) -> list[int | None]:
    return [*dimensions, *[None] * DIMENSIONS][:DIMENSIONS]


def _line(name: str, index: int, rows: list[tuple[MaturityAssessment, list[int | None]]]) -> Line:
    known = [(number, values[index]) for number, (_each, values) in enumerate(rows)]
    dots = [(_x(number, len(rows)), _y(level)) for number, level in known if level]
    return Line(name, " ".join(f"{x},{y}" for x, y in dots), dots, is_level=index == DIMENSIONS)


def _x(number: int, of: int) -> float:
    return round(EDGE + (WIDTH - 2 * EDGE) * (number / (of - 1) if of > 1 else 0.5), 1)


def _y(level: int) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (level - 1) / (HIGHEST - 1), 1)
