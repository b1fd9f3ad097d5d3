"""How a customer is written to: the tone, the length, and words that not everybody knows.

Pure: no database. Everything here points something out; nothing refuses.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from customers.knob_words import WORDS

_LISTS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("jargon.toml").read_text())
INSTEAD = _LISTS["instead"]
# The tone -> in how many lines of a text technical words may stand; not there: in all.
LINES_OF_JARGON = {"plain": 0, "plain_line": 1}
EXAMPLES: dict[str, str | Promise] = {
    "plain": lazy(
        "Please print on the printer in the corridor for now. We repair yours today and write again by 14:00."
    ),
    "plain_line": lazy(
        "Please print on the printer in the corridor for now; we write again by 14:00.\n"
        "Technically: the print spooler on the server stops and is being replaced."
    ),
    "summary": lazy(
        "Printing at the counter works over the corridor printer; the repair is planned for today.\n"
        "Details: the spooler fails since the driver update of Thursday; we go back to the version before."
    ),
    "technical": lazy(
        "Business: payments by card fail for about a third of merchants since 13:05.\n"
        "Technical: release 4.12 exhausts the connection pool; rollback to 4.11 runs until 13:40."
    ),
    "structured": lazy(
        "component: card-gateway · error rate: 34 % · since: 13:05 · change: CHG-221\n"
        "Summary: rollback to 4.11 runs until 13:40; error rate is falling."
    ),
}


@dataclass(frozen=True)
class Style:
    """The knobs `tone` and `update_words` of one customer."""

    tone: str
    words: int
    language: str = ""  # in which it is written: names and acronyms are the same in all

    @property
    def instead(self) -> dict[str, str]:
        """Word -> what to say instead, in the language that is written."""
        spoken = self.language.partition("-")[0]
        return INSTEAD | _LISTS[spoken] if spoken in _LISTS else INSTEAD

    @property
    def meaning(self) -> str | Promise:
        return WORDS[self.tone]

    @property
    def example(self) -> str | Promise:
        return EXAMPLES[self.tone]

    @property
    def watched(self) -> str:
        """For the script that looks while one writes: word -> what to say instead; empty where jargon is welcome."""
        return json.dumps(self.instead if self.tone in LINES_OF_JARGON else {})

    @property
    def lines_of_jargon(self) -> int:
        return LINES_OF_JARGON.get(self.tone, 0)


def count(text: str) -> int:
    """Words as people count them: what stands between blanks."""
    return len(text.split())


def jargon(text: str, style: Style) -> list[str]:
    """The words of `text` that this customer may not know, once each and in their order."""
    if style.tone not in LINES_OF_JARGON:
        return []
    found = [_in_line(line, style.instead) for line in text.splitlines()]
    if sum(1 for words in found if words) <= style.lines_of_jargon:
        return []
    return list(dict.fromkeys(word for words in found for word in words))


def _in_line(line: str, instead: dict[str, str]) -> list[str]:
    """Names and acronyms as they are written, other words in any case."""
    words = re.findall(r"\w+", line)
    known = (word if word in instead else word.lower() for word in words)
    return [word for word in known if word in instead]


def remarks(text: str, style: Style) -> list[str]:
    """Sentences for whoever wrote it."""
    said = []
    words = count(text)
    if words > style.words:
        said.append(
            ngettext(
                "For next time: this has %(words)d word; up to %(most)d are easier to read here.",
                "For next time: this has %(words)d words; up to %(most)d are easier to read here.",
                words,
            )
            % {"words": words, "most": style.words}
        )
    if found := jargon(text, style):
        better = ", ".join(f"“{word}” ({style.instead[word]})" for word in found)
        said.append(_("For next time: not everybody there knows these words: %(words)s.") % {"words": better})
    return said
