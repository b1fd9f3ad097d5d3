"""Each knob of a policy: what it means, its unit, whom it concerns, and what it may be set to.

Pure: no database. A level template, a contract class, a customer and a service may each set any of them; which layer
wins is said in `customers.policy`, why a default is what it is in `docs/policy.md`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

MEASURES = ("response", "reply", "update", "restore", "close_out")
COVERAGE = ("always", "critical", "business")
PEOPLE = ("owner", "lead", "manager", "contact")
INTAKE = ("text", "service", "affected", "working", "since", "evidence", "correlation_id")
CHANNELS = ("hotline", "call_back", "sms", "link", "portal", "email", "chat", "api", "webhook")
ALWAYS_OPEN = ("hotline", "portal")  # no level, contract or wish takes these away
PRIORITY_BY = ("agent", "suggestion", "questions", "matrix", "criteria")
TONES = ("plain", "plain_line", "summary", "technical", "structured")
AUDIENCE = ("reporter", "named_contact", "deputy", "site_lead", "service_owner", "duty_manager", "stakeholder")
CLOSE_FIELDS = (
    "resolution_code", "outcome", "service", "cause_category", "configuration_item", "known_error", "detection",
    "change",
)  # fmt: skip
REVIEWS = ("none", "light", "standard", "full", "trend")
LONGEST = {"min": 525_600, "h": 8_760, "bd": 260}  # a year: what takes longer is a project, not an incident
SIDES = ("equal", "owed", "asked", "earned")  # how it may differ between levels: docs/policy.md, "Fairness"
_TARGET = re.compile(r"(?P<amount>-?[0-9]{1,12}) (?P<unit>min|h|bd)", re.ASCII)
Check = Callable[[Any], str]  # the sentence for what cannot be kept; empty when it can


@dataclass(frozen=True)
class Knob:
    """`unit` is what its value is counted in; `side` one of SIDES; `check` gives the sentence for a wrong value."""

    name: str
    label: str | Promise
    meaning: str | Promise
    unit: str
    side: str
    check: Check


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


def _some(words: tuple[str, ...], *, needed: tuple[str, ...] = ()) -> Check:
    """A list out of these words, each at most once, in an order that may mean something."""

    def check(value: Any) -> str:
        if not isinstance(value, list) or not all(word in words for word in value):
            return _("give a list out of %(words)s.") % {"words": ", ".join(words)}
        if len(set(value)) != len(value):
            return _("name each only once.")
        if missing := [word for word in needed if word not in value]:
            return _("%(words)s cannot be left out.") % {"words": ", ".join(missing)}
        return ""

    return check


def _one(words: tuple[str, ...]) -> Check:
    def check(value: Any) -> str:
        return "" if value in words else _("give one of %(words)s.") % {"words": ", ".join(words)}

    return check


def _priorities(value: Any) -> str:
    if isinstance(value, list) and all(_number(1, 4)(each) == "" for each in value) and len(set(value)) == len(value):
        return ""
    return _("give a list of priorities, such as [1, 2].")


def _matrix(value: Any) -> str:
    rows = value if isinstance(value, list) and len(value) == 3 else []
    if not rows or not all(isinstance(row, list) and len(row) == 3 and not _row(row) for row in rows):
        return _("give three rows (impact high, medium, low) of three priorities from 1 to 4 (urgency high to low).")
    falling = [*rows, *(list(column) for column in zip(*rows, strict=True))]
    if any(line != sorted(line) for line in falling):
        return _("less impact or urgency cannot give a higher priority.")
    return ""


def _row(row: list[Any]) -> bool:
    return any(_number(1, 4)(each) for each in row)


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


_ALL = (
    Knob("response", lazy("First answer"), lazy("until a person has it and has said so"), "target", "owed", _targets),
    Knob("reply", lazy("Reply"), lazy("until a message of the customer is answered"), "target", "owed", _targets),
    Knob("update", lazy("Next update"), lazy("the longest gap between two words of a person"), "target", "owed",
         _targets),
    Knob("restore", lazy("Works again"), lazy("until the service is usable, by a workaround too"), "target", "earned",
         _targets),
    Knob("close_out", lazy("Close-out"), lazy("from restored to solved for good"), "target", "equal", _targets),
    Knob("coverage", lazy("Hours that count"), lazy("around the clock, for critical services, or in business hours"),
         "per priority", "earned", _coverage),
    Knob("intake", lazy("What we ask for"), lazy("in a report; only the first is ever compulsory"), "fields", "asked",
         _some(INTAKE, needed=("text",))),
    Knob("channels", lazy("Channels, in this order"), lazy("how people are invited to reach us"), "channels", "equal",
         _some(CHANNELS, needed=ALWAYS_OPEN)),
    Knob("priority_by", lazy("Who sets impact and urgency"), lazy("the agent, two plain questions, or a matrix"),
         "way", "earned", _one(PRIORITY_BY)),
    Knob("priority_matrix", lazy("Priority matrix"), lazy("impact and urgency make the priority"), "priorities",
         "equal", _matrix),
    Knob("tone", lazy("Tone of updates"), lazy("how plain the words are"), "tone", "owed", _one(TONES)),
    Knob("update_words", lazy("Length of updates"), lazy("more words than this are pointed out"), "words", "owed",
         _number(20, 2000)),
    Knob("told", lazy("Who is told"), lazy("of an update, besides whoever reported it"), "people", "earned",
         _some(AUDIENCE, needed=("reporter",))),
    Knob("told_urgent", lazy("Who is told of P1 and P2"), lazy("and of majors"), "people", "earned",
         _some(AUDIENCE, needed=("reporter",))),
    Knob("call_contact", lazy("The contact is called"), lazy("when something of these priorities is reported"),
         "priorities", "owed", _priorities),
    Knob("confirm_call", lazy("We call to confirm"), lazy("that it works again, for these priorities"), "priorities",
         "owed", _priorities),
    Knob("close_fields", lazy("Wanted when it is closed"), lazy("later, never before it works again"), "fields",
         "asked", _some(CLOSE_FIELDS)),
    Knob("close_fields_bd", lazy("Later means"), lazy("what is wanted at the close is due then"), "business days",
         "equal", _number(1, 20)),
    Knob("auto_close_bd", lazy("Closes by itself"), lazy("so long after it was solved"), "business days", "asked",
         _number(1, 260)),
    Knob("reopen_window_bd", lazy("Can be opened again"), lazy("so long after it was solved"), "business days",
         "asked", _number(1, 260)),
    Knob("review", lazy("Review of a major"), lazy("how deep, and the customer's part in it"), "depth", "asked",
         _one(REVIEWS)),
    Knob("review_bd", lazy("Review is due"), lazy("after it works again"), "business days", "asked", _number(1, 60)),
    Knob("escalation", lazy("Escalation ladder"), lazy("who looks at which share of the restore target"), "rungs",
         "owed", _escalation),
    Knob("remind_every_h", lazy("Reminders"), lazy("of a miss that goes on"), "hours", "equal", _number(1, 720)),
    Knob("warn_before_min", lazy("Warning before"), lazy("working minutes before a clock runs out"), "minutes",
         "equal", _number(0, 10_080)),
    Knob("pauses", lazy("Clocks that wait with us"), lazy("while we wait for the customer"), "clocks", "equal",
         _some(MEASURES)),
    Knob("goal_restore", lazy("Goal for restore"), lazy("share that should be met; the target itself stays"), "%",
         "earned", _number(1, 100)),
    Knob("goal_response", lazy("Goal for first answers"), lazy("share that should be met"), "%", "equal",
         _number(1, 100)),
    Knob("goal_update", lazy("Goal for updates"), lazy("share that should be met"), "%", "equal", _number(1, 100)),
    Knob("reassess_months", lazy("Look again after"), lazy("how we work together is assessed anew"), "months",
         "equal", _number(1, 24)),
    Knob("goals_at_once", lazy("Goals at once"), lazy("more are not suggested"), "goals", "asked", _number(1, 10)),
)  # fmt: skip
KNOBS: dict[str, Knob] = {knob.name: knob for knob in _ALL}
