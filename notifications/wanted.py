"""Asked right before a message goes out: does it still make sense?"""

from django.utils.translation import gettext as _

from incidents.models import Clock, Incident
from notifications.audience import IN_A_ROLE
from notifications.models import Delivery

ABOUT_A_CLOCK = {"late", "time_short", "late_contact", "short_contact"}


def why_not_wanted(delivery: Delivery) -> str:
    """A reason to skip it, or nothing."""
    if not delivery.recipient.is_active:
        return _("this person has left")
    if not _may_read(delivery):
        return _("this person may not see the incident any more")
    if delivery.kind in ABOUT_A_CLOCK and not _still_owed(delivery):
        return _("meanwhile it was done")
    return ""


def may_open(delivery: Delivery) -> bool:
    """May they see the incident's page? Who may not gets no link to it."""
    return Incident.objects.visible_to(delivery.recipient).filter(pk=delivery.incident_id).exists()


def _may_read(delivery: Delivery) -> bool:
    """Who sees the incident, and whom its customer has named for such news: they get the words, without a link."""
    if may_open(delivery):
        return True
    return delivery.reason in IN_A_ROLE and delivery.recipient.customer_id == delivery.incident.customer_id


def _still_owed(delivery: Delivery) -> bool:
    """The clock in question still runs: nobody is alarmed about a promise that was given meanwhile."""
    return Clock.objects.running().filter(pk=delivery.event.data.get("clock_id")).exists()
