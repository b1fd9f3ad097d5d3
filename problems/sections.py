"""The parts of a review: what the customer reads, and what the desk writes for itself, by depth. Pure.

The questions ask about the situation, never about a person: what made it sensible, what was missing, what helped.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REPORT: dict[str, str | Promise] = {
    "what_happened": _("What happened"),
    "when": _("When"),
    "affected": _("Who was affected"),
    "did": _("What we did"),
    "notice": _("What you may still notice"),
    "change": _("What we change, and by when"),
}
OWN: dict[str, tuple[str | Promise, str | Promise]] = {
    "helped": (_("What helped"), _("What should we do again next time?")),
    "hindered": (_("What stood in the way"), _("What was missing: a number, a right, a page, a spare part?")),
    "noticed": (_("How it was noticed"), _("Who or what noticed it, and what could have noticed it sooner?")),
    "decided": (_("What was decided, and what made it sensible then"), _("With what was known at that moment.")),
    "luck": (_("Where we were lucky"), _("What could have made it worse?")),
    "conditions": (_("What in the system made it possible"), _("Conditions, not people: a slip is where it starts.")),
    "together": (_("What both sides do"), _("The customer's part, as agreed with them.")),
    "trend": (_("What the last months show"), _("Is it becoming more often, or less?")),
    "effect": (_("Whether earlier actions helped"), _("Of this problem and of those like it.")),
}
# A depth has what those before it have, and more.
_ADDED = {
    "none": [],
    "light": ["helped", "hindered"],
    "standard": ["noticed", "decided", "luck"],
    "full": ["conditions", "together"],
    "trend": ["trend", "effect"],
}
DEPTHS = tuple(_ADDED)
MOST = 4_000  # characters of a section


def own_of(depth: str) -> list[str]:
    """The desk's own sections of this depth."""
    upto = DEPTHS[: DEPTHS.index(depth) + 1] if depth in DEPTHS else ()
    return [section for one in upto for section in _ADDED[one]]
