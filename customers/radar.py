"""Five levels as a radar: points, grid and labels as attributes of an SVG. Pure geometry, no styles."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from customers.maturity import HIGHEST

WIDTH, HEIGHT = 430, 290
_MIDDLE = (205.0, 152.0)
_RADIUS = 96.0
_LABEL_OFF, _LINE = 14.0, 17.0
_LABEL_WIDTH = 13  # letters; longer names take two lines


@dataclass(frozen=True)
class Axis:
    """One spoke: where it ends, where the words stand, and where its value is; no value where not assessed."""

    end: tuple[str, str]
    anchor: str
    lines: list[tuple[str, str, str]]  # x, y, words
    value: tuple[str, str] | None


@dataclass(frozen=True)
class Radar:
    """`area` and `before` are points of polygons; a dimension that was not assessed lies in the middle."""

    axes: list[Axis]
    rings: list[str]
    area: str
    before: str
    middle: tuple[str, str]
    width: int = WIDTH
    height: int = HEIGHT


def draw(names: Sequence[str], levels: Sequence[int | None], before: Sequence[int | None] = ()) -> Radar:
    """`before`: the levels of an earlier assessment, shown behind (optional)."""
    count = len(names)
    return Radar(
        axes=[_axis(place, count, name, level) for place, (name, level) in enumerate(zip(names, levels, strict=True))],
        rings=[_polygon([ring] * count) for ring in range(1, HIGHEST + 1)],
        area=_polygon(levels),
        before=_polygon(before) if before else "",
        middle=(_said(_MIDDLE[0]), _said(_MIDDLE[1])),
    )


def _axis(place: int, count: int, name: str, level: int | None) -> Axis:
    x, y = _point(place, count, HIGHEST, _LABEL_OFF)
    anchor = "middle" if abs(x - _MIDDLE[0]) < 1 else "start" if x > _MIDDLE[0] else "end"
    words = textwrap.wrap(name, _LABEL_WIDTH) or [name]
    # Above the middle the words end at the point, below it they begin there, beside it they stand round it.
    rise = (len(words) - 1) if y < _MIDDLE[1] - _RADIUS / 2 else 0.0 if y > _MIDDLE[1] else (len(words) - 1) / 2
    lines = [(_said(x), _said(y + 5 + (number - rise) * _LINE), line) for number, line in enumerate(words)]
    end = _point(place, count, HIGHEST)
    value = None if level is None else _point(place, count, level)
    return Axis((_said(end[0]), _said(end[1])), anchor, lines, value and (_said(value[0]), _said(value[1])))


def _point(place: int, count: int, level: float, off: float = 0) -> tuple[float, float]:
    angle = 2 * pi * place / count
    away = _RADIUS * level / HIGHEST + off
    return _MIDDLE[0] + away * sin(angle), _MIDDLE[1] - away * cos(angle)


def _polygon(levels: Sequence[int | None]) -> str:
    points = (_point(place, len(levels), level or 0) for place, level in enumerate(levels))
    return " ".join(f"{_said(x)},{_said(y)}" for x, y in points)


def _said(number: float) -> str:
    """As SVG reads it in every language."""
    return f"{number:.1f}"
