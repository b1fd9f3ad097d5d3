"""What stands in a person's portal: how much of it is unread, and each line in words.

The count costs the same however much there is: it ends at `MOST`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import User
from incidents.models import Incident
from itsm import moment
from notifications import plain_words
from notifications.models import Delivery
from notifications.phrases import one_line

MOST = 99  # more is shown as "99+"
PAGE = 30
SHOWN = 200  # characters of what was said
# Which text -> what has happened, for whoever reads it.
HEADLINES: dict[str, Any] = {
    "received": _("We have your report"), "taken": _("%(actor)s has it"), "update": _("News"),
    "question": _("We have a question"), "restored": _("It works again"), "resolved": _("Solved"),
    "withdrawn": _("Closed"), "joined": _("You hear of this from now on"), "reported": _("Reported"),
    "joined_major": _("Your report belongs to a larger trouble"),
    "asked_them": _("We have asked a question"), "still_broken": _("Still not working"),
    "customer_wrote": _("The customer writes"), "late": _("Late"), "late_contact": _("We are late"),
    "time_short": _("Time is getting short"), "short_contact": _("Time is getting short"),
    "urgent": _("Urgent report"), "raised": _("Has become urgent"),
    "declared": _("Major incident"), "given_role": _("You have a role in a major incident"),
    "handover_due": _("Who goes on with the major incident?"),
    "level_proposed": _("We have a proposal for how we work together"),
    "level_accepted": _("How we work together is agreed"), "level_accepted_desk": _("Support model agreed"),
    "level_changed": _("What was agreed is in force"), "level_changed_desk": _("Support model in force"),
    "duty_due": _("A report to others is due"), "duty_due_contact": _("Your report to others is due"),
    "time_is_up": _("The half hour is over"), "problem_untouched": _("Does this problem go on?"),
    "effect_due": _("Did it help?"),
    "cause_gone": _("The cause is gone"), "report": _("The report on what happened is there"),
    "burst": _("Many reports at once"), "how_did_it_go": _("How did it go?"),
    "how_did_it_go_phone": _("How did it go?"), "we_tried_to_call": _("We tried to call you"),
    "call_late": _("A call is late"), "endpoint_off": _("A program was switched off"),
    "endpoint_off_desk": _("A program was switched off"), "assessment_due": _("An assessment is due"),
    "colleague_left": _("A colleague has left"),
}  # fmt: skip
OF_A_LATE_CLOCK = {"late", "late_contact", "time_short", "short_contact", "still_broken"}


@dataclass(frozen=True)
class Unread:
    """`token` changes whenever something came in or was read."""

    count: int
    token: str

    @property
    def shown(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    delivery: Delivery
    headline: str
    about: str
    said: str
    at: datetime
    opens: bool  # is there a page behind it that this person may see?

    @property
    def is_late(self) -> bool:
        return self.delivery.kind in OF_A_LATE_CLOCK


def unread(person: User) -> Unread:
    rows = Delivery.objects.in_the_bell(person).filter(read_at__isnull=True).order_by("-pk")
    keys = list(rows.values_list("pk", flat=True)[: MOST + 1])
    return Unread(len(keys), f"{len(keys)}-{keys[0] if keys else 0}")


def page(person: User, number: str | None) -> "Page[Delivery]":
    """The newest first; a fixed number of queries."""
    rows = Delivery.objects.in_the_bell(person).select_related(
        "incident", "event__actor", "event__message", "customer", "customer_event__actor", "staff_event__actor",
        "staff_event__person", "problem_event__problem", "problem_event__actor", "recipient",
    )  # fmt: skip
    return Paginator(rows.order_by("-pk"), PAGE).get_page(number)


def lines(person: User, rows: Iterable[Delivery]) -> list[Line]:
    found = list(rows)
    wanted = {row.incident_id for row in found if row.incident_id}
    seen = set(Incident.objects.visible_to(person).filter(pk__in=wanted).values_list("pk", flat=True))
    return [_line(row, opens=row.incident_id is None or row.incident_id in seen) for row in found]


def _line(row: Delivery, *, opens: bool) -> Line:
    event = row.told_of
    actor = one_line(event.actor.first_name) if event.actor else ""
    headline = str(HEADLINES.get(row.kind, _("News"))) % {"actor": actor}
    subject = row.incident or (row.problem_event.problem if row.problem_event else None)
    about = f"{subject.reference} {one_line(subject.title)}" if subject else str(row.customer or "")
    return Line(row, headline, about, _said(row), event.occurred_at, opens)


def _said(row: Delivery) -> str:
    """The words as this audience reads them; what the desk says among itself never leaves it, whatever a rule says."""
    message = row.event.message if row.event else None
    if message is None or (row.reader.is_customer_side and not message.is_public):
        return ""
    words = str(message.for_others.get(row.audience) or message.body)
    return one_line(words, SHOWN) + (" …" if len(words) > SHOWN else "")


def address(row: Delivery) -> str:
    """Where the page behind a line is, for somebody who is signed in; "" where there is none."""
    if row.incident is None:
        return plain_words.page_of(row)
    name = "portal_incident" if row.reader.is_customer_side else "desk_incident"
    return reverse(f"incidents:{name}", kwargs={"reference": row.incident.reference})


def mark_read(person: User, **which: Any) -> int:
    """Returns how many lines were unread until now."""
    rows = Delivery.objects.in_the_bell(person).filter(read_at__isnull=True, **which)
    return rows.update(read_at=moment.now())
