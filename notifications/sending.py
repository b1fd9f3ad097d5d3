"""Sends what is due, at least once and with the same Message-ID each time.

Claim with a lease, send outside any transaction, settle one by one under the fence. All times are the database's:
a worker whose own clock is wrong does no harm. Whatever a message or a server does, the others go on.
"""

import logging
import random
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min
from django.db.models.functions import Now

from itsm import wakeup
from itsm.text import clean
from notifications import letters
from notifications.channels.email import Mailer, NotNow, Refused
from notifications.models import Address, Delivery
from notifications.wanted import why_not_wanted

log = logging.getLogger(__name__)
State = Delivery.State

BATCH = 20
RUN_FOR = 25.0  # seconds; with one slow message on top still below the task's soft time limit
BACK_OFF = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15),
            timedelta(hours=1), timedelta(hours=4), timedelta(hours=12)]  # fmt: skip
MAX_ATTEMPTS = len(BACK_OFF) + 1
RELATED = (
    "event__message", "event__actor", "incident__customer", "incident__owner", "incident__reporter",
    "recipient__customer", "customer", "customer_event__actor", "customer_event__person", "staff_event__actor",
    "staff_event__person",
)  # fmt: skip


def send_due() -> int:
    """Sends until nothing is due or the time is up; any number of workers may run. Returns how many it settled."""
    stop_at = time.monotonic() + RUN_FOR
    limit = _time_for_one()
    mailer = Mailer(limit.total_seconds())
    done = 0
    try:
        while time.monotonic() < stop_at and (batch := _claim()):
            for delivery in batch:
                done += _attempt(delivery, mailer, limit, in_time=time.monotonic() < stop_at)
    finally:
        mailer.close()
    return done


def oldest_due() -> timedelta:
    """How long the oldest message has been waiting for a worker."""
    ages = [
        Delivery.objects.waiting().aggregate(age=Now() - Min("next_try_at"))["age"],
        Delivery.objects.abandoned().aggregate(age=Now() - Min("lease_until"))["age"],
    ]
    return max((age for age in ages if age), default=timedelta())


def given_up() -> int:
    """Messages that reached nobody and wait for a person to look at them."""
    return Delivery.objects.given_up().count()


@transaction.atomic
def send_again(delivery: Delivery) -> bool:
    """A person decided that it is worth another try, to the address that the recipient has now."""
    rows = Delivery.objects.given_up().filter(pk=delivery.pk)
    again = rows.update(state=State.QUEUED, attempts=0, next_try_at=Now(), address=delivery.reader.email, last_error="")
    wakeup.after_commit("notifications.tasks.send_due")
    return bool(again)


@transaction.atomic
def bounced(delivery: Delivery, words: str) -> None:
    """A server took it and gave it back later: nobody got it, and the next message there would fare the same."""
    taken = Delivery.objects.filter(pk=delivery.pk, state=State.SENT)
    taken.update(state=State.BOUNCED, last_error=clean(words)[:300])
    values = {
        "customer_id": delivery.customer_id,
        "state": Address.State.REFUSES,
        "reason": clean(words)[:300],
        "since": Now(),
        "until": None,
    }
    if not Address.objects.filter(channel=delivery.channel, address__iexact=delivery.address).update(**values):
        fresh = Address(channel=delivery.channel, address=delivery.address, **values)
        Address.objects.bulk_create([fresh], ignore_conflicts=True)


def _time_for_one() -> timedelta:
    """The hard limit of one message: a third of the lease, so that a slow one does not outlive it."""
    return timedelta(seconds=min(15.0, settings.DELIVERY_LEASE_SECONDS / 3))


def _claim() -> list[Delivery]:
    """Leases the next batch to this worker: what others left behind first, then what waited longest."""
    with transaction.atomic():
        Delivery.objects.abandoned().filter(attempts__gte=MAX_ATTEMPTS).update(
            state=State.DEAD, lease_until=None, last_error="the worker died each time it tried"
        )
        left = _lock(Delivery.objects.abandoned().order_by("lease_until"), BATCH)
        keys = left + _lock(Delivery.objects.waiting().order_by("next_try_at"), BATCH - len(left))
        claimed = Delivery.objects.filter(pk__in=keys)
        claimed.update(
            state=State.LEASED,
            lease_until=Now() + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS),
            fence=F("fence") + 1,
        )
        return list(claimed.select_related(*RELATED).order_by("next_try_at", "pk"))


def _lock(rows: Any, most: int) -> list[int]:
    return list(rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:most])


def _attempt(delivery: Delivery, mailer: Mailer, limit: timedelta, *, in_time: bool) -> bool:
    """One try, from the last look whether it is still wanted to the settled result."""
    if not in_time or not _begin(delivery, limit):
        return _let_go(delivery)
    try:
        if reason := why_not_wanted(delivery):
            return _settle(delivery, State.SKIPPED, last_error=reason)
        mailer.send(letters.write(delivery))
    except Refused as refusal:
        return _settle(delivery, State.BOUNCED, last_error=_kept(refusal))
    except Exception as error:  # a message that cannot be written must not stop the others
        if not isinstance(error, NotNow):
            log.exception("delivery %s could not be sent", delivery.pk)
        return _try_later(delivery, error)
    return _settle(delivery, State.SENT, sent_at=Now())


def _begin(delivery: Delivery, limit: timedelta) -> bool:
    """Counts the attempt, if the lease is still ours and leaves time to connect and to send.

    Counted here and not when claimed: a worker that dies takes a whole batch along, but tried only one of it.
    """
    delivery.attempts += 1
    return bool(_ours(delivery).filter(lease_until__gt=Now() + 2 * limit).update(attempts=delivery.attempts))


def _ours(delivery: Delivery) -> Any:
    return Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence, state=State.LEASED)


def _settle(delivery: Delivery, state: Delivery.State, *, last_error: str = "", **values: Any) -> bool:
    settled = _ours(delivery).update(state=state, lease_until=None, last_error=last_error, **values)
    if not settled:
        log.warning("delivery %s: another worker has taken over, its result counts", delivery.pk)
    return bool(settled)


def _try_later(delivery: Delivery, error: Exception) -> bool:
    if delivery.attempts >= MAX_ATTEMPTS:
        return _settle(delivery, State.DEAD, last_error=_kept(error))
    wait = BACK_OFF[delivery.attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311  (spreads load, guards nothing)
    return _settle(delivery, State.QUEUED, last_error=_kept(error), next_try_at=Now() + wait)


def _let_go(delivery: Delivery) -> bool:
    """Untried, back to where it was: the next claim is fresh."""
    _ours(delivery).update(state=State.QUEUED, lease_until=None)
    return False


def _kept(error: Exception) -> str:
    words = str(error) if isinstance(error, NotNow | Refused) else f"{type(error).__name__}: {error}"
    return clean(words)[:300]
