"""Words on their way out: kept for a few seconds in which whoever wrote them can take them back, then said once.

What would be refused is refused when it is sent off; what came in between (somebody else was faster) is found when it
is said, and the words stay with their writer as a draft. The row is the truth: a worker that dies loses nothing, and
the verb and the mark that it was said are one transaction. The incident is locked first, as everywhere.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from customers.models import User
from incidents import conversation, lifecycle
from incidents.models import Incident, Outgoing
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.middleware import zone
from itsm.refusal import Refused

log = logging.getLogger(__name__)
State = Outgoing.State
BATCH = 100
KEPT_FOR = timedelta(days=7)  # after they were said or taken back


def _resolve(incident: Incident, *, client_token: uuid.UUID, **said: Any) -> Incident:
    return lifecycle.resolve(incident, **said)  # once by its state


# What is said by these waits; everything else is done at once.
VERBS: dict[str, Callable[..., Incident]] = {
    "update": conversation.update,
    "ask": lifecycle.ask,
    "restore": lifecycle.restore,
    "resolve": _resolve,
}


def send(
    incident: Incident,
    *,
    by: User,
    verb: str,
    said: dict[str, Any],
    typed: dict[str, list[str]],
    expected_version: int | None,
    client_token: uuid.UUID | None,
) -> Outgoing | None:
    """Sends words off: None when they were said at once, since nothing is to be waited for.

    `typed` is the form as it was filled in, for the day it is wanted back.
    """
    token = client_token or uuid.uuid4()
    if not settings.UNDO_SECONDS:
        VERBS[verb](incident, by=by, expected_version=expected_version, client_token=token, **said)
        return None
    with transaction.atomic():
        incident = locked(incident)
        before = incident.outgoing.filter(by=by, client_token=token).first()
        if before:
            return before
        _try(verb, incident, by=by, expected_version=expected_version, client_token=token, **said)
        incident.outgoing.filter(by=by, verb=verb, state=State.REFUSED).update(state=State.TAKEN_BACK)
        now = moment.now()
        return Outgoing.objects.create(
            incident=incident,
            customer_id=incident.customer_id,
            by=by,
            verb=verb,
            values={"said": _storable(said), "typed": typed, "version": expected_version},
            client_token=token,
            pressed_at=now,
            send_at=now + timedelta(seconds=settings.UNDO_SECONDS),
        )


def hurry(incident: Incident, *, by: User, version: int | None) -> int | None:
    """What this person sent off is said now, for they go on; returns the version that their next form counts for."""
    waiting = incident.outgoing.waiting().filter(by=by).order_by("pk")
    if not settings.UNDO_SECONDS or not waiting.exists():
        return version
    with transaction.atomic():
        locked(incident)
        for outgoing in waiting.select_for_update():
            said_at = _say(outgoing)
            if said_at is not None and version == outgoing.values["version"]:
                version = said_at
    return version


def say_due(now: datetime | None = None, incident: Incident | None = None) -> int:
    """Says what has waited long enough, of one incident or of all; any number may run. Returns how many it said."""
    due = Outgoing.objects.waiting().filter(send_at__lte=now or moment.database_now())
    if incident is not None:
        due = due.filter(incident=incident)
    return sum(_say_one(key, of) for key, of in due.order_by("send_at", "pk").values_list("pk", "incident")[:BATCH])


def say_now(outgoing: Outgoing, *, by: User) -> None:
    """Its writer does not want to wait."""
    _check_writer(outgoing, by)
    if not _say_one(outgoing.pk, outgoing.incident_id, wait=True):
        raise MoveRefused(_("This is not on its way any more."))


@transaction.atomic
def take_back(outgoing: Outgoing, *, by: User) -> Outgoing:
    """Its writer wants it back: nobody reads it. A second time is no error; what has been said cannot be taken back."""
    _check_writer(outgoing, by)
    locked(outgoing.incident)
    outgoing = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
    if outgoing.state == State.SAID:
        raise MoveRefused(_("Too late: it has gone out."))
    outgoing.state = State.TAKEN_BACK
    outgoing.save(update_fields=["state"])
    return outgoing


def oldest_due() -> timedelta:
    """How long the oldest words have waited beyond their time."""
    age = Outgoing.objects.waiting().aggregate(age=Now() - Min("send_at"))["age"]
    return max(age or timedelta(), timedelta())


def tidy(now: datetime | None = None) -> int:
    """Forgets what was said or taken back; drafts stay."""
    over = Outgoing.objects.filter(state__in=[State.SAID, State.TAKEN_BACK])
    return over.filter(send_at__lt=(now or moment.now()) - KEPT_FOR).delete()[0]


def _check_writer(outgoing: Outgoing, by: User) -> None:
    if outgoing.by_id != by.pk:
        raise MoveRefused(_("Only whoever wrote it decides about it."))


def _say_one(key: int, incident: int, *, wait: bool = False) -> bool:
    with transaction.atomic():
        free = Incident.objects.select_for_update(no_key=True, skip_locked=not wait).only("pk").filter(pk=incident)
        if not free:  # somebody works at it: the next look finds it again
            return False
        outgoing = Outgoing.objects.waiting().select_for_update().filter(pk=key).first()
        if outgoing is None:
            return False
        _say(outgoing)
        return True


def _say(outgoing: Outgoing) -> int | None:
    """Calls its verb and marks what came of it, in the transaction of both; the version after it, if it was said."""
    after: int | None = None
    try:
        with transaction.atomic(), _as_its_writer(outgoing.by):
            after = _called(outgoing).version
    except Refused as refused:
        outgoing.state, outgoing.refusal = State.REFUSED, refused.sentence[:300]
    except Exception:  # one that cannot be said must not keep the others from being said
        log.exception("outgoing %s could not be said", outgoing.pk)
        outgoing.state, outgoing.refusal = State.REFUSED, "It could not be sent, and we do not know why yet."
    else:
        outgoing.state = State.SAID
    outgoing.save(update_fields=["state", "refusal"])
    return after


def _called(outgoing: Outgoing) -> Incident:
    values = outgoing.values
    said = dict(values["said"])
    if said.get("next_update_at"):
        said["next_update_at"] = datetime.fromisoformat(said["next_update_at"])
    return VERBS[outgoing.verb](
        outgoing.incident,
        by=outgoing.by,
        expected_version=values["version"],
        client_token=outgoing.client_token,
        **said,
    )


def _try(verb: str, incident: Incident, **said: Any) -> None:
    """As if it were said now: what is refused is refused at once. Nothing of it stays."""
    with transaction.atomic():
        VERBS[verb](incident, **said)
        transaction.set_rollback(True)


def _storable(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


@contextmanager
def _as_its_writer(person: User) -> Iterator[None]:
    """A worker composes and refuses in the language and zone in which it was written."""
    with timezone.override(zone(person.reads_clocks_in())), translation.override(person.speaks()):
        yield
