"""Signed links: the tracking page of one incident for one person, without a log-in.

A link is only as good as the person's right at the moment of reading: it ends after 90 days, when the desk
revokes the incident's links, and when the person leaves or may no longer see the incident.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import User
from incidents.models import Incident
from itsm.refusal import Refused

LIFETIME = timedelta(days=90)
SALT = "incidents.links"


class LinkRefused(Refused):
    """The link is too old, was ended, or never was one; which of these is nobody's business."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("This link does not work any more. Please sign in, or use the link in our latest message."))


def make(incident: Incident, person: User) -> str:
    return signing.TimestampSigner(salt=SALT).sign(f"{incident.pk}.{person.pk}.{incident.links_epoch}")


def read(token: str) -> tuple[Incident, User]:
    """The incident and the person a link stands for, or LinkRefused."""
    try:
        signed = signing.TimestampSigner(salt=SALT).unsign(token, max_age=LIFETIME)
        incident_id, person_id, epoch = (int(part) for part in signed.split("."))
    except (signing.BadSignature, ValueError) as error:
        raise LinkRefused from error
    person = User.objects.select_related("customer").filter(pk=person_id, is_active=True).first()
    if person is None:
        raise LinkRefused
    incident = Incident.objects.visible_to(person).filter(pk=incident_id, links_epoch=epoch).first()
    if incident is None:
        raise LinkRefused
    return incident, person


def url(incident: Incident, person: User) -> str:
    """The absolute address for messages; from the settings, never from a request's headers."""
    return settings.BASE_URL + reverse("incidents:tracking", kwargs={"token": make(incident, person)})
