"""Does this incident deserve a problem? Always, as a candidate that somebody looks at, or not at all."""

from dataclasses import dataclass

from incidents import clocks
from incidents.models import CauseCategory, Clock, Detection, Incident, ResolutionCode
from problems.models import Problem

Trigger = Problem.Trigger
LOW = 4  # the priority that opens nothing by itself
PRESSING = 2
WATCHED = 4  # from this level on the customer's monitoring is part of the agreement
PEOPLE = (Detection.USER, Detection.CUSTOMER_IT)


@dataclass(frozen=True)
class Verdict:
    """`opens` is for good, `proposes` for a candidate: why, in either case."""

    opens: tuple[str, ...] = ()
    proposes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opens or self.proposes)


def verdict(incident: Incident, restored_by: str) -> Verdict:
    """At "works again", by workaround or fix, and once more when its record is written down."""
    opens = []
    if incident.is_major:
        opens.append(Trigger.MAJOR.value)
    if restored_by == Incident.RestoredBy.WORKAROUND and incident.priority < LOW:
        opens.append(Trigger.WORKAROUND.value)
    return Verdict(tuple(opens), tuple(_signs(incident)))


def _signs(incident: Incident) -> list[str]:
    if incident.resolution_code in (ResolutionCode.USER_GUIDANCE, ResolutionCode.DUPLICATE, ResolutionCode.WITHDRAWN):
        return []
    pressing = incident.priority <= PRESSING
    watched = clocks.terms_of(incident).level >= WATCHED and incident.detection in PEOPLE
    found = {
        Trigger.RESTORE_MISSED: pressing and _was_late(incident),
        Trigger.DATA_LOSS: incident.cause_category == CauseCategory.DATA,
        Trigger.MONITORING_FAILED: pressing and watched,
        Trigger.RESCUED_BY_HAND: incident.priority < LOW and incident.resolution_code == ResolutionCode.RESTARTED,
    }
    return [trigger.value for trigger, holds in found.items() if holds]


def _was_late(incident: Incident) -> bool:
    return incident.clocks.filter(kind=Clock.Kind.RESTORE, breached_at__isnull=False).exists()
