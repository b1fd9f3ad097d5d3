"""Reads what was stored: one mail at a time, each sender in turn, with a lease and a fence as deliveries have.

A mail that kills whoever reads it is set aside after the third time; whatever one does, the others go on.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Exists, F, Min, OuterRef, QuerySet, Window
from django.db.models.functions import Lower, Now, RowNumber
from django.utils.translation import gettext as _

from customers.models import User
from itsm.refusal import Refused
from itsm.text import clean
from notifications.inbound import filing, reading
from notifications.inbound.filing import Outcome
from notifications.inbound.reading import Reading, Unreadable
from notifications.models import InboundMail

log = logging.getLogger(__name__)
State = InboundMail.State

LEASE = timedelta(seconds=90)  # more than three times what reading one may take
CANDIDATES = 32  # looked up at a time; of these
AT_ONCE = 4  # are looked at for one that nobody else has
LOOKS = 50  # in vain, and the next round begins a little later
TURNS_HOLD_FOR = 2.0  # seconds; who comes meanwhile is seen then
MAX_ATTEMPTS = 3
BACK_OFF = [timedelta(seconds=30), timedelta(minutes=5)]
CAP_WINDOW = timedelta(minutes=10)
CAP = 30  # mails of one sender that are read in the window; the rest waits for a person, as one line in the tray


def read_due(goes_on: Callable[[], bool] = lambda: True) -> int:
    """Reads until nothing waits or `goes_on` says no; any number of workers may run. Returns how many it settled."""
    done = 0
    with reading.Reader() as reader:
        turns = _Turns()
        while goes_on() and (mail := _claim(turns)):
            done += _read(mail, reader)
    return done


class _Turns:
    """Who is next: people we know before all others, and of each sender the first before anybody's second.

    So a flood delays only itself, and one of invented senders none of the customers. The order is looked up for a few
    mails at a time: among thousands that wait, it costs as much as reading one.
    """

    def __init__(self) -> None:
        self._keys: list[int] = []
        self._looked_at = 0.0

    def next(self) -> list[int]:
        """Some of those that wait, in their order; empty when nothing does."""
        if not self._keys or time.monotonic() - self._looked_at > TURNS_HOLD_FOR:
            turn = Window(RowNumber(), partition_by=F("sender"), order_by=F("pk").asc())
            known = User.objects.annotate(key=Lower("email")).filter(key=OuterRef("sender"), is_active=True)
            waiting = InboundMail.objects.to_read().annotate(turn=turn, is_known=Exists(known))
            self._keys = list(waiting.order_by("-is_known", "turn", "pk").values_list("pk", flat=True)[:CANDIDATES])
            self._looked_at = time.monotonic()
        return self._keys

    def passed(self, key: int) -> None:
        """This one and those before it have somebody who reads them."""
        self._keys = self._keys[self._keys.index(key) + 1 :]


def oldest_due() -> timedelta:
    """How long the oldest unread mail has been waiting."""
    waiting = InboundMail.objects.to_read()
    ages = [
        waiting.filter(state=State.STORED).aggregate(age=Now() - Min("next_try_at"))["age"],
        waiting.filter(state=State.LEASED).aggregate(age=Now() - Min("lease_until"))["age"],
    ]
    return max((age for age in ages if age), default=timedelta())


def given_up() -> int:
    """Mails that nobody could read, for people to look at."""
    return InboundMail.objects.filter(state=State.QUARANTINED).count()


def _claim(turns: _Turns) -> InboundMail | None:
    """The next mail, leased to us."""
    for _look in range(LOOKS):
        if not (keys := turns.next()):
            return None
        with transaction.atomic():
            key = _lock(keys)
            turns.passed(key or keys[:AT_ONCE][-1])
            if key is None:
                continue
            mine = InboundMail.objects.filter(pk=key)
            mine.update(state=State.LEASED, lease_until=Now() + LEASE, fence=F("fence") + 1, attempts=F("attempts") + 1)
            mail = mine.select_related("settled_by", "person__customer", "incident__customer").get()
        if mail.attempts > MAX_ATTEMPTS:
            _settle(mail, state=State.QUARANTINED, why=_("Whoever read it died of it, three times."))
        elif not _held_back(mail):
            return mail
    return None


def _lock(keys: list[int]) -> int | None:
    rows = InboundMail.objects.to_read().filter(pk__in=keys[:AT_ONCE]).select_for_update(skip_locked=True, no_key=True)
    free = set(rows.values_list("pk", flat=True))
    return next((key for key in keys if key in free), None)


def _held_back(mail: InboundMail) -> bool:
    """A flood: this mail and all others of its sender that wait are left to a person, in one go."""
    if mail.settled_by_id:
        return False
    lately = InboundMail.objects.filter(sender=mail.sender, settled_at__gt=Now() - CAP_WINDOW).exclude(kind="")
    if lately.count() < CAP:
        return False
    sender = filing.known(mail.sender)
    why = _("More than %(most)d mails came from this address within ten minutes.") % {"most": CAP}
    values: dict[str, Any] = {
        "state": State.TRAY,
        "why": why,
        "kind": "",
        "person": sender,
        "customer": sender.customer if sender else None,
        "lease_until": None,
        "settled_at": Now(),
    }
    waiting = InboundMail.objects.filter(sender=mail.sender, state=State.STORED, settled_by__isnull=True)
    waiting.update(**values)
    _ours(mail).update(**values)
    return True


def _read(mail: InboundMail, reader: reading.Reader) -> bool:
    """One mail, from its bytes to the settled row."""
    try:
        with reader.of(mail) as found:
            reading.keep(mail, found)
            return _file(mail, found)
    except Unreadable as error:
        return _settle(mail, state=State.QUARANTINED, why=str(error))
    except Refused as refusal:  # a sentence for people: so a person has to look
        return _settle(mail, state=State.TRAY, why=refusal.sentence, settled_by=None)
    except DatabaseError:
        log.exception("mail %s could not be filed", mail.pk)
        return _later(mail, _("The database refused it."))
    except Exception as error:  # one mail must not stop the others
        log.exception("mail %s could not be filed", mail.pk)
        return _later(mail, f"{type(error).__name__}: {error}")


@transaction.atomic
def _file(mail: InboundMail, found: Reading) -> bool:
    """Filed and settled in one transaction: the mail has become one thing, once."""
    if not _ours(mail).select_for_update(no_key=True).exists():
        return False
    outcome = filing.file(mail, found)
    return _settle(mail, **_said(found), **_values(outcome))


def _said(found: Reading) -> dict[str, Any]:
    return {
        "sender": found.sender[:254],
        "sender_name": found.sender_name[:200],
        "subject": found.subject[:300],
        "mail_id": found.mail_id[:300],
        "excerpt": filing.excerpt(found),
    }


def _values(outcome: Outcome) -> dict[str, Any]:
    return {**vars(outcome), "why": outcome.why[:300]}


def _settle(mail: InboundMail, **values: Any) -> bool:
    settled = _ours(mail).update(**values, lease_until=None, settled_at=Now())
    if not settled:
        log.warning("mail %s: another worker has taken over, its result counts", mail.pk)
    return bool(settled)


def _later(mail: InboundMail, why: str) -> bool:
    if mail.attempts >= MAX_ATTEMPTS:
        return _settle(mail, state=State.QUARANTINED, why=clean(why)[:300])
    wait = BACK_OFF[min(mail.attempts, len(BACK_OFF)) - 1]
    values = {"state": State.STORED, "next_try_at": Now() + wait, "lease_until": None, "why": clean(why)[:300]}
    return bool(_ours(mail).update(**values))


def _ours(mail: InboundMail) -> "QuerySet[InboundMail]":
    return InboundMail.objects.filter(pk=mail.pk, fence=mail.fence, state=State.LEASED)
