"""What can be agreed, in the words of the customer's own people: who has no network of ours in mind reads no trade words."""

from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

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


def plain(name: str) -> Knob:
    """The knob with the label and the meaning that customers read."""
    label, meaning = SAID.get(name, (KNOBS[name].label, KNOBS[name].meaning))
    return replace(KNOBS[name], label=label, meaning=meaning)
