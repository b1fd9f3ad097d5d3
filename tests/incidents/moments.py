"""Instants as the town's wall clock shows them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from incidents.models import Clock, Incident, IncidentEvent

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """ "Mon 09:10" is that time on Monday, 2 March 2026, or a later day of its week; a date may be given too."""
    day, time = text.rsplit(" ", 1)
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "next Mon", "next Tue", "next Wed"]
    date = f"2026-03-{2 + days.index(day):02}" if day in days else day
    return datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=BERLIN)


def clock(incident: Incident, kind: str) -> Clock:
    """The latest clock of this kind."""
    return incident.clocks.filter(kind=kind).order_by("-cycle")[0]


def states(incident: Incident) -> dict[str, str]:
    """kind -> state of the latest clock of each kind."""
    return dict(incident.clocks.order_by("cycle").values_list("kind", "state"))


def history(incident: Incident) -> list[str]:
    return list(IncidentEvent.objects.filter(incident=incident).order_by("pk").values_list("kind", flat=True))


def misses(incident: Incident) -> list[tuple[str, datetime]]:
    """What was recorded as late: which clock, and when it fell due."""
    late = IncidentEvent.objects.filter(incident=incident, kind="deadline_missed").order_by("pk")
    return [(event.data["clock"], event.occurred_at) for event in late]
