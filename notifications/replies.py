"""The address an answer goes to: it says which incident it is about and who was asked, and nobody can make one up."""

import base64
import re
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from customers.models import User
from incidents.models import Incident
from notifications.models import Delivery, InboundMail

SALT = "notifications.replies"
SIGNATURE = 16  # characters of base 32: 80 bits
_TOKEN = re.compile(r"inc([0-9]{1,12})\.([0-9]{1,18})\.([a-z2-7]{16})", re.ASCII)
# The right-hand side is ours; the number in the middle is the delivery's (`letters.message_id`).
_OWN_ID = re.compile(
    r"<[a-z0-9_.-]{1,120}\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@([^<>\s]{1,190})>", re.ASCII
)


def desk_address() -> str:
    """The desk's own address, in lower case."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()


def is_ours(address: str) -> bool:
    """One of the desk's addresses, with or without something behind a "+"."""
    local, _at, host = address.lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{host}"
    return plain in {desk_address(), *(each.lower() for each in settings.INBOUND_ADDRESSES)}


def address_for(delivery: Delivery) -> str:
    """Where this person answers to; "" where answers by mail are not taken or the message is of no incident."""
    if not settings.REPLY_BY_MAIL or delivery.incident is None or delivery.recipient_id is None:
        return ""
    local, _at, host = desk_address().rpartition("@")
    reference = delivery.incident.reference
    token = f"inc{reference.removeprefix('INC-')}.{delivery.recipient_id}.{_sign(reference, delivery.recipient_id)}"
    return f"{local}+{token}@{host}"


def read(address: str) -> tuple[Incident, User] | None:
    """The incident and the person that a signed address was made for; None when it is no such address."""
    token = _TOKEN.fullmatch(address.lower().rpartition("@")[0].partition("+")[2])
    if not token or not is_ours(address):
        return None
    reference, person_id = f"INC-{token.group(1)}", int(token.group(2))
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(token.group(3), _sign(reference, person_id, key)) for key in keys):
        return None
    person = User.objects.filter(pk=person_id, is_active=True).first()
    incident = Incident.objects.filter(reference=reference).select_related("customer").first()
    return (incident, person) if incident and person else None


def first_mail(delivery: Delivery) -> list[str]:
    """The id of the mail with which this person opened the incident: their program makes one thread of it."""
    by_mail = delivery.incident and delivery.incident.origin == Incident.Origin.EMAIL
    if not by_mail or delivery.recipient_id is None:
        return []
    mails = InboundMail.objects.filter(incident=delivery.incident, person=delivery.recipient_id)
    first = mails.filter(state=InboundMail.State.OPENED).exclude(mail_id="").order_by("pk").first()
    return [first.mail_id] if first else []


def deliveries(mail_ids: list[str]) -> list[Delivery]:
    """Those of our own messages that are named here, in this order."""
    found = [match for each in mail_ids if (match := _OWN_ID.fullmatch(each.lower()))]
    numbers = [match.group(1) for match in found if match.group(2) == settings.MAIL_HOST.lower()]
    rows = Delivery.objects.filter(public_id__in=numbers).select_related("incident__customer", "recipient", "customer")
    by_number = {str(row.public_id): row for row in rows}
    return [by_number[number] for number in numbers if number in by_number]


def _sign(reference: str, person_id: int, key: str | None = None) -> str:
    digest = salted_hmac(SALT, f"{reference}.{person_id}", secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest).decode("ascii").lower()[:SIGNATURE]
