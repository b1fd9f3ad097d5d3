"""What may be agreed with a customer apart from its level: the knobs of `levels.toml`, checked before they are kept.

Pure: no database. The meaning of each knob is in `docs/policy.md`.
"""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MEASURES = ("response", "reply", "update", "restore", "close_out")
COVERAGE = ("always", "critical", "business")
PEOPLE = ("owner", "lead", "manager", "contact")
LONGEST = {"min": 525_600, "h": 8_760, "bd": 260}  # a year: what takes longer is a project, not an incident
_TARGET = re.compile(r"(?P<amount>-?[0-9]{1,12}) (?P<unit>min|h|bd)", re.ASCII)
Check = Callable[[Any], str]  # the sentence for what cannot be kept; empty when it can


def validate_agreement(agreement: Any) -> None:
    """Raises `ValidationError` with one sentence for each knob that cannot be kept."""
    if not isinstance(agreement, dict):
        raise ValidationError(_("An agreement must be an object of knobs, such as {“restore”: [“4 h”, …]}."))
    sentences = [_sentence(str(knob), value) for knob, value in agreement.items()]
    if found := [sentence for sentence in sentences if sentence]:
        raise ValidationError(found)


def _sentence(knob: str, value: Any) -> str:
    if knob not in KNOBS:
        return _("“%(knob)s” is nothing that can be agreed; known are: %(known)s.") % {
            "knob": knob[:40], "known": ", ".join(KNOBS),
        }  # fmt: skip
    trouble = KNOBS[knob](value)
    return f"{knob}: {trouble}" if trouble else ""


def _targets(value: Any) -> str:
    if not isinstance(value, list) or len(value) != 4:
        return _("give four targets, for P1 to P4, such as [“4 h”, “8 h”, “3 bd”, “5 bd”].")
    return next(filter(None, (_target(f"P{number}", text) for number, text in enumerate(value, start=1))), "")


def _target(priority: str, text: Any) -> str:
    found = _TARGET.fullmatch(text) if isinstance(text, str) else None
    said = {"priority": priority, "text": str(text)[:40]}
    if not found:
        return _("%(priority)s: “%(text)s” cannot be read; a target looks like 30 min, 4 h or 3 bd.") % said
    if int(found["amount"]) < 1:
        return _("%(priority)s: “%(text)s” leaves no time; to agree nothing of one's own, leave the knob out.") % said
    if int(found["amount"]) > LONGEST[found["unit"]]:
        return _("%(priority)s: “%(text)s” is more than a year.") % said
    return ""


def _coverage(value: Any) -> str:
    if isinstance(value, list) and len(value) == 4 and all(word in COVERAGE for word in value):
        return ""
    return _("give four of %(words)s, for P1 to P4.") % {"words": ", ".join(COVERAGE)}


def _number(first: int, last: int) -> Check:
    def check(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and first <= value <= last
        return "" if fits else _("give a whole number from %(first)d to %(last)d.") % {"first": first, "last": last}

    return check


def _pauses(value: Any) -> str:
    if isinstance(value, list) and all(word in MEASURES for word in value):
        return ""
    return _("give a list out of %(words)s.") % {"words": ", ".join(MEASURES)}


def _escalation(value: Any) -> str:
    sentence = _(
        "give rungs such as {“at”: 50, “tell”: [“lead”]}, each share from 1 to 100 once; known are: %(words)s."
    )
    sentence %= {"words": ", ".join(PEOPLE)}
    if not isinstance(value, list) or not all(
        isinstance(rung, dict) and rung.keys() == {"at", "tell"} for rung in value
    ):
        return sentence
    told = all(
        isinstance(rung["tell"], list) and rung["tell"] and set(map(str, rung["tell"])) <= {*PEOPLE} for rung in value
    )
    shares = all(not _number(1, 100)(rung["at"]) for rung in value)
    return "" if told and shares and len({rung["at"] for rung in value}) == len(value) else sentence


KNOBS: dict[str, Check] = {
    **dict.fromkeys(MEASURES, _targets),
    "coverage": _coverage,
    "auto_close_bd": _number(1, 260),
    "reopen_window_bd": _number(1, 260),
    **dict.fromkeys(("goal_restore", "goal_response", "goal_update"), _number(1, 100)),
    "pauses": _pauses,
    "escalation": _escalation,
    "remind_every_h": _number(1, 720),
    "warn_before_min": _number(0, 10_080),
}
