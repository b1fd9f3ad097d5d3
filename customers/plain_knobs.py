"""What can be agreed, in the words of the customer's own people, who do not know those of our trade."""

from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from customers.knob_words import in_words
from customers.knobs import KNOBS, Knob

OURS_ALONE = {"update_words", "close_fields", "close_fields_bd", "warn_before_min", "remind_every_h"}  # how we work
# Label and meaning; what is not here is plain as it stands in the registry.
SAID: dict[str, tuple[str | Promise, str | Promise]] = {
    "reply": (lazy("Answer to your message"), lazy("until a person answers what you write")),
    "update": (lazy("Next news"), lazy("the longest you wait between two words from us")),
    "restore": (lazy("Works again"), lazy("until you can work again, if need be in another way")),
    "close_out": (lazy("Solved for good"), lazy("after it works again")),
    "tone": (lazy("How we write"), lazy("how plain the words are")),
    "intake": (lazy("What we ask for"), lazy("in a report; only the first is ever needed")),
    "priority_by": (lazy("Who says how urgent it is"), lazy("we do, your answers to two questions, or a table")),
    "priority_matrix": (
        lazy("What makes the priority"),
        lazy("for many, a group, one person: cannot work, with difficulty, can wait"),
    ),
    "review": (lazy("Looking back at a very big disturbance"), lazy("how deep, and your part in it")),
    "review_bd": (lazy("Looking back is done"), lazy("after it works again")),
    "channels": (lazy("Ways to reach us"), lazy("in the order in which we offer them")),
    "told_urgent": (lazy("Who is told of P1 and P2"), lazy("and of very big disturbances")),
    "escalation": (lazy("Who here steps in"), lazy("when so much of the time until it works again is used")),
    "pauses": (lazy("What waits with us"), lazy("while we wait for your answer")),
    "goal_restore": (lazy("Works again in time"), lazy("how often it should; the time itself stays")),
    "goal_response": (lazy("First answer in time"), lazy("how often it should be")),
    "goal_update": (lazy("News in time"), lazy("how often it should be")),
    "reassess_months": (lazy("Look again after"), lazy("at how we work together")),
    "goals_at_once": (lazy("Goals at once"), lazy("we suggest no more")),
}
# (Knob, value) -> what is said instead of the words of our trade.
VALUES: dict[tuple[str, str], str | Promise] = {
    ("priority_by", "agent"): lazy("we ask you, and decide"),
    ("priority_by", "suggestion"): lazy("you answer two plain questions, and we confirm"),
    ("priority_by", "questions"): lazy("your answers to two plain questions; we may correct it"),
    ("priority_by", "matrix"): lazy("you do, by the table"),
    ("priority_by", "criteria"): lazy("agreed rules do; each month we look at some together"),
    ("review", "none"): lazy("none; we write you one page"),
    ("review", "standard"): lazy("we look back together at what happened"),
    ("review", "full"): lazy("down to the cause, with actions on both sides"),
    ("review", "trend"): lazy("down to the cause, and later whether the actions helped"),
}


def plain(name: str) -> Knob:
    """The knob with the label and the meaning that customers read."""
    label, meaning = SAID.get(name, (KNOBS[name].label, KNOBS[name].meaning))
    return replace(KNOBS[name], label=label, meaning=meaning)


def plain_words(name: str, value: Any) -> str:
    """The value as customers read it."""
    said = VALUES.get((name, value)) if isinstance(value, str) else None
    return str(said) if said else in_words(name, value)
