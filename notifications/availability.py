"""By which way a person can be reached now: a channel that is itself down is none, and a number is not always one.

While an incident that is down concerns a service that is itself a channel (`Service.is_channel`), the people of this
customer are not reached by it: by e-mail neither when the mail nor when the network is down, by text message to the
usual number not when the telephones are. What the customer gave us for that case comes first: its out-of-band numbers.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower, Now

from customers.models import ContactRole, Customer, Service, User
from incidents.models import Incident
from itsm.text import is_phone
from notifications.models import Address, Delivery

Channel = Delivery.Channel
Down = Service.Channel
NO_MAIL = {Down.EMAIL, Down.NETWORK}  # while one of them is down, mail is not read
NO_PORTAL = {Down.NETWORK, Down.SIGN_IN}  # while one of them is down, what stands only in the portal is not read
LOCK = 0x6E6F74  # of the advisory locks of this floor: one customer's channels, while they go down or come back


def down_at(customer: int) -> frozenset[str]:
    """Which ways to the people of this customer are down."""
    down = Incident.objects.down().filter(customer=customer, merged_into__isnull=True).exclude(service__is_channel="")
    return frozenset(down.filter(service__isnull=False).values_list("service__is_channel", flat=True).distinct())


def lock(customer: int) -> None:
    """Until the end of the transaction: nobody keeps a message back for a channel that somebody else finds restored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, customer % 2**31])


def texts() -> bool:
    """Is there a gateway for text messages?"""
    return bool(getattr(settings, "SMS_URL", ""))


def can_take_text(number: str) -> bool:
    return texts() and is_phone(number)


@dataclass(frozen=True)
class Reach:
    """How the people told of one event can be reached, asked once for all of them."""

    down: frozenset[str] = frozenset()
    spare: dict[int, str] = field(default_factory=dict)  # person -> out-of-band number
    refusing: frozenset[tuple[str, str]] = frozenset()  # channel and address

    def number(self, person: User) -> str:
        """The number that takes a text message to this person now, or ""."""
        if person.customer_id and self.down and can_take_text(spare := self.spare.get(person.pk, "")):
            return spare
        usual = "" if person.customer_id and Down.PHONE in self.down else person.phone
        return usual if can_take_text(usual) and (Channel.SMS, usual) not in self.refusing else ""

    def mail_is_down(self, person: User) -> bool:
        return bool(person.customer_id and NO_MAIL & self.down)

    def takes_mail(self, person: User) -> bool:
        return not self.mail_is_down(person) and (Channel.EMAIL, person.email.lower()) not in self.refusing

    def reads_portal(self, person: User) -> bool:
        return not (person.customer_id and NO_PORTAL & self.down)


def reach(customer: int | None, people: Collection[User]) -> Reach:
    """Three queries, however many people there are; one while all channels of the customer work."""
    down = down_at(customer) if customer else frozenset()
    if down and customer:
        lock(customer)
        down = down_at(customer)
    return Reach(down, _spare_numbers(customer) if down else {}, _refusing(people))


def _spare_numbers(customer: int | None) -> dict[int, str]:
    rows = ContactRole.objects.filter(customer=customer, person__isnull=False).exclude(out_of_band="")
    return {row.person_id: row.out_of_band for row in rows.order_by("-pk") if row.person_id}


def _refusing(people: Iterable[User]) -> frozenset[tuple[str, str]]:
    addresses = {address for person in people for address in (person.email.lower(), person.phone) if address}
    known = Address.objects.exclude(state=Address.State.FINE).filter(Q(until__isnull=True) | Q(until__gt=Now()))
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
