"""Two machines must not talk to each other: how often one address is answered automatically.

What people write is sent in any case; only what the portal says by itself is held back. The desk sees it.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Incident
from itsm import moment
from notifications.models import Address, Delivery, InboundMail

Channel, State = Delivery.Channel, Delivery.State
RECEIPT = "received"
SAID_BY_ITSELF = {RECEIPT, "taken"}  # what the portal answers on its own account to those who write
BETWEEN_RECEIPTS = timedelta(minutes=10)
WINDOW = timedelta(hours=1)
MOST = 3  # automatic answers to one address in the window; likewise answers that came faster than anybody types
FASTER_THAN_PEOPLE = timedelta(seconds=20)
SUSPENDED_FOR = timedelta(hours=24)


def why_silent(delivery: Delivery) -> str:
    """Why this automatic answer is not sent, or ""; asked right before it would be."""
    if delivery.channel != Channel.EMAIL or delivery.kind not in SAID_BY_ITSELF:
        return ""
    if is_suspended(delivery.address):
        return _("this address is suspended: it answers by machine")
    by_mail = delivery.incident and delivery.incident.origin == Incident.Origin.EMAIL
    return _receipts(delivery) if delivery.kind == RECEIPT and by_mail else ""


def is_suspended(address: str) -> bool:
    """A machine answers there, as far as we know."""
    rows = _address(address).filter(state=Address.State.SUSPENDED)
    return rows.filter(until__gt=Now()).exists() or rows.filter(until__isnull=True).exists()


def answers_by_machine(person: User) -> bool:
    """Three times within the hour an answer came faster than anybody types: then their address is suspended."""
    mine = Delivery.objects.filter(recipient=person, channel=Channel.EMAIL, sent_at__gt=Now() - WINDOW)
    sent = list(mine.values_list("sent_at", flat=True))
    mails = InboundMail.objects.filter(sender=person.email.lower(), received_at__gt=Now() - WINDOW)
    came = list(mails.values_list("received_at", flat=True)) if len(sent) >= MOST else []
    answered = [at for at in sent if at and any(at <= answer <= at + FASTER_THAN_PEOPLE for answer in came)]
    if len(answered) < MOST:
        return False
    suspend(person, _("It answered %(count)d messages within seconds.") % {"count": len(answered)})
    return True


@transaction.atomic
def suspend(person: User, reason: str) -> None:
    """For a day nothing automatic goes to this person's address; the desk sees why."""
    values = {
        "customer": person.customer,
        "state": Address.State.SUSPENDED,
        "reason": reason[:300],
        "since": moment.database_now(),
        "until": moment.database_now() + SUSPENDED_FOR,
    }
    if not _address(person.email).update(**values):
        fresh = Address(channel=Channel.EMAIL, address=person.email.lower(), **values)
        Address.objects.bulk_create([fresh], ignore_conflicts=True)


def use_again(address: Address) -> None:
    """A person has made sure that somebody reads what is sent there."""
    Address.objects.filter(pk=address.pk).update(state=Address.State.FINE, until=None, since=Now())


def _receipts(delivery: Delivery) -> str:
    sent = Delivery.objects.filter(recipient=delivery.reader, kind=RECEIPT, channel=Channel.EMAIL, state=State.SENT)
    sent = sent.filter(incident__origin=Incident.Origin.EMAIL).exclude(pk=delivery.pk)
    if sent.filter(sent_at__gt=Now() - WINDOW).count() >= MOST:
        suspend(delivery.reader, _("It got %(count)d receipts within an hour.") % {"count": MOST})
        return _("this address is suspended: it answers by machine")
    if sent.filter(sent_at__gt=Now() - BETWEEN_RECEIPTS).exists():
        return _("they had a receipt a moment ago")
    return ""


def _address(address: str) -> QuerySet[Address]:
    rows = Address.objects.filter(channel=Channel.EMAIL).annotate(key=Lower("address"))
    return rows.filter(key=address.lower())
