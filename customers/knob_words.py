"""A knob's value as people read it: "P1 15 min, P2 30 min, P3 2 h, P4 1 business day"."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from customers.knobs import KNOBS

Word = str | Promise
WORDS: dict[str, Word] = {
    # coverage
    "always": lazy("around the clock"),
    "critical": lazy("around the clock for critical services"),
    "business": lazy("in business hours"),
    # what is asked
    "text": lazy("what is not working"),
    "service": lazy("the service"),
    "affected": lazy("how many are affected"),
    "working": lazy("whether you can work"),
    "since": lazy("since when"),
    "evidence": lazy("steps or evidence"),
    "correlation_id": lazy("a correlation id"),
    # channels
    "hotline": lazy("hotline"),
    "call_back": lazy("call-back"),
    "sms": lazy("SMS"),
    "link": lazy("tracking link"),
    "portal": lazy("portal"),
    "email": lazy("e-mail"),
    "chat": lazy("chat"),
    "api": lazy("API"),
    "webhook": lazy("webhook"),
    # who sets impact and urgency
    "agent": lazy("the agent asks and sets them"),
    "suggestion": lazy("two plain questions suggest, the agent confirms"),
    "questions": lazy("two plain questions set them, the agent may change them"),
    "matrix": lazy("the customer sets them by the matrix"),
    "criteria": lazy("criteria set them, sampled each month"),
    # tone
    "plain": lazy("plain words, what you can do first, no jargon"),
    "plain_line": lazy("plain words and one technical line"),
    "summary": lazy("a plain summary, details below"),
    "technical": lazy("technical, with a business summary"),
    "structured": lazy("structured data and a summary"),
    # people
    "reporter": lazy("who reported it"),
    "named_contact": lazy("the named contact"),
    "deputy": lazy("the deputy"),
    "site_lead": lazy("site leads"),
    "service_owner": lazy("the service owner"),
    "duty_manager": lazy("the duty manager"),
    "stakeholder": lazy("stakeholders"),
    "owner": lazy("the owner"),
    "lead": lazy("the team lead"),
    "manager": lazy("the service delivery manager"),
    "contact": lazy("the customer's contact"),
    # at the close
    "resolution_code": lazy("resolution code"),
    "outcome": lazy("outcome in plain words"),
    "cause_category": lazy("cause category"),
    "configuration_item": lazy("configuration item"),
    "known_error": lazy("workaround or known error"),
    "detection": lazy("how it was noticed"),
    "change": lazy("the change"),
    # reviews
    "none": lazy("none; a one-page summary after a major"),
    "light": lazy("light: half an hour, three whys, three actions"),
    "standard": lazy("standard post-incident review"),
    "full": lazy("full root-cause analysis, shared actions"),
    "trend": lazy("full, with trends and a check of the effect"),
    # clocks
    "response": lazy("first answer"),
    "reply": lazy("reply"),
    "update": lazy("next update"),
    "restore": lazy("works again"),
    "close_out": lazy("close-out"),
}
UNITS: dict[str, Callable[[int], str]] = {
    "business days": lambda n: ngettext("%(n)d business day", "%(n)d business days", n) % {"n": n},
    "months": lambda n: ngettext("%(n)d month", "%(n)d months", n) % {"n": n},
    "hours": lambda n: ngettext("each %(n)d hour", "each %(n)d hours", n) % {"n": n},
    "minutes": lambda n: ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n} if n else _("none"),
    "words": lambda n: ngettext("up to %(n)d word", "up to %(n)d words", n) % {"n": n},
    "goals": lambda n: ngettext("%(n)d goal", "%(n)d goals", n) % {"n": n},
    "%": lambda n: f"{n} %",
}


def in_words(knob: str, value: Any) -> str:
    """The value of this knob as one line; what nobody has words for is shown as it is."""
    unit = KNOBS[knob].unit
    if unit in UNITS:
        return UNITS[unit](value)
    return _SHAPES[unit](value) if unit in _SHAPES else _word(value)


def _word(value: Any) -> str:
    return str(WORDS.get(str(value), value))


def _target(text: str) -> str:
    amount, unit = text.split(" ")
    return UNITS["business days"](int(amount)) if unit == "bd" else text


def _per_priority(values: list[str], word: Callable[[str], str]) -> str:
    return ", ".join(f"P{number} {word(value)}" for number, value in enumerate(values, start=1))


def _listed(values: list[Any]) -> str:
    return ", ".join(_word(value) for value in values) or _("nothing")


def _priorities(values: list[int]) -> str:
    return ", ".join(f"P{value}" for value in values) or _("for none")


def _rungs(values: list[Mapping[str, Any]]) -> str:
    return "; ".join(f"{rung['at']} %: {_listed(rung['tell'])}" for rung in values)


_SHAPES: dict[str, Callable[[Any], str]] = {
    "target": lambda value: _per_priority(value, _target),
    "per priority": lambda value: _per_priority(value, _word),
    "fields": _listed,
    "channels": _listed,
    "people": _listed,
    "clocks": _listed,
    "priorities": lambda value: _matrix(value) if value and isinstance(value[0], list) else _priorities(value),
    "rungs": _rungs,
}


def _matrix(rows: list[list[int]]) -> str:
    return " / ".join(" ".join(f"P{each}" for each in row) for row in rows)
