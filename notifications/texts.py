"""A delivery as a text message: short, with the incident's reference, when the next news comes, and how to answer."""

from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Customer
from itsm.middleware import zone
from itsm.text import clean
from notifications import gsm
from notifications.models import Delivery
from notifications.phrases import time_words

LONGEST = 300  # characters, as telephones count

# What each text begins with; what was said follows. A kind that is not here begins with what was said.
FIRST: dict[str, str | Promise] = {
    "received": gettext_lazy("We have your report."), "taken": gettext_lazy("Somebody works at it."),
    "reported": gettext_lazy("Reported:"), "question": gettext_lazy("We have a question:"),
    "asked_them": gettext_lazy("We asked:"), "restored": gettext_lazy("It works again."),
    "resolved": gettext_lazy("It is solved."), "withdrawn": gettext_lazy("It was withdrawn."),
    "late": gettext_lazy("We are late."), "late_contact": gettext_lazy("We are late."),
    "time_short": gettext_lazy("Time is getting short."), "short_contact": gettext_lazy("Time is getting short."),
    "urgent": gettext_lazy("Urgent report:"), "raised": gettext_lazy("It became urgent."),
    "still_broken": gettext_lazy("Still not working."), "customer_wrote": gettext_lazy("The customer wrote:"),
    "duty_due": gettext_lazy("A report to others is due."),
    "duty_due_contact": gettext_lazy("Your report to others is due."),
    "survey": gettext_lazy("How did it go?"), "declared": gettext_lazy("Major incident:"),
    "given_role": gettext_lazy("You have a role in this major incident:"),
    "handover_due": gettext_lazy("Who goes on with it? Please name a successor:"),
    "joined_major": gettext_lazy("It is part of a larger trouble we work at."),
    "time_is_up": gettext_lazy("The half hour is over."),
    "problem_untouched": gettext_lazy("Nobody has touched it for 60 days. Does it go on?"),
    "effect_due": gettext_lazy("Did it help?"),
}  # fmt: skip
# How to answer, where it is not simply by a reply.
LAST: dict[str, str | Promise] = {
    "restored": gettext_lazy("Still not working? Reply NO."),
    "resolved": gettext_lazy("Still not working? Reply NO."),
    "survey": gettext_lazy("Reply 1 (bad) to 5 (very good)."),
}
TITLED = {"received", "taken", "reported", "urgent", "raised", "late", "late_contact", "time_short", "short_contact",
          "duty_due", "duty_due_contact",
          "survey", "resolved", "withdrawn", "declared", "given_role", "handover_due"}  # fmt: skip


@dataclass(frozen=True)
class _Reader:
    """In whose language and time it is written."""

    language: str
    time_zone: str


def write(delivery: Delivery) -> str:
    """The whole message, never longer than LONGEST."""
    reader = _reader(delivery)
    with translation.override(reader.language), timezone.override(zone(reader.time_zone)):
        before = _joined(_reference(delivery), FIRST.get(delivery.kind, ""))
        after = _joined(_promise(delivery), _answer(delivery))
        said = gsm.plain(" ".join(clean(_said(delivery)).split()))
        if said and said[-1] not in ".!?:":
            said += "."
        said = gsm.cut(said, LONGEST, beside=_joined(before, after) + "  ")
        return gsm.cut(_joined(before, said, after), LONGEST)


def _reader(delivery: Delivery) -> _Reader:
    """Who has no log-in is written to as their organisation is."""
    if delivery.recipient:
        return _Reader(delivery.recipient.speaks(), delivery.recipient.reads_clocks_in())
    customer = delivery.customer
    assert isinstance(customer, Customer)  # the database holds it for whom we know by name only
    return _Reader(customer.language, customer.time_zone)


def _reference(delivery: Delivery) -> str:
    subject = delivery.incident or (delivery.problem_event.problem if delivery.problem_event else None)
    return f"{subject.reference}:" if subject else ""


def _said(delivery: Delivery) -> str:
    """The words of this event; where there are none, what the incident is about."""
    event, incident = delivery.event, delivery.incident
    message = event.message if event else None
    is_outside = delivery.recipient is None or delivery.recipient.is_customer_side
    if message and (message.is_public or not is_outside) and delivery.kind not in TITLED - {"resolved", "withdrawn"}:
        return message.body
    return incident.title if incident and delivery.kind in TITLED else ""


def _promise(delivery: Delivery) -> str:
    until = delivery.event.next_update_at if delivery.event else None
    return _("Next news: %(time)s.") % {"time": time_words(until)} if until else ""


def _answer(delivery: Delivery) -> str:
    if delivery.incident is None:
        return ""
    if delivery.recipient and not delivery.recipient.is_customer_side:
        return ""  # the desk answers at the desk
    return str(LAST.get(delivery.kind) or _("Reply to this SMS to answer."))


def _joined(*parts: str | Promise) -> str:
    return gsm.plain(" ".join(str(part) for part in parts if part))
