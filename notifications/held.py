"""What was kept back: when its time has come, all of it that waits for the same reader goes out as one message.

The newest carries the others, which have no message of their own (`Delivery.sent_with`). Who carries what is written
down before anything is sent: however often a worker dies over it, it is the same message with the same Message-ID.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from notifications import lanes
from notifications.models import Delivery, DeliveryQuerySet

State, Held, Channel = Delivery.State, Delivery.Held, Delivery.Channel
AT_ONCE = 200  # messages whose time has come, in one transaction
LOCK = 0x68656C64  # of the advisory locks: one worker a channel gathers


def take_up(channel: str) -> None:
    """What was kept back until now joins the line of its channel."""
    while _some(channel):
        pass


def release(customer_id: int, channel: str) -> int:
    """The channel works again: what was kept for it goes out now. Returns how many messages that were."""
    kept = _kept(channel).filter(customer=customer_id, held_for=Held.DOWN)
    released = kept.update(next_try_at=Now())
    lanes.wake([channel])
    return released


@transaction.atomic
def _some(channel: str) -> bool:
    due = _kept(channel).filter(next_try_at__lte=Now())
    if not due.exists() or not _alone(channel):
        return False
    first = list(due.order_by("next_try_at").values_list("recipient", "address", "held_for")[:AT_ONCE])
    if not first:
        return False
    people, reasons = {person for person, _, _ in first if person}, {reason for _, _, reason in first}
    of_them = Q(recipient__in=people) | Q(recipient__isnull=True, address__in={address for _, address, _ in first})
    rows = _kept(channel).filter(of_them, Q(next_try_at__lte=Now()) | Q(held_for__in=reasons))
    locked = rows.select_for_update(no_key=True).only("recipient", "address", "endpoint", "incident", "held_for")
    _line_up(_together(locked.order_by("pk")))
    return True


def _kept(channel: str) -> DeliveryQuerySet:
    """Not carried by another yet."""
    return Delivery.objects.held().filter(channel=channel, sent_with__isnull=True)


def _alone(channel: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, channel])
        return bool(cursor.fetchone()[0])


def _together(rows: Iterable[Delivery]) -> list[list[Delivery]]:
    """What becomes one message: of a reader all; where there is little room, of each incident. Programs get each."""
    groups: dict[Hashable, list[Delivery]] = defaultdict(list)
    for row in rows:
        about = None if row.channel == Channel.EMAIL else row.incident_id or row.pk
        groups[row.pk if row.endpoint_id else (row.recipient_id, row.address.lower(), about)].append(row)
    return list(groups.values())


def _line_up(groups: list[list[Delivery]]) -> None:
    carriers, carried = [], []
    for *others, newest in groups:
        carriers.append(newest.pk)
        for other in others:
            other.sent_with = newest
            carried.append(other)
    Delivery.objects.bulk_update(carried, ["sent_with"])
    Delivery.objects.filter(pk__in=carriers).update(state=State.QUEUED, next_try_at=Now())
