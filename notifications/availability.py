"""By which way a person can be reached now: a channel that is itself down is none, and a number is not always one.

While an urgent incident that is down concerns a service that is itself a channel (`Service.is_channel`), the people
of this customer are not reached by it: by e-mail neither when the mail nor when the network is down, by text message
to the usual number not when the telephones are. What the customer gave us for that case comes first: its out-of-band
numbers. Where it is not urgent, only those whom it hits are not reached so: one broken mailbox is no outage.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower, Now

from customers.models import ContactRole, Customer, Service, User
from incidents.models import Incident
from itsm.text import e164
from notifications.audience import PRESSING, is_pressing
from notifications.models import Address, Delivery

Channel = Delivery.Channel
Down = Service.Channel
NO_MAIL = {Down.EMAIL, Down.NETWORK}  # while one of them is down, mail is not read
NO_PORTAL = {Down.NETWORK, Down.SIGN_IN}  # while one of them is down, what stands only in the portal is not read
LOCK = 0x6E6F74  # of the advisory locks of this floor: one customer's channels, while they go down or come back


def down_at(customer: int) -> frozenset[str]:
    """Which ways to all the people of this customer are down."""
    urgent = Q(priority__lte=PRESSING) | Q(is_major=True)
    down = Incident.objects.down().filter(urgent, customer=customer, service__isnull=False)
    return frozenset(down.exclude(service__is_channel="").values_list("service__is_channel", flat=True).distinct())


def down_with(incident: Incident) -> frozenset[str]:
    """Which way does not work for those whom this incident hits."""
    channel = incident.service.is_channel if incident.service and incident.is_down else ""
    return frozenset([channel] if channel else [])


def lock(customer: int) -> None:
    """Until the end of the transaction: nobody keeps a message back for a channel that somebody else finds restored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, customer % 2**31])


def texts() -> bool:
    """Is there a gateway for text messages?"""
    return bool(getattr(settings, "SMS_URL", ""))


def can_take_text(number: str) -> bool:
    """One that can be dialled from abroad, or at home where we know the country: the gateway takes no other."""
    return texts() and bool(e164(number, settings.SMS_COUNTRY))


@dataclass(frozen=True)
class Reach:
    """How the people told of one event can be reached, asked once for all of them."""

    down: frozenset[str] = frozenset()  # for all people of the customer
    down_here: frozenset[str] = frozenset()  # for those whom it hits
    hit: frozenset[int] = frozenset()
    spare: dict[int, str] = field(default_factory=dict)  # person -> out-of-band number
    refusing: frozenset[tuple[str, str]] = frozenset()  # channel and address

    def down_for(self, person: User) -> frozenset[str]:
        """People at the desk have channels of their own."""
        if not person.customer_id:
            return frozenset()
        return self.down | self.down_here if person.pk in self.hit else self.down

    def number(self, person: User) -> str:
        """The number that takes a text message to this person now, or ""."""
        down = self.down_for(person)
        if down and can_take_text(spare := self.spare.get(person.pk, "")):
            return spare
        usual = "" if Down.PHONE in down else person.phone
        return usual if can_take_text(usual) and (Channel.SMS, usual) not in self.refusing else ""

    def mail_is_down(self, person: User) -> bool:
        return bool(NO_MAIL & self.down_for(person))

    def takes_mail(self, person: User) -> bool:
        return not self.mail_is_down(person) and (Channel.EMAIL, person.email.lower()) not in self.refusing

    def reads_portal(self, person: User) -> bool:
        return not NO_PORTAL & self.down_for(person)


def reach(people: Collection[User], incident: Incident | None = None, hit: Iterable[int] = ()) -> Reach:
    """A few queries, however many people there are; `hit` are those whom the incident hits."""
    if incident is None:
        return Reach(refusing=_refusing(people, False))
    customer, here = incident.customer_id, down_with(incident)
    down = down_at(customer)
    if down | here:
        lock(customer)
        incident.refresh_from_db(fields=["status"])
        down, here = down_at(customer), down_with(incident)
    spare = _spare_numbers(customer) if down | here else {}
    return Reach(down, here, frozenset(hit), spare, _refusing(people, is_pressing(incident)))


def _spare_numbers(customer: int) -> dict[int, str]:
    rows = ContactRole.objects.filter(customer=customer, person__isnull=False).exclude(out_of_band="")
    return {row.person_id: row.out_of_band for row in rows.order_by("-pk") if row.person_id}


def _refusing(people: Iterable[User], is_urgent: bool) -> frozenset[tuple[str, str]]:
    """What is not to be written to; a number whose owner has ended text messages still takes what is urgent."""
    addresses = {address for person in people for address in (person.email.lower(), person.phone) if address}
    in_use = [Address.State.FINE, *([Address.State.STOPPED] if is_urgent else [])]
    known = Address.objects.exclude(state__in=in_use).filter(Q(until__isnull=True) | Q(until__gt=Now()))
    rows = known.annotate(lower=Lower("address")).filter(lower__in=addresses).values_list("channel", "lower")
    return frozenset((channel, address) for channel, address in rows)


def sms_first(channels: Collection[str]) -> bool:
    """Does this customer's policy put text messages before e-mail? Then what is urgent comes by text message."""
    order = list(channels)
    return "sms" in order and ("email" not in order or order.index("sms") < order.index("email"))


def without_log_in(customer: Customer, service: int | None, roles: Collection[str]) -> list[ContactRole]:
    """Who speaks for the customer in one of these roles and has no log-in, but a number that takes a text message."""
    rows = customer.contact_roles.filter(kind__in=roles, person__isnull=True).exclude(out_of_band="").order_by("pk")
    mine = (row for row in rows if row.service_id in (None, service))
    return [row for row in mine if can_take_text(row.out_of_band)]
