"""What we know of an address: one that refuses our mail gets no more of it until a person says that it works again.

A changed address is another one, of which nothing is known. `notifications.channels` says what counts as a refusal.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext as _

from itsm.text import clean
from notifications import letters
from notifications.models import Address, Delivery

State = Address.State
Key = tuple[str, str]  # channel, address in lower case


def flag(delivery: Delivery, reason: str) -> None:
    """From now on this address is not written to; what is known of it already stands."""
    found = {"state": State.REFUSES, "reason": clean(reason)[:300], "since": Now(), "until": None}
    rows = Address.objects.filter(channel=delivery.channel, address__iexact=delivery.address)
    if not rows.exclude(state=State.REFUSES).update(**found, customer=delivery.customer):
        fresh = Address(channel=delivery.channel, address=delivery.address, customer=delivery.customer, **found)
        Address.objects.bulk_create([fresh], ignore_conflicts=True)


@transaction.atomic
def works_again(channel: str, address: str) -> bool:
    """A person says so, and answers for it: the next message goes there."""
    rows = Address.objects.filter(channel=channel, address__iexact=address).exclude(state=State.FINE)
    return bool(rows.update(state=State.FINE, since=Now(), until=None))


def not_in_use(deliveries: Iterable[Delivery]) -> dict[Key, Address]:
    """Of the addresses of these messages those that are not to be written to now. One query."""
    wanted = {_key(delivery) for delivery in deliveries if delivery.endpoint_id is None}
    if not wanted:
        return {}
    known = Address.objects.exclude(state=State.FINE).filter(Q(until__isnull=True) | Q(until__gt=Now()))
    rows = known.annotate(lower=Lower("address")).filter(lower__in={address for _, address in wanted})
    return {(row.channel, row.lower): row for row in rows}


def why_not(delivery: Delivery, known: dict[Key, Address]) -> str:
    """A reason not to write there, or nothing. What a person says themselves reaches also who answers by machine."""
    address = known.get(_key(delivery))
    if address is None:
        return ""
    if address.state == State.SUSPENDED:
        return "" if delivery.kind in letters.BY_A_PERSON else _("suspended: this address answers by machine")
    return _("this address refuses what we send: %(reason)s") % {"reason": address.reason}


def why_not_at_all(delivery: Delivery, known: dict[Key, Address]) -> str:
    """The same for the desk: what is known against this address, or nothing."""
    address = known.get(_key(delivery))
    return str(address.get_state_display()) if address else ""


def _key(delivery: Delivery) -> Key:
    return (delivery.channel, delivery.address.lower())
