"""Signs of life of the processes that nobody looks at."""

from datetime import datetime

from django.db.models.functions import Now

from itsm.models import Heartbeat


def beat(name: str) -> None:
    """Leaves the mark that process `name` is alive now, by the database's clock."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": Now()})


def last_seen() -> dict[str, datetime]:
    return dict(Heartbeat.objects.values_list("name", "seen_at"))
