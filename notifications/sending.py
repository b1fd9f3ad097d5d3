"""Sends what is due, at least once and with the same Message-ID each time, one channel at a time.

Claim with a lease, send outside any transaction, settle one by one under the fence. All times are the database's:
a worker whose own clock is wrong does no harm. Whatever a message or a server does, the others go on.
"""

import logging
import random
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import User
from incidents import moves
from incidents.journal import Kind, record
from itsm import moment
from itsm.text import clean
from notifications import addresses, claiming, endpoints, fall_through, held, lanes, settling
from notifications.channels.base import AddressRefused, NotNow, Receipt, Refused, Sender
from notifications.held import release
from notifications.models import Address, Attempt, Delivery
from notifications.settling import Result
from notifications.wanted import Readers, why_not_wanted

__all__ = ["bounced", "given_up", "let_be", "oldest_due", "release", "send_again", "send_due", "works_again"]
log = logging.getLogger(__name__)
State, Channel, Outcome = Delivery.State, Delivery.Channel, Attempt.Outcome

RUN_FOR = 25.0  # seconds; with one slow message on top still below the task's soft time limit
BATCH_FOR = 5.0  # then who came meanwhile has a turn: with a slow server a batch would take minutes
BACK_OFF = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15),
            timedelta(hours=1), timedelta(hours=4), timedelta(hours=12)]  # fmt: skip
MAX_ATTEMPTS = len(BACK_OFF) + 1
LONGEST_WAIT = timedelta(hours=12)  # however much patience a server asks for


def send_due(channel: str = Channel.EMAIL) -> int:
    """Sends until nothing is due or the time is up; any number of workers may run. Returns how many it settled."""
    stop_at = time.monotonic() + RUN_FOR
    held.take_up(channel)
    line, run, done = claiming.Line(channel), None, 0
    try:
        while time.monotonic() < stop_at and (batch := line.claim()):
            run = run or Run(channel)
            done += run.work_through(batch, min(stop_at, time.monotonic() + BATCH_FOR))
    finally:
        if run:
            run.close()
    return done


def oldest_due() -> timedelta:
    """How long the oldest message has been waiting for a worker."""
    ages = [
        Delivery.objects.waiting().aggregate(age=Now() - Min("next_try_at"))["age"],
        Delivery.objects.abandoned().aggregate(age=Now() - Min("lease_until"))["age"],
        Delivery.objects.held().filter(sent_with__isnull=True).aggregate(age=Now() - Min("next_try_at"))["age"],
    ]
    return max((age for age in ages if age), default=timedelta())


def given_up() -> int:
    """Messages that reached nobody and wait for a person to look at them."""
    return Delivery.objects.given_up().count()


@transaction.atomic
def send_again(delivery: Delivery) -> bool:
    """A person decided that it is worth another try, to the address that the recipient has now."""
    rows = Delivery.objects.given_up().filter(pk=delivery.pk)
    address = _address_now(delivery)
    again = rows.update(
        state=State.QUEUED, attempts=0, next_try_at=Now(), address=address, last_error="", sent_with=None
    )
    lanes.wake([delivery.channel])
    return bool(again)


@transaction.atomic
def works_again(delivery: Delivery, *, by: User) -> None:
    """The address takes our messages again, says a person who knows; so this one is sent again."""
    incident = moves.locked(delivery.incident) if delivery.incident else None
    if addresses.works_again(delivery.channel, delivery.address) and incident:
        facts = {"whom": delivery.called, "channel": delivery.channel}
        record(incident, Kind.REACHED_AGAIN, by=by, at=moment.now(), **facts)
    send_again(delivery)


def let_be(delivery: Delivery, *, by: User) -> bool:
    """A person has looked at it: nobody needs this message any more, or they were told otherwise."""
    why = _("left by %(name)s: %(error)s") % {"name": by.name, "error": delivery.last_error}
    lost = Delivery.objects.given_up().filter(pk=delivery.pk)
    return bool(lost.update(state=State.SKIPPED, last_error=why[:300]))


@transaction.atomic
def bounced(delivery: Delivery, words: str) -> None:
    """A server took it and gave it back later: nobody got it, and the next message there would fare the same."""
    fall_through.lock(delivery)
    taken = Delivery.objects.filter(pk=delivery.pk, state=State.SENT)
    is_news = bool(taken.update(state=State.BOUNCED, last_error=clean(words)[:300]))
    addresses.flag(delivery, words)
    if is_news:
        delivery.state = State.BOUNCED
        fall_through.after(delivery)


