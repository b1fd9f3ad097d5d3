"""The words of letters that are about a customer or about people, and about no incident."""

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.dateformat import format as format_date

from customers import invitations
from customers.models import Level, StaffEvent
from notifications.audience import came_back
from notifications.models import Delivery
from notifications.phrases import one_line
from notifications.wanted import INVITES

LISTED = 20  # incidents that a colleague left behind; the queue has them all
# Which letter leads where, for the customer's contacts in the portal and for the desk: the page of what it tells of.
PAGES = {
    "level_proposed": "portal_maturity", "level_accepted": "portal_maturity", "level_changed": "portal_agreement",
    "level_accepted_desk": "desk_maturity", "level_changed_desk": "desk_agreement", "assessment_due": "desk_maturity",
    "endpoint_off": "notifications:portal_endpoints", "endpoint_off_desk": "notifications:desk_endpoints",
}  # fmt: skip


ANCHORS = {"effect_due": "#actions"}  # where on the problem's page it is


def of(delivery: Delivery) -> dict[str, Any]:
    event = delivery.told_of
    level = event.data.get("level")
    lost = _came_back(delivery)
    return {
        "customer": one_line(delivery.customer.name) if delivery.customer else "",
        "reader": delivery.reader,
        "actor_name": one_line(str(event.actor.name))
        if event.actor and event.actor_id != delivery.recipient_id
        else "",
        "person_name": one_line(str(event.person.name)) if isinstance(event, StaffEvent) else "",
        "model": str(Level(level).label) if level in Level.values else "",
        "program": one_line(str(event.data.get("name", "")), 80),
        "problem": _problem_in_words(delivery),
        "action": one_line(str(event.data.get("text", ""))),
        "is_gone": bool(event.data.get("gone")),
        "effective_on": _day(event.data.get("effective_on")),
        "said": "\n".join(lost[:LISTED]) + (" …" if len(lost) > LISTED else ""),
        "left_behind": len(lost),
        "days": invitations.LIFETIME.days,
        "link": _link(delivery),
    }


def _problem_in_words(delivery: Delivery) -> str:
    return one_line(str(delivery.problem_event.problem)) if delivery.problem_event else ""


def _came_back(delivery: Delivery) -> list[str]:
    """The incidents of the reader's own teams that have nobody since a colleague left."""
    event = delivery.staff_event
    if event is None or delivery.kind != "colleague_left":
        return []
    led = came_back(event).filter(
        incident__team__memberships__user=delivery.recipient_id, incident__team__memberships__is_lead=True
    )
    facts = led.order_by("pk").values_list("incident__reference", "incident__title")
    return [f"{reference}: {one_line(title, 80)}" for reference, title in facts]


def _day(iso: str | None) -> str:
    return format_date(date.fromisoformat(iso), "D j M Y") if iso else ""


def _link(delivery: Delivery) -> str:
    if delivery.kind in INVITES:
        return invitations.url(delivery.reader)
    return settings.BASE_URL + page_of(delivery)


def page_of(delivery: Delivery) -> str:
    """The path of the page of what a letter tells of, for somebody who signs in."""
    if delivery.problem_event:
        reference = delivery.problem_event.problem.reference
        return reverse("problems:desk_problem", args=[reference]) + ANCHORS.get(delivery.kind, "")
    name = PAGES.get(delivery.kind, "")
    if not name:
        return reverse("incidents:desk_queue")
    arguments = [delivery.customer_id] if "desk_" in name else []
    try:
        return reverse(name if ":" in name else f"customers:{name}", args=arguments)
    except NoReverseMatch:  # a portal without this page
        return "/"
