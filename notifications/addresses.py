"""What we know of an address: one that refuses our mail gets no more of it until a person says that it works again.

A number from which "STOP" came gets no more text messages, except about what is urgent, until "START" comes from it.
A changed address is another one, of which nothing is known. `notifications.channels` says what counts as a refusal.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext as _

from customers.models import User
from itsm.text import clean
from notifications import letters
from notifications.audience import is_pressing
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


@transaction.atomic
def stop(numbers: Iterable[str], person: User) -> None:
    """Whoever has this telephone, however its number is written, wants no more text messages.

    What is urgent still comes: somebody may be harmed who does not hear of it.
    """
    values = {"state": State.STOPPED, "reason": "", "since": Now(), "until": None, "customer": person.customer}
    for number in set(numbers):
        if not Address.objects.filter(channel=Delivery.Channel.SMS, address__iexact=number).update(**values):
            fresh = Address(channel=Delivery.Channel.SMS, address=number, **values)
            Address.objects.bulk_create([fresh], ignore_conflicts=True)


def start(numbers: Iterable[str]) -> bool:
    """They want them again. Returns whether they had ended them."""
    ended = Address.objects.filter(channel=Delivery.Channel.SMS, address__in=set(numbers), state=State.STOPPED)
    return bool(ended.update(state=State.FINE, since=Now()))


def has_stopped(number: str) -> bool:
    return Address.objects.filter(channel=Delivery.Channel.SMS, address__iexact=number, state=State.STOPPED).exists()


def is_unwanted(delivery: Delivery, known: dict[Key, Address]) -> bool:
    """Its reader has ended text messages, and this one is not urgent."""
    address = known.get(_key(delivery))
    is_stopped = address is not None and address.state == State.STOPPED
    return is_stopped and not (delivery.incident and is_pressing(delivery.incident))


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
    if address is None or address.state == State.STOPPED:
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
