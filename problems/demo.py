"""The problems' part of the demo story: what workarounds of the past have left to find out."""

from django.db.models.functions import Now

from incidents.models import IncidentEvent
from problems import reactions
from problems.models import ProblemEvent

Kind = IncidentEvent.Kind


def seed() -> None:
    """Replays what the incidents' history means for problems; for this past nobody is told again."""
    past = IncidentEvent.objects.filter(kind__in=[Kind.RESTORED, Kind.RELAPSED], relayed_at__isnull=False)
    for event in past.select_related("incident__customer", "incident__policy").order_by("occurred_at", "pk"):
        reactions.consume(event)
    ProblemEvent.objects.filter(relayed_at__isnull=True).update(relayed_at=Now())
