"""What happened: one row is the timeline, the audit trail and the outbox; and the relay that hands it on.

Rules the relay keeps:
- events of one subject (an incident, a problem) are handed on in the order in which they were recorded;
- each is handed to all consumers of `settings.EVENT_CONSUMERS`, in one transaction with the mark that it was:
  what a consumer writes is there exactly once, whoever dies when;
- a consumer that fails holds up its own subject only: back-off, and after ten tries the event is put aside as
  failed, is counted by /readyz and can be replayed (`manage.py replay_events`).
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from itsm import wakeup

log = logging.getLogger(__name__)

MAX_TRIES = 10
BATCH = 50
UNRELAYED = Q(relayed_at__isnull=True, failed_at__isnull=True)
E = TypeVar("E", bound="Event")


class EventQuerySet(models.QuerySet[E]):
    def unrelayed(self) -> "EventQuerySet[E]":
        return self.filter(UNRELAYED)

    def failed(self) -> "EventQuerySet[E]":
        return self.filter(failed_at__isnull=False)

    def heads(self) -> "EventQuerySet[E]":
        """The oldest unrelayed event of each subject, where it is due.

        A subject's events get their ids under the lock of its row, so the order of ids is the order of commits;
        and while one relay holds a head, its successors still see it as unrelayed: nobody overtakes.
        """
        subject = self.model.SUBJECT
        earlier = self.model._default_manager.filter(UNRELAYED, **{subject: OuterRef(subject)}, pk__lt=OuterRef("pk"))
        due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=Now())
        return self.unrelayed().filter(due, ~Exists(earlier)).order_by("pk")


class Event(models.Model):
    """Something that happened to a subject; only the marks of the relay are ever changed afterwards."""

    SUBJECT: ClassVar[str]  # the name of the foreign key to what it happened to

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)  # small facts for display, never what a query must find
    relayed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["id"], condition=UNRELAYED, name="%(class)s_unrelayed"),
        ]


def kinds_of_events() -> list[type[Event]]:
    return [model for model in apps.get_models() if issubclass(model, Event)]


def announce() -> None:
    """Asks for the relay once the current transaction is in."""
    wakeup.after_commit("itsm.tasks.relay_events")


def relay() -> int:
    """Hands on all events that are due; any number of relays may run at once. Returns how many it handed on."""
    consumers: list[Callable[[Event], None]] = [import_string(name) for name in settings.EVENT_CONSUMERS]
    done = 0
    for model in kinds_of_events():
        while batch := _relay_batch(model, consumers):
            done += batch
    return done


def _relay_batch(model: type[Event], consumers: Iterable[Callable[[Event], None]]) -> int:
    with transaction.atomic():
        manager: Any = model._default_manager
        heads = list(manager.heads().select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
        return sum(_hand_on(event, consumers) for event in heads)


def _hand_on(event: Event, consumers: Iterable[Callable[[Event], None]]) -> bool:
    rows = type(event)._default_manager.filter(pk=event.pk)
    try:
        with transaction.atomic():
            for consume in consumers:
                consume(event)
    except Exception:  # whatever a consumer does, the other subjects' events must go on
        log.exception("event %s %s was not handed on", type(event).__name__, event.pk)
        rows.update(tries=F("tries") + 1, **_when_to_try_again(event.tries + 1))
        return False
    rows.update(relayed_at=Now())
    return True


def _when_to_try_again(tries: int) -> dict[str, Any]:
    if tries >= MAX_TRIES:
        return {"failed_at": Now()}
    return {"next_try_at": Now() + timedelta(seconds=min(2**tries, 600))}


def oldest_due() -> timedelta:
    """How long the oldest event has been waiting to be handed on."""
    waiting = [
        model._default_manager.filter(UNRELAYED).aggregate(age=Now() - Min("recorded_at"))["age"]
        for model in kinds_of_events()
    ]
    return max((age for age in waiting if age), default=timedelta())


def replay(model: type[Event]) -> int:
    """Puts the failed events of this kind back in line."""
    return model._default_manager.filter(failed_at__isnull=False).update(failed_at=None, tries=0, next_try_at=None)
