"""What a report may say besides its text: the answers as they are kept on the incident, and their words.

Pure: no database. Which of them are asked is the policy's matter (`intake`); what was not asked is taken all the same.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from itsm.text import clean

Word = str | Promise
AFFECTED: list[tuple[int, Word]] = [(1, _("many, or the whole place")), (2, _("a group")), (3, _("one person"))]
WORKING: list[tuple[int, Word]] = [(1, _("no, not at all")), (2, _("with difficulty")), (3, _("yes, it can wait"))]
# What is kept in `Incident.details`, in the order in which the desk reads it.
LABELS: dict[str, Word] = {
    "affected": _("Who is affected"),
    "working": _("Can people work"),
    "since": _("Since when"),
    "evidence": _("Steps or evidence"),
    "correlation_id": _("Correlation id"),
    "phone": _("Call-back number"),
}
SCALES = {"affected": dict(AFFECTED), "working": dict(WORKING)}
WHEN: list[tuple[str, Word]] = [
    ("soon", _("as soon as possible")),
    ("morning", _("in the morning, before 12")),
    ("afternoon", _("in the afternoon, after 12")),
]


def kept(said: dict[str, Any]) -> dict[str, Any]:
    """Those answers that say something, as they are kept; everything else is left out."""
    tidy = {name: clean(value) if isinstance(value, str) else value for name, value in said.items() if name in LABELS}
    return {name: value for name, value in tidy.items() if value}


def wish(number: str, when: str) -> dict[str, str]:
    """That somebody wants to be called, as it is kept under "call_back"."""
    return {"number": clean(number), "when": when if when in dict(WHEN) else WHEN[0][0]}


def in_words(details: dict[str, Any]) -> list[tuple[Word, Word]]:
    """Question and answer, for people."""
    answers = [(name, details[name]) for name in LABELS if name in details]
    return [(LABELS[name], SCALES[name].get(value, value) if name in SCALES else value) for name, value in answers]
