"""How many were told of an event, by which way, and what came of it: for whoever has to prove it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, Min, Q

from notifications.models import Delivery

State = Delivery.State
STATES = {
    "sent": Q(state=State.SENT),
    "kept": Q(state=State.HELD),
    "waiting": Q(state__in=[State.QUEUED, State.LEASED]),
    "failed": Q(state__in=[State.BOUNCED, State.DEAD]),
    "not_needed": Q(state=State.SKIPPED),
}


def counts(events: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """For each of these events of incidents a line a way: how many, how many of them sent, kept or failed, and when.

    One question, however many events; the desk's own people are left out. No names, no addresses.
    """
    rows = Delivery.objects.filter(event__in=list(events)).exclude(audience=Delivery.Audience.DESK)
    numbers = {name: Count("pk", filter=condition) for name, condition in STATES.items()}
    found = rows.values("event_id", "channel").annotate(
        told=Count("pk"), first_sent=Min("sent_at"), last_sent=Max("sent_at"), **numbers
    )
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in found.order_by("event_id", "channel"):
        told[row["event_id"]].append({name: value for name, value in row.items() if name != "event_id"})
    return told
