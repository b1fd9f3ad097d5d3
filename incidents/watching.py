"""A major incident that works again is watched for a while; after that the desk is asked to resolve it.

Called inside verbs, with the incident's row locked. Nothing resolves itself.
"""

from datetime import datetime, timedelta

from django.db.models import F

from customers.models import Level
from incidents import clocks
from incidents.models import Incident, MajorIncident

WINDOW = timedelta(minutes=60)
WINDOW_INTEGRATED = timedelta(minutes=30)  # where both sides have the same monitoring in sight
WINDOW_AFTER_RELAPSE = timedelta(minutes=120)  # it deceived us once


def window(incident: Incident, relapses: int) -> timedelta:
    """For how long it is watched."""
    if relapses:
        return WINDOW_AFTER_RELAPSE
    return WINDOW_INTEGRATED if clocks.terms_of(incident).level >= Level.INTEGRATED else WINDOW


def begin(incident: Incident, at: datetime) -> None:
    """It works again since `at`."""
    major = MajorIncident.objects.filter(incident=incident).first() if incident.is_major else None
    if major:
        major.watch_until = at + window(incident, major.relapses)
        major.save(update_fields=["watch_until"])


def relapsed(incident: Incident) -> None:
    """It is broken again: nothing is watched, and there may be more to think about the cause."""
    if incident.is_major:
        rows = MajorIncident.objects.filter(incident=incident)
        rows.update(watch_until=None, lot_closed_at=None, relapses=F("relapses") + 1)
