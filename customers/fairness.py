"""Ten rules that keep a weaker customer from being owed less; asked when any layer of a policy is saved.

As maturity falls, what is asked of the customer is loosened and what is owed to it is tightened. The rules are those of
`docs/policy.md`, "Fairness"; each broken one is a sentence. Rules 7, 8 and 10 hold by how the code is built (the queue
knows no level, open incidents keep their policy, customers read names) and have tests of their own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from customers.knob_words import WORDS
from customers.knobs import ALWAYS_OPEN

Knobs = Mapping[str, Any]
# What the rules look at.
RULED = ("response", "update", "restore", "intake", "auto_close_bd", "reopen_window_bd", "channels")
PRIORITIES = range(1, 5)
_MINUTES = {"min": 1, "h": 60, "bd": 10 * 60}  # to compare different units: a business day of ten hours


def minutes(target: str) -> int:
    """“4 h” -> 240; no target is no promise, so it is longer than any."""
    amount, unit = target.split(" ") if target else ("0", "min")
    return int(amount) * _MINUTES[unit] or 10**9


def broken_between(levels: Mapping[int, Knobs]) -> list[str]:
    """The rules that the merged knobs of the five levels break among each other."""
    found: list[str] = []
    for low in sorted(levels):
        for high in (level for level in sorted(levels) if level > low):
            found += _between(low, levels[low], high, levels[high])
    return [*dict.fromkeys(found)]


def _between(low: int, weaker: Knobs, high: int, stronger: Knobs) -> Iterator[str]:
    said = {"low": low, "high": high}
    if any(minutes(weaker["response"][p]) > minutes(stronger["response"][p]) for p in (0, 1)):
        yield (
            _("Rule 1: level %(low)s would wait longer than level %(high)s for the first answer to a P1 or P2.") % said
        )
    if any(minutes(weaker["update"][p]) > minutes(stronger["update"][p]) for p in range(4)):
        yield _("Rule 2: level %(low)s would hear less often than level %(high)s.") % said
    if len(weaker["intake"]) > len(stronger["intake"]):
        yield _("Rule 4: level %(low)s would be asked more than level %(high)s.") % said
    for knob in ("auto_close_bd", "reopen_window_bd"):
        if weaker[knob] < stronger[knob]:
            yield _("Rule 5: level %(low)s would have less time to answer or reopen than level %(high)s.") % said


def broken_alone(knobs: Knobs, floor: Knobs) -> list[str]:
    """The rules that the merged knobs of one policy break by themselves: floor, what is asked, ways to reach us."""
    found = list(_below_floor(knobs, floor))
    if "text" not in knobs["intake"]:
        found.append(_("Rule 4: one box is always there: “What is not working?”"))
    if missing := [channel for channel in ALWAYS_OPEN if channel not in knobs["channels"]]:
        found.append(_("Rule 6: nobody loses %(channels)s.") % {"channels": ", ".join(missing)})
    return found


def _below_floor(knobs: Knobs, floor: Knobs) -> Iterator[str]:
    sentences: dict[str, Callable[[], str]] = {
        "response": lambda: _("Rule 1: P%(priority)s would be answered later than the floor of %(floor)s allows."),
        "update": lambda: _("Rule 2: P%(priority)s would hear less often than the floor of %(floor)s allows."),
        "restore": lambda: _("Rule 3: P%(priority)s would be restored later than the floor of %(floor)s allows."),
    }
    for measure, sentence in sentences.items():
        for priority in PRIORITIES:
            least = floor[measure][priority - 1]
            if minutes(knobs[measure][priority - 1]) > minutes(least):
                yield sentence() % {"priority": priority, "floor": least}


def broken_against(level: int, knobs: Knobs, levels: Mapping[int, Knobs], floor: Knobs) -> list[str]:
    """The rules that one customer's or service's merged knobs break, alone and beside customers of higher levels.

    That a contract may buy more than its level has is no breach: only whoever is owed less is protected here.
    """
    found = broken_alone(knobs, floor)
    for high in (each for each in sorted(levels) if each > level):
        found += _between(level, knobs, high, levels[high])
    return [*dict.fromkeys(found)]


def broken_by_loss(before: Knobs, after: Knobs) -> list[str]:
    """The rule that a change breaks which takes a channel away, unless people were told in time."""
    if not (lost := [channel for channel in before["channels"] if channel not in after["channels"]]):
        return []
    named = ", ".join(str(WORDS.get(channel, channel)) for channel in lost)
    return [
        _("Rule 9: no channel goes without 30 days' notice, and here would go: %(channels)s.") % {"channels": named}
    ]
