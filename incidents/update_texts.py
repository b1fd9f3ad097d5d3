"""The same news for three audiences: people who are affected, those who answer for the service, and who decides.

Five kinds of message for each (docs/communication.md). Whoever wrote an update may have written its words for the
others too; what nobody wrote is built here out of its parts. Language and zone are the active ones: the reader's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from incidents import slots
from incidents.models import Incident, Message
from itsm import wording

Phase, Slot = Message.Phase, Message.Slot
Words = str | Promise
AFFECTED, STAKEHOLDERS, EXECUTIVES, DESK = AUDIENCES = ("affected", "stakeholders", "executives", "desk")
MOST_OF_A_TEXT_MESSAGE = 300  # characters, with the reference and how to answer
MARKS: dict[str, Words] = {
    Phase.ACKNOWLEDGED: pgettext_lazy("kind of message", "ACKNOWLEDGED"),
    Phase.INVESTIGATING: pgettext_lazy("kind of message", "INVESTIGATING"),
    Phase.IDENTIFIED: pgettext_lazy("kind of message", "IDENTIFIED"),
    Phase.RESTORED: pgettext_lazy("kind of message", "RESTORED"),
    Phase.REPORT: pgettext_lazy("kind of message", "REPORT"),
}
# What a line is about, which is left out when there is nothing to say of it, and the line.
HEAD = ""
Line = tuple[str, Words]
_OPEN: Line = (HEAD, lazy("%(head)s, since %(since)s. %(notice)s %(affected)s"))
_OVER: Line = (HEAD, lazy("%(head)s, %(span)s. %(notice)s"))
STAKEHOLDER_TEXTS: dict[str, list[Line]] = {
    Phase.ACKNOWLEDGED: [_OPEN, ("action", "%(action)s"), ("meanwhile", lazy("Workaround: %(meanwhile)s"))],
    Phase.INVESTIGATING: [
        _OPEN, ("action", lazy("Action: %(action)s")), ("meanwhile", lazy("Workaround: %(meanwhile)s")),
    ],
    Phase.IDENTIFIED: [
        _OPEN, ("action", lazy("Found: %(action)s")), ("meanwhile", lazy("Workaround: %(meanwhile)s")),
    ],
    Phase.RESTORED: [
        _OVER, ("action", lazy("Now: %(action)s")), ("meanwhile", lazy("Until it is solved for good: %(meanwhile)s")),
    ],
    Phase.REPORT: [_OVER, ("action", lazy("What was done: %(action)s"))],
}  # fmt: skip
_IMPACT: Line = (HEAD, lazy("Impact: %(notice)s %(affected)s Since %(since)s."))
_IMPACT_OVER: Line = (HEAD, lazy("Impact: over, %(span)s."))
_WORK: Line = ("meanwhile", lazy("Work goes on: %(meanwhile)s"))
_DECIDE: Line = (HEAD, lazy("Your decision: none now."))
EXECUTIVE_TEXTS: dict[str, list[Line]] = {
    Phase.ACKNOWLEDGED: [_IMPACT, (HEAD, lazy("Status: we have begun. %(action)s")), _WORK, _DECIDE],
    Phase.INVESTIGATING: [_IMPACT, (HEAD, lazy("Status: the cause is being looked for. %(action)s")), _WORK, _DECIDE],
    Phase.IDENTIFIED: [_IMPACT, (HEAD, lazy("Status: the cause is known. %(action)s")), _WORK, _DECIDE],
    Phase.RESTORED: [_IMPACT_OVER, (HEAD, lazy("Status: %(notice)s %(action)s")), _DECIDE],
    Phase.REPORT: [_IMPACT_OVER, (HEAD, lazy("What happened: %(notice)s %(action)s")), _DECIDE],
}


@dataclass(frozen=True)
class Said:
    """One update as it was or will be said: the words and what stands around them."""

    incident: Incident
    body: str
    parts: Mapping[str, str]
    phase: str
    for_others: Mapping[str, str]
    at: datetime
    next_update_at: datetime | None

    @classmethod
    def of(cls, message: Message, next_update_at: datetime | None) -> "Said":
        return cls(
            message.incident, message.body, message.slots, message.phase, message.for_others, message.said_at,
            next_update_at,
        )  # fmt: skip

    def clock(self, at: datetime) -> str:
        """08:30 CET; on another day than the words are of, with the day. Messages are read in several zones."""
        there = timezone.localtime(at)
        words = f"{wording.clock_time(there)} {there.tzname()}"
        return (
            words if there.date() == timezone.localtime(self.at).date() else f"{format_date(there, 'D j M')}, {words}"
        )


def for_audience(message: Message, audience: str, next_update_at: datetime | None = None) -> str:
    """What this audience reads of a message, without the frame of its channel: stamp, next news, links."""
    return words_for(Said.of(message, next_update_at), audience)


def words_for(said: Said, audience: str) -> str:
    """The words somebody wrote for this audience, else those that are built for it."""
    if written := said.for_others.get(audience):
        return written
    build = BUILDERS.get(audience, _plainly)
    return build(said) if said.parts and said.phase else said.body


def framed(said: Said, audience: str) -> str:
    """The same with its frame, for where no letter stands around it: the time it is of, the next one, the reference."""
    stamp = _("(As of %(time)s, ref %(reference)s)") % {
        "time": said.clock(said.at), "reference": said.incident.reference,
    }  # fmt: skip
    return "\n".join(filter(None, [words_for(said, audience), next_words(said, audience), stamp]))


def next_words(said: Said, audience: str) -> str:
    """When the next word comes, as this audience reads it."""
    if said.next_update_at is None:
        return ""
    when = {"when": said.clock(said.next_update_at)}
    if audience == EXECUTIVES:
        return _("Next: %(when)s.") % when
    if audience != STAKEHOLDERS:
        return _("Next news by %(when)s.") % when
    told = _("Next update %(when)s.") % when
    owner = said.incident.owner
    return f"{told} " + _("In charge: %(name)s.") % {"name": owner.name} if owner else told


def short(said: Said, audience: str = AFFECTED) -> str:
    """As a text message: its end names the reference and when the next word comes; what does not fit is cut."""
    when = said.clock(said.next_update_at) if said.next_update_at else ""
    news = _("Next news by %(when)s.") % {"when": when} if when else ""
    end = " ".join(filter(None, [news, _("Ref %(reference)s.") % {"reference": said.incident.reference}]))
    words = " ".join(words_for(said, audience).split())
    room = MOST_OF_A_TEXT_MESSAGE - len(end) - 1
    if len(words) > room:
        words = words[: room - 2].rsplit(" ", 1)[0] + " …"
    return f"{words} {end}"


def _plainly(said: Said) -> str:
    """As it was written; what is ours in it in the language of the reader."""
    if said.body in said.parts.values():  # a text of one piece
        return said.body
    return slots.compose(said.parts)


def _for_stakeholders(said: Said) -> str:
    return _filled(STAKEHOLDER_TEXTS[said.phase], said)


def _for_executives(said: Said) -> str:
    return _filled(EXECUTIVE_TEXTS[said.phase], said)


def _filled(lines: list[Line], said: Said) -> str:
    known = _variables(said)
    kept = (words for about, words in lines if not about or known[about])
    return "\n".join(" ".join((str(words) % known).split()) for words in kept)


def _variables(said: Said) -> dict[str, str]:
    incident, parts = said.incident, said.parts
    until = incident.restored_at or incident.resolved_at or said.at
    rank = _("P%(priority)d major") if incident.is_major else _("P%(priority)d")
    about = incident.service.name if incident.service else incident.reference
    return {
        "head": f"[{MARKS[said.phase]}] {about}, {rank % {'priority': incident.priority}}",
        "since": said.clock(incident.opened_at),
        "span": _("from %(start)s to %(end)s") % {
            "start": said.clock(incident.opened_at), "end": said.clock(until),
        },
        "notice": _sentence(slots.in_readers_language(parts.get(Slot.NOTICE, ""))),
        "affected": _sentence(slots.in_readers_language(parts.get(Slot.AFFECTED, ""))),
        "action": _sentence(parts.get(Slot.CHANGED, "") or parts.get(Slot.DOING, "")),
        "meanwhile": _sentence(parts.get(Slot.MEANWHILE, "")),
    }  # fmt: skip


def _sentence(words: str) -> str:
    """With its full stop, since another sentence follows."""
    words = " ".join(words.split())
    return words if not words or words[-1] in ".!?…:" else words + "."


BUILDERS: dict[str, Callable[[Said], str]] = {
    AFFECTED: _plainly,
    STAKEHOLDERS: _for_stakeholders,
    EXECUTIVES: _for_executives,
    DESK: _plainly,
}
