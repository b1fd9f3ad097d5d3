"""Asked right before a message goes out: does it still make sense?"""

from django.utils.translation import gettext as _

from customers.models import Customer, User
from incidents.models import Clock, Incident
from notifications import loops, own_words
from notifications.audience import FOLLOWING, IN_A_ROLE, SURVEYED
from notifications.models import Delivery

ABOUT_A_CLOCK = {"late", "time_short", "late_contact", "short_contact"}
INVITES = {"invitation", "log_in_again"}


def why_not_wanted(delivery: Delivery) -> str:
    """A reason to skip it, or nothing. People are looked up anew: they may have left while it waited in its batch."""
    if delivery.recipient_id is None:
        return ""  # somebody without a log-in, or a program
    reader = User.objects.select_related("customer").get(pk=delivery.reader.pk)
    if not reader.is_active:
        return _("this person has left")
    if delivery.incident:
        return _of_an_incident(delivery.incident, delivery, reader)
    if delivery.kind in INVITES:
        return "" if reader.is_invited else _("meanwhile they have a password")
    if delivery.customer_id and not Customer.objects.visible_to(reader).filter(pk=delivery.customer_id).exists():
        return _("this person may not see the customer any more")
    return ""


def _of_an_incident(incident: Incident, delivery: Delivery, reader: User) -> str:
    if not _may_read(incident, delivery, reader):
        return _("this person may not see the incident any more")
    if delivery.reason in FOLLOWING and not incident.followers.filter(person=reader, ended_at__isnull=True).exists():
        return _("this person does not follow it any more")
    if delivery.kind in ABOUT_A_CLOCK and not _still_owed(delivery):
        return _("meanwhile it was done")
    return own_words.why_not_wanted(delivery) or loops.why_silent(delivery)


def may_open(delivery: Delivery) -> bool:
    """May they see the incident's page? Who may not gets no link to it."""
    return Incident.objects.visible_to(delivery.reader).filter(pk=delivery.incident_id or 0).exists()


def _may_read(incident: Incident, delivery: Delivery, reader: User) -> bool:
    """Who sees the incident, and whom its customer has named for such news: they get the words, without a link."""
    if Incident.objects.visible_to(reader).filter(pk=incident.pk).exists():
        return True
    return delivery.reason in (*IN_A_ROLE, SURVEYED) and reader.customer_id == incident.customer_id


def _still_owed(delivery: Delivery) -> bool:
    """The clock in question still runs: nobody is alarmed about a promise that was given meanwhile."""
    return Clock.objects.running().filter(pk=delivery.told_of.data.get("clock_id")).exists()
