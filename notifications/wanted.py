"""Asked right before a message goes out: does it still make sense?"""

import time

from django.utils.translation import gettext as _

from customers.models import Customer, User
from incidents.models import Clock, ExternalDuty, Incident
from notifications import loops, own_words
from notifications.audience import FOLLOWING, IN_A_ROLE, SURVEYED
from notifications.models import Delivery
from problems.models import Action, Problem

ABOUT_A_DUTY = {"duty_due", "duty_due_contact"}
ABOUT_A_CLOCK = {"late", "time_short", "late_contact", "short_contact"}
INVITES = {"invitation", "log_in_again"}


class Readers:
    """The people to whom a batch goes, looked up anew: they may have left while it waited. Good for a second."""

    GOOD_FOR = 1.0

    def __init__(self, batch: list[Delivery]) -> None:
        self._left = {each.recipient_id for delivery in batch for each in [delivery, *delivery.carries]}
        self._found: dict[int, User] = {}
        self._asked_at = float("-inf")

    def of(self, delivery: Delivery) -> User | None:
        """Of those whose turn has not come yet one query looks up all; None for whoever has no log-in."""
        if delivery.recipient_id is None:
            return None
        if time.monotonic() - self._asked_at > self.GOOD_FOR:
            self._found = User.objects.select_related("customer").in_bulk(self._left | {delivery.recipient_id})
            self._asked_at = time.monotonic()
        return self._found[delivery.recipient_id]


def why_not_wanted(delivery: Delivery, reader: User | None = None) -> str:
    """A reason to skip it, or nothing. Without `reader` the person is looked up anew."""
    if delivery.recipient_id is None:
        return ""  # somebody without a log-in, or a program
    reader = reader or User.objects.select_related("customer").get(pk=delivery.reader.pk)
    if not reader.is_active:
        return _("this person has left")
    if delivery.incident:
        return _of_an_incident(delivery.incident, delivery, reader)
    if delivery.kind in INVITES:
        return "" if reader.is_invited else _("meanwhile they have a password")
    if delivery.customer_id and not Customer.objects.visible_to(reader).filter(pk=delivery.customer_id).exists():
        return _("this person may not see the customer any more")
    return _of_a_problem(delivery)


def _of_a_problem(delivery: Delivery) -> str:
    """While the service is down nobody is asked; and not about what has been answered meanwhile."""
    if delivery.problem_event is None:
        return ""
    problem = Problem.objects.get(pk=delivery.problem_event.problem_id)
    if problem.is_parked:
        return _("the service is down: first it works again")
    asked = delivery.problem_event.data.get("action")
    done = delivery.kind == "problem_untouched" and problem.asked_at is None
    if done or (asked and Action.objects.filter(pk=asked).exclude(effect="").exists()):
        return _("meanwhile it was done")
    return ""


def _of_an_incident(incident: Incident, delivery: Delivery, reader: User) -> str:
    if not _may_read(incident, delivery, reader):
        return _("this person may not see the incident any more")
    if delivery.reason in FOLLOWING and not incident.followers.filter(person=reader, ended_at__isnull=True).exists():
        return _("this person does not follow it any more")
    owed = {**dict.fromkeys(ABOUT_A_CLOCK, _still_owed), **dict.fromkeys(ABOUT_A_DUTY, _still_to_report)}
    if delivery.kind in owed and not owed[delivery.kind](delivery):
        return _("meanwhile it was done")
    return own_words.why_not_wanted(delivery) or loops.why_silent(delivery)


def may_open(delivery: Delivery) -> bool:
    """May they see the incident's page? Who may not gets no link to it. Asked once for each try."""
    if delivery.opens is None:
        return _sees(delivery, delivery.reader)
    return delivery.opens


def _sees(delivery: Delivery, reader: User) -> bool:
    return Incident.objects.visible_to(reader).filter(pk=delivery.incident_id or 0).exists()


def _may_read(incident: Incident, delivery: Delivery, reader: User) -> bool:
    """Who sees the incident, and whom its customer has named for such news: they get the words, without a link."""
    delivery.opens = _sees(delivery, reader)
    if delivery.opens:
        return True
    return delivery.reason in (*IN_A_ROLE, SURVEYED) and reader.customer_id == incident.customer_id


def _still_owed(delivery: Delivery) -> bool:
    """The clock in question still runs: nobody is alarmed about a promise that was given meanwhile."""
    return Clock.objects.running().filter(pk=delivery.told_of.data.get("clock_id")).exists()


def _still_to_report(delivery: Delivery) -> bool:
    """Nobody has said meanwhile that it was sent, or need not be."""
    return ExternalDuty.objects.filter(
        pk=delivery.told_of.data.get("duty"), done_at__isnull=True, not_needed=""
    ).exists()
