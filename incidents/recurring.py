"""What happens again and again: at least three alike within 30 days, of one customer or at several."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.db.models.functions import Lower

from incidents.models import Incident, IncidentWords
from incidents.models.incident import IncidentQuerySet
from incidents.similar import WITHIN, Looks, category, compare, counted, not_similar

LEAST = 3
COMPARED = 60  # of one service, the youngest: trigrams of each pair


@dataclass(frozen=True)
class Group:
    """Incidents of one customer that have the same trouble; `spread`: it counts because others have it as well."""

    incidents: tuple[Incident, ...]  # the oldest first
    is_spread: bool = False


def groups(now: datetime) -> list[Group]:
    """Of each customer and service what recurs; where a service of that name does at several customers, each one's."""
    recent = counted(Incident.objects.filter(opened_at__gt=now - WITHIN, opened_at__lte=now, service__isnull=False))
    found = [group for rows in _by(recent, "customer", "service") for group in _of_one_customer(rows)]
    known = {incident.pk for group in found for incident in group.incidents}
    recent = recent.annotate(called=Lower("service__name"))
    for rows in _by(recent, "called"):
        found += [group for group in _spread(rows) if not known & {incident.pk for incident in group.incidents}]
    return found


def _by(recent: IncidentQuerySet, *key: str) -> Iterable[list[Incident]]:
    """The incidents of each key that has enough of them, at most `COMPARED`."""
    for values in recent.values(*key).annotate(number=Count("pk")).filter(number__gte=LEAST).order_by(*key):
        values.pop("number")
        youngest = recent.filter(**values).order_by("-opened_at", "-pk").select_related("service", "customer")
        yield list(youngest[:COMPARED])


def _of_one_customer(rows: list[Incident]) -> list[Group]:
    """The same category is the same trouble; where nobody has said it yet, the same words are."""
    found, rest = [], []
    for kind, several in groupby(sorted(rows, key=category), key=category):
        same = list(several)
        if kind and len(same) >= LEAST:
            found.append(_group(same))
        else:
            rest += same
    return found + [_group(same) for same in _clusters(rest)]


def _spread(rows: list[Incident]) -> list[Group]:
    """Alike at two customers at least: each customer's part is a group of its own, as it is that customer's alone."""
    found = []
    for cluster in _clusters(rows):
        parts: dict[int, list[Incident]] = {}
        for incident in cluster:
            parts.setdefault(incident.customer_id, []).append(incident)
        if len(parts) > 1:
            found += [_group(part, is_spread=True) for part in parts.values()]
    return found


def _group(incidents: Sequence[Incident], **more: Any) -> Group:
    return Group(tuple(sorted(incidents, key=lambda each: (each.opened_at, each.pk))), **more)


def _clusters(rows: Sequence[Incident]) -> list[list[Incident]]:
    """Those with at least two others that are said in the same words, around the one that has most of them."""
    if len(rows) < LEAST:
        return []
    looks = _looks(rows)
    apart = not_similar(looks)
    neighbours: dict[int, set[int]] = {pk: set() for pk in looks}
    for one in looks:
        for other in looks:
            if one < other and frozenset((one, other)) not in apart and compare(looks[one], looks[other]).is_like:
                neighbours[one].add(other)
                neighbours[other].add(one)
    found = []
    while neighbours:
        middle = max(neighbours, key=lambda pk: (len(neighbours[pk]), pk))
        cluster = {middle, *neighbours[middle]}
        if len(cluster) < LEAST:
            break
        found.append([looks[pk].incident for pk in cluster])
        neighbours = {pk: near - cluster for pk, near in neighbours.items() if pk not in cluster}
    return found


def _looks(rows: Sequence[Incident]) -> dict[int, Looks]:
    texts = dict(IncidentWords.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "text"))
    return {row.pk: Looks.of(row, texts.get(row.pk, row.title)) for row in rows}
