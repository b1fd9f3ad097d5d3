"""What was kept back: when its time has come, all of it that waits for the same reader goes out as one message.

The newest carries the others, which have no message of their own (`Delivery.sent_with`). Who carries what is written
down before anything is sent: however often a worker dies over it, it is the same message with the same Message-ID.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from notifications import claiming, lanes
from notifications.models import Delivery, DeliveryQuerySet
from notifications.wanted import ABOUT_A_CLOCK

State, Held, Channel = Delivery.State, Delivery.Held, Delivery.Channel
TO_THE_DESK = timedelta(minutes=2)
AT_ONCE_TO_THE_DESK = ABOUT_A_CLOCK | {"urgent", "raised", "still_broken", "declared", "given_role", "handover_due"}
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


def keep_for_the_next(delivery: Delivery) -> bool:
    """To somebody at the desk, who has just had a mail about this incident: what comes within two minutes is one more.

    Alarms and what is urgent go at once. True when it was kept; asked under the lease, untried.
    """
    last = delivery.earlier[-1] if delivery.earlier else None
    at_once = delivery.kind in AT_ONCE_TO_THE_DESK or delivery.rank == Delivery.Rank.URGENT or delivery.held_for
    if last is None or at_once or delivery.recipient is None or delivery.recipient.is_customer_side:
        return False
    just_now = Delivery.objects.filter(pk=last.pk, sent_at__gt=Now() - TO_THE_DESK)
    until = just_now.values_list("sent_at", flat=True).first()
    if until is None:
        return False
    kept = claiming.ours(delivery)
    values = {"state": State.HELD, "held_for": Held.OFTEN, "next_try_at": until + TO_THE_DESK, "lease_until": None}
    return bool(kept.update(**values))


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