def _address_now(delivery: Delivery) -> str:
    person = delivery.recipient
    if person is None:
        return delivery.address
    now = {Channel.EMAIL: person.email, Channel.SMS: person.phone}
    return now.get(Channel(delivery.channel), "") or delivery.address


class Run:
    """One worker's way through the messages of one channel, over a connection of its own."""

    def __init__(self, channel: str) -> None:
        # The hard limit of one message: a third of the lease, so that a slow one does not outlive it.
        self.limit = timedelta(seconds=min(15.0, settings.DELIVERY_LEASE_SECONDS / 3))
        self.way: Sender = lanes.open_way(channel, self.limit.total_seconds())

    def close(self) -> None:
        self.way.close()

    def work_through(self, batch: list[Delivery], until: float) -> int:
        """Sends what there is time for; the rest goes back untried. Returns how many it settled."""
        self.readers, known, done = Readers(batch), addresses.not_in_use(batch), 0
        for place, delivery in enumerate(batch):
            if time.monotonic() >= until:
                claiming.let_go(batch[place:])
                break
            done += self._attempt(delivery, known)
        return done

    def _attempt(self, delivery: Delivery, known: dict[addresses.Key, Address]) -> bool:
        """One try, from the last look whether it is still wanted to the settled result."""
        if delivery.attempts >= MAX_ATTEMPTS:
            return settling.settle(delivery, Result(State.DEAD, "the worker died each time it tried"))
        if held.keep_for_the_next(delivery):
            return False
        if not claiming.begin(delivery, self.limit):
            claiming.let_go([delivery])
            return False
        began = time.monotonic()
        try:
            if reason := self._why_not(delivery):
                return settling.settle(delivery, Result(State.SKIPPED, reason))
            if addresses.is_unwanted(delivery, known):
                return settling.settle(delivery, Result(State.SKIPPED, _("they want no more text messages")))
            if bad_address := addresses.why_not(delivery, known):
                return settling.settle(delivery, Result(State.BOUNCED, bad_address))
            result = _taken(self.way.send(delivery), began)
        except Exception as error:  # a message that cannot be written must not stop the others
            result = _failed(delivery, error, began)
        return settling.settle(delivery, result)

    def _why_not(self, delivery: Delivery) -> str:
        """A reason to skip it, or nothing. What it carries and nobody needs any more, it carries no longer."""
        if delivery.endpoint_id:
            return endpoints.why_not_wanted(delivery)
        if reason := why_not_wanted(delivery, self.readers.of(delivery)):
            return reason
        for other in list(delivery.carries):
            if reason := why_not_wanted(other, self.readers.of(other)):
                Delivery.objects.held().filter(pk=other.pk).update(state=State.SKIPPED, last_error=reason)
                delivery.carries.remove(other)
        return ""


def _taken(receipt: Receipt, began: float) -> Result:
    return Result(
        State.SENT, outcome=Outcome.TAKEN, code=receipt.code, answer=clean(receipt.answer), took_ms=_since(began)
    )


def _failed(delivery: Delivery, error: Exception, began: float) -> Result:
    """Refused for good, given up after the last try, or back in line for later."""
    words, code = _kept(error), getattr(error, "code", None)
    if isinstance(error, Refused):
        return Result(
            State.BOUNCED, words, Outcome.REFUSED, code, words, _since(began),
            about_address=isinstance(error, AddressRefused),
        )  # fmt: skip
    if not isinstance(error, NotNow):
        log.exception("delivery %s could not be sent", delivery.pk)
    if delivery.attempts >= MAX_ATTEMPTS:
        return Result(State.DEAD, words, Outcome.NOT_NOW, code, words, _since(began))
    return Result(State.QUEUED, words, Outcome.NOT_NOW, code, words, _since(began), again_in=_wait(delivery, error))


def _wait(delivery: Delivery, error: Exception) -> timedelta:
    """Longer each time, and as long as the other side asks for, within limits."""
    asked = error.again_in if isinstance(error, NotNow) else None
    wait = BACK_OFF[delivery.attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311  (spreads load, guards nothing)
    return wait if asked is None else min(max(asked, timedelta(seconds=1)), LONGEST_WAIT)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _kept(error: Exception) -> str:
    words = str(error) if isinstance(error, NotNow | Refused) else f"{type(error).__name__}: {error}"
    return clean(words)[:300]
