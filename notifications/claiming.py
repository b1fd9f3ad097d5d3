"""Who takes which message: a fair line for each channel, leases, and results that count under one's own fence only.

All times are the database's: a worker whose own clock is wrong does no harm.
"""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Func
from django.db.models.functions import Now

from notifications.models import Delivery, DeliveryQuerySet

State = Delivery.State
TO_PROGRAMS = (Delivery.Channel.WEBHOOK, Delivery.Channel.CHAT)  # in the order in which it happened
BATCH = 50
RELATED = (
    "event__message", "event__actor", "incident__customer", "incident__owner", "incident__reporter",
    "recipient__customer", "customer", "customer_event__actor", "customer_event__person", "staff_event__actor",
    "staff_event__person", "endpoint__customer", "incident__service", "problem_event__problem", "problem_event__actor",
)  # fmt: skip

# From customer to customer by the index, without a look at all that each has in line, up to as many as asked for who
# have something due.
NEXT = """
SELECT customer_id FROM notifications_delivery
 WHERE state = 'queued' AND channel = %(channel)s AND customer_id > {after} ORDER BY customer_id LIMIT 1
"""
IN_LINE = f"""
WITH RECURSIVE line (customer) AS (
    ({NEXT.format(after="%(after)s")}) UNION ALL
    SELECT ({NEXT.format(after="line.customer")}) FROM line WHERE line.customer IS NOT NULL
)
SELECT customer FROM line WHERE EXISTS (SELECT FROM {{ranks}}, LATERAL ({{one}}) AS one) LIMIT %(most)s
"""  # noqa: S608  (our own words)
# Of each a few, what is urgent first; in turn, so that each has its first one sent before anybody's second.
OF_EACH = """
SELECT id, row_number() OVER (PARTITION BY line.customer ORDER BY few.rank, few.at, few.id) AS place
  FROM unnest(%(customers)s::bigint[]) AS line (customer), {ranks}, LATERAL ({few}) AS few (id, rank, at)
 ORDER BY place, line.customer LIMIT %(most)s
"""
RANKS = f"(VALUES {', '.join(f'({rank})' for rank in Delivery.Rank.values)}) AS ranks (rank)"
OF_THE_LINE = {
    "customer": Func(template="line.customer", output_field=BigIntegerField()),
    "rank": Func(template="ranks.rank", output_field=BigIntegerField()),
}
BEGIN = """
UPDATE notifications_delivery SET attempts = attempts + 1
 WHERE id = %s AND fence = %s AND state = 'leased' AND lease_until > now() + make_interval(secs => %s)
 RETURNING attempts
"""
LET_GO = """
UPDATE notifications_delivery AS d SET state = 'queued', lease_until = NULL
  FROM unnest(%s::bigint[], %s::int[]) AS mine (id, fence)
 WHERE d.id = mine.id AND d.fence = mine.fence AND d.state = 'leased'
"""


class Line:
    """The line of one channel, as one worker goes through it: each claim goes on after the customers of the last."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._after = 0

    def claim(self) -> list[Delivery]:
        """Leases the next batch to this worker: what others left behind first, then from each customer a few."""
        with transaction.atomic():
            _by_index()
            keys = self._left_behind() or self._fair()
            if not keys:
                return []
            rows = Delivery.objects.filter(pk__in=keys)
            until = Now() + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
            rows.update(state=State.LEASED, lease_until=until, fence=F("fence") + 1)
        return _read(keys)

    def _left_behind(self) -> list[int]:
        return _lock(Delivery.objects.abandoned().filter(channel=self.channel).order_by("lease_until"), BATCH)

    def _fair(self) -> list[int]:
        """A share for each customer in line; whoever has a hundred thousand there gets no more than who has three."""
        customers = self._in_line()
        if not customers and self._after:  # once around
            self._after = 0
            customers = self._in_line()
        self._after = max(customers, default=0)
        nobodys = self._waiting().filter(customer__isnull=True).order_by("rank", "next_try_at")
        share = max(2, BATCH // max(1, len(customers)))
        keys = _lock(nobodys, share)
        return keys + (self._of_each(customers, share, BATCH - len(keys)) if customers else [])

    def _waiting(self) -> DeliveryQuerySet:
        waiting = Delivery.objects.waiting().filter(channel=self.channel)
        return waiting.not_overtaking() if self.channel in TO_PROGRAMS else waiting

    def _in_line(self) -> list[int]:
        """The next customers for whom something is due."""
        one, values = _sql(self._waiting().filter(**OF_THE_LINE).values("pk").order_by("next_try_at")[:1])
        sql = IN_LINE.format(ranks=RANKS, one=one)
        return _ask(sql, values | {"channel": self.channel, "after": self._after, "most": BATCH})

    def _of_each(self, customers: list[int], share: int, most: int) -> list[int]:
        rows = self._waiting().filter(**OF_THE_LINE).order_by("next_try_at")
        locked = rows.select_for_update(skip_locked=True, no_key=True)
        few, values = _sql(locked.values_list("pk", "rank", "next_try_at")[:share])
        return _ask(OF_EACH.format(ranks=RANKS, few=few), values | {"customers": customers, "most": most})


def _read(keys: list[int]) -> list[Delivery]:
    """These messages in this order, each with what it carries and what was sent before. Three queries."""
    found = Delivery.objects.filter(pk__in=keys).select_related(*RELATED).in_bulk()
    for each in found.values():
        each.carries, each.earlier = [], []
    carried = Delivery.objects.held().filter(sent_with__in=keys).select_related(*RELATED).order_by("pk")
    for each in carried:
        found[each.sent_with_id or 0].carries.append(each)
    _find_threads(list(found.values()))
    return [found[key] for key in keys if key in found]


def _find_threads(deliveries: list[Delivery]) -> None:
    threads: dict[Any, list[Delivery]] = defaultdict(list)
    for each in deliveries:
        if each.incident_id and each.recipient_id:
            threads[each.incident_id, each.recipient_id, each.channel].append(each)
    incidents, people = {incident for incident, *_ in threads}, {person for _, person, _ in threads}
    rows = Delivery.objects.filter(incident__in=incidents, recipient__in=people).with_a_message_of_their_own()
    for row in rows.only("kind", "public_id", "incident", "recipient", "channel").order_by("pk"):
        for each in threads.get((row.incident_id, row.recipient_id, row.channel), []):
            if row.pk < each.pk:
                each.earlier.append(row)


def _by_index() -> None:
    """Statistics of a line are always of yesterday: where they say that one customer has it all, all of it is read."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")


def _lock(rows: DeliveryQuerySet, most: int) -> list[int]:
    return list(rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:most])


def _sql(rows: Any) -> tuple[str, dict[str, Any]]:
    """A question as part of a longer one: its values get names."""
    sql, values = rows.query.sql_with_params()
    names = [f"value{number}" for number in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def _ask(sql: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def begin(delivery: Delivery, limit: timedelta) -> bool:
    """Counts the attempt, if the lease is still ours and leaves time to connect and to send.

    Counted here and not when claimed: a worker that dies takes a whole batch along, but tried only one of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [delivery.pk, delivery.fence, 2 * limit.total_seconds()])
        row = cursor.fetchone()
    if row:
        delivery.attempts = row[0]
    return bool(row)


def ours(delivery: Delivery) -> Any:
    """The row, while this worker's lease of it holds."""
    return Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence, state=State.LEASED)


def let_go(deliveries: list[Delivery]) -> None:
    """Untried, back to where they were: the next claim is fresh."""
    with connection.cursor() as cursor:
        cursor.execute(LET_GO, [[each.pk for each in deliveries], [each.fence for each in deliveries]])
