"""What came of a try: one statement under the fence, with the line of the log; then who else must hear of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from notifications import addresses, fall_through
from notifications.fall_through import IMPATIENT
from notifications.models import Attempt, Delivery

State, Outcome = Delivery.State, Attempt.Outcome
FAILED = (State.BOUNCED, State.DEAD)
SETTLE = """
WITH settled AS (
    UPDATE notifications_delivery
       SET state = %(state)s, lease_until = NULL, last_error = %(error)s,
           next_try_at = now() + make_interval(secs => %(again_in)s),
           sent_at = CASE WHEN %(state)s = 'sent' THEN now() ELSE sent_at END
     WHERE id = %(id)s AND fence = %(fence)s AND state = 'leased' RETURNING id, customer_id, attempts
), logged AS (
    INSERT INTO notifications_attempt (delivery_id, customer_id, number, outcome, code, answer, took_ms)
    SELECT id, customer_id, attempts, %(outcome)s, %(code)s, %(answer)s, %(took_ms)s FROM settled
     WHERE %(outcome)s <> ''
)
SELECT count(*) FROM settled
"""


@dataclass(frozen=True)
class Result:
    """What a delivery becomes. `outcome` is "" when nothing was tried, and no line of the log is written."""

    state: Delivery.State
    error: str = ""
    outcome: str = ""
    code: int | None = None
    answer: str = ""
    took_ms: int = 0
    again_in: timedelta = timedelta()
    about_address: bool = False  # it is the address that was refused


def settle(delivery: Delivery, result: Result) -> bool:
    """False when another worker has taken over meanwhile: then its result counts, and nothing is written."""
    if result.state == State.SENT and not delivery.carries:
        return _written(delivery, result)
    with transaction.atomic():
        in_trouble = result.state in FAILED or (result.state == State.QUEUED and delivery.attempts >= IMPATIENT)
        if in_trouble:
            fall_through.lock(delivery)  # incidents are locked before deliveries
        if not _written(delivery, result):
            return False
        _carried(delivery, result)
        if result.about_address:
            addresses.flag(delivery, result.error)
        if in_trouble:
            fall_through.after(delivery)
    return True


def _written(delivery: Delivery, result: Result) -> bool:
    values: dict[str, str | int | float | None] = {
        "id": delivery.pk, "fence": delivery.fence, "state": result.state, "error": result.error[:300],
        "outcome": result.outcome, "code": result.code, "answer": result.answer[:500], "took_ms": result.took_ms,
        "again_in": result.again_in.total_seconds(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, values)
        return bool(cursor.fetchone()[0])


def _carried(delivery: Delivery, result: Result) -> None:
    """What a message carries has its fate; when the message is not needed any more, the rest goes on without it."""
    rows = delivery.carried.filter(state=State.HELD)
    if result.state == State.SKIPPED:
        rows.update(sent_with=None, next_try_at=Now())
    elif result.state != State.QUEUED:
        now: dict[str, Any] = {"sent_at": Now()} if result.state == State.SENT else {"last_error": result.error[:300]}
        rows.update(state=result.state, **now)
