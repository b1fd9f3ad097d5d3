"""Out of a mail, without a log-in: no more mails of this kind.

The address is signed and says whom it is for and what it ends: mails about one incident that somebody follows, about
what they are told because of a role, or surveys. What somebody reported themselves, log-in mails and telephone calls
have no such address. It changes e-mail only; the portal keeps everything.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Follow, Incident
from itsm.refusal import Refused
from notifications import preferences
from notifications.models import ChannelWish, Delivery
from notifications.timing import MUTED

About = ChannelWish.About
CAN_END = (About.FOLLOWED, About.ROLE, About.SURVEYS)
LIFETIME = timedelta(days=400)  # mails are kept for long, and their addresses must work as long as anybody reads them
SALT = "notifications.unsubscribe"


class AddressRefused(Refused):
    """It is too old, or never was one; which of these is nobody's business."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("This address does not work any more. Please sign in to choose how you are told."))


@dataclass(frozen=True)
class Choice:
    """What one address ends."""

    person: User
    about: str
    incident: Incident | None

    @property
    def is_of_one_incident(self) -> bool:
        return self.about == About.FOLLOWED and self.incident is not None

    @property
    def reference(self) -> str:
        return self.incident.reference if self.incident else ""


def address_for(delivery: Delivery) -> str:
    """The absolute address for the mail's List-Unsubscribe, or "" for a mail that cannot be ended so."""
    what = preferences.about(delivery.reason)
    if delivery.recipient_id is None or what not in CAN_END:
        return ""
    signed = signing.TimestampSigner(salt=SALT).sign(f"{delivery.recipient_id}.{what}.{delivery.incident_id or 0}")
    return settings.BASE_URL + reverse("notifications:unsubscribe", kwargs={"token": signed})


def read(token: str) -> Choice:
    """What an address stands for, or AddressRefused."""
    try:
        signed = signing.TimestampSigner(salt=SALT).unsign(token, max_age=LIFETIME)
        person_id, what, incident_id = signed.split(".")
        person = User.objects.select_related("customer").filter(pk=int(person_id), is_active=True).first()
        incident = Incident.objects.filter(pk=int(incident_id)).first()
    except (signing.BadSignature, ValueError) as error:
        raise AddressRefused from error
    if person is None or (incident and incident.customer_id != person.customer_id):
        raise AddressRefused
    return Choice(person, what, incident)


def stop(choice: Choice) -> None:
    """No more such mails; done twice it is done once."""
    if choice.is_of_one_incident:
        _follows(choice).update(mode=MUTED)
    else:
        preferences.wish(choice.person, choice.about, Delivery.Channel.EMAIL, is_wanted=False)


def resume(choice: Choice) -> None:
    """As it was before."""
    if choice.is_of_one_incident:
        _follows(choice).filter(mode=MUTED).update(mode="")
    else:
        mails = ChannelWish.objects.filter(person=choice.person, about=choice.about, channel=Delivery.Channel.EMAIL)
        mails.filter(is_wanted=False).delete()


def has_stopped(choice: Choice) -> bool:
    if choice.is_of_one_incident:
        return not _follows(choice).exclude(mode=MUTED).exists()
    wishes = ChannelWish.objects.filter(person=choice.person, about=choice.about, is_wanted=False)
    return wishes.filter(channel=Delivery.Channel.EMAIL).exists()


def _follows(choice: Choice) -> Any:
    return Follow.objects.filter(incident=choice.incident, person=choice.person, ended_at__isnull=True)
