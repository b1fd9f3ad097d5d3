"""Fields that several forms of this floor share."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms

from itsm.text import clean


@cache
def zone_names() -> tuple[str, ...]:
    """The time zones people live in; the others are kept for machines and history."""
    lived_in = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "Antarctica"}
    return tuple(sorted(name for name in zoneinfo.available_timezones() if name.split("/")[0] in lived_in))


class OneLine(forms.CharField):
    """Text on a single line, without control characters."""

    def to_python(self, value: Any) -> str:
        return " ".join(clean(super().to_python(value) or "").split())
