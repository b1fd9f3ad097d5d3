"""What ninety days of work say about some questions of the assessment: hints beside them, which decide nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from customers.models import Customer
from incidents import goal_measures


@dataclass(frozen=True)
class Hint:
    """`question` is its number, 1 to 15; `words` what was counted."""

    question: int
    words: str


def hints(customer: Customer, now: datetime) -> list[Hint]:
    """Those for which there is enough to count, in the order of the questions."""
    named = goal_measures.contacts_named(customer, now) or 0
    said = [
        (1, _("Contact and deputy: %(n)d of 2 can be called when mail is down.") % {"n": named}),
        (4, _percent(goal_measures.share_with_service(customer, now), _("%(share)s of the reports name a service."))),
        (7, _percent(goal_measures.share_by_monitoring(customer, now),
                     _("%(share)s of the incidents on critical services came from monitoring."))),
        (8, _percent(goal_measures.share_asked_back(customer, now),
                     _("We had to ask back in %(share)s of the reports."))),
        (9, _percent(goal_measures.share_priority_corrected(customer, now),
                     _("The priority was corrected in %(share)s of the incidents."))),
    ]  # fmt: skip
    return [Hint(question, words) for question, words in said if words]


def _percent(share: float | None, words: str) -> str:
    return "" if share is None else words % {"share": f"{share:.0f} %"}
