"""The parts of an update: what it starts from, what may not be missing, and how they read one after the other.

An update is carried over from the last one, so that a routine one is a single new sentence (docs/communication.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from incidents.models import Incident, Message
from itsm.text import clean

Slot, Phase = Message.Slot, Message.Phase
READING_ORDER = (Slot.NOTICE, Slot.AFFECTED, Slot.CHANGED, Slot.DOING, Slot.MEANWHILE)
# What each update says; the third that none goes without is when the next one comes, and that one is always promised.
ENFORCED: dict[str, str | Promise] = {
    Slot.NOTICE: lazy("Please say what people notice."),
    Slot.AFFECTED: lazy("Please say who is affected."),
}
AFTERWARDS = (Phase.RESTORED, Phase.REPORT)
WORKS = lazy("It works again.")
CAN_WORK = lazy("Those who were affected can work again.")
AFFECTED: dict[int, Promise] = {
    Incident.Scale.HIGH: lazy("Many people are affected, or the whole place."),
    Incident.Scale.MEDIUM: lazy("A group of people is affected."),
    Incident.Scale.LOW: lazy("One person is affected."),
}


def kept(said: Mapping[str, str]) -> dict[str, str]:
    """The parts that say something, as they are kept and in the order in which they are read."""
    tidy = {slot.value: clean(said.get(slot) or "") for slot in READING_ORDER}
    return {slot: words for slot, words in tidy.items() if words}


def compose(said: Mapping[str, str]) -> str:
    """One text of them, in the reader's language as far as it is ours."""
    return "\n".join(_line(slot, said[slot]) for slot in READING_ORDER if said.get(slot))


def _line(slot: str, words: str) -> str:
    words = in_readers_language(words)
    return _("Until then: %(words)s") % {"words": words} if slot == Slot.MEANWHILE else words


def in_readers_language(words: str) -> str:
    """What stood there before anybody typed, for whoever reads another language than its writer; else as it is."""
    return str(_ours().get(words, words))


@cache
def _ours() -> dict[str, Promise]:
    """Each of these beginnings, in each language in which a writer may have sent it."""
    found: dict[str, Promise] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= {str(beginning): beginning for beginning in (WORKS, CAN_WORK, *AFFECTED.values())}
    return found


@dataclass(frozen=True)
class Beginning:
    """What the next update starts from: its parts, and which kind of message it is by how things stand."""

    parts: dict[str, str]
    phase: str


def beginning(incident: Incident) -> Beginning:
    """The last update without its news; for the first one, what is known. One question."""
    last = _last(incident)
    carried = {slot: words for slot, words in last.slots.items() if slot != Slot.CHANGED} if last else {}
    return Beginning(_known_at_first(incident) | carried, _phase(incident, last))


def _phase(incident: Incident, last: Message | None) -> str:
    if incident.status == Incident.Status.RESTORED:
        return Phase.RESTORED
    if not incident.is_down:
        return Phase.REPORT
    if last is None:
        return Phase.ACKNOWLEDGED
    return Phase.IDENTIFIED if last.phase == Phase.IDENTIFIED else Phase.INVESTIGATING


def _last(incident: Incident) -> Message | None:
    """The last update about the state it is in: what was said of the trouble is no longer true when it works again."""
    told = incident.messages.filter(is_public=True, phase__gt="").exclude(slots={})
    of_now = told.exclude(phase__in=AFTERWARDS) if incident.is_down else told.filter(phase__in=AFTERWARDS)
    return of_now.order_by("-said_at", "-pk").first()


def _known_at_first(incident: Incident) -> dict[str, str]:
    if incident.is_down:
        named = incident.service.name if incident.service else ""
        is_named = not named or named.casefold() in incident.title.casefold()
        notice = incident.title if is_named else f"{named}: {incident.title}"
        return {Slot.NOTICE.value: notice, Slot.AFFECTED.value: str(AFFECTED[incident.impact])}
    return {
        Slot.NOTICE.value: incident.outcome or str(WORKS),
        Slot.AFFECTED.value: str(CAN_WORK),
    }
