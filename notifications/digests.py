"""Several pieces of news in one letter: what was kept back for a reader, incident by incident, the newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from incidents.models import Incident
from notifications.models import Delivery

KIND = "digest"


@dataclass
class Chapter:
    """What is told of one incident; of what belongs to none, `incident` is None."""

    incident: Incident | None
    news: list[Delivery] = field(default_factory=list)

    @property
    def newest(self) -> Delivery:
        return self.news[0]


def is_digest(delivery: Delivery) -> bool:
    """Does it carry others?"""
    return bool(delivery.carries)


def is_of_one(delivery: Delivery) -> bool:
    """Is all that it tells about the same incident, if about any?"""
    return all(each.incident_id == delivery.incident_id for each in delivery.carries)


def chapters(delivery: Delivery) -> list[Chapter]:
    """All that this message tells, its own news among it; what has changed last stands first."""
    found: dict[int, Chapter] = {}
    for each in sorted([delivery, *delivery.carries], key=_when, reverse=True):
        found.setdefault(each.incident_id or 0, Chapter(each.incident)).news.append(each)
    return list(found.values())


def number_of(found: Iterable[Chapter]) -> int:
    """How many pieces of news these are."""
    return sum(len(chapter.news) for chapter in found)


def _when(delivery: Delivery) -> tuple[datetime, int]:
    return delivery.told_of.occurred_at, delivery.pk
