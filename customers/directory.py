"""Looking people up: the lists of the people pages, and how each entry stands in words."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from customers.models import CustomerEvent, StaffEvent, User

PAGE = 50
HISTORY = 20


def page_of(people: QuerySet[User], *, words: str, gone: bool, number: str | None) -> Page:
    """One page of the people whom all words fit, by name: those with a log-in, or those without one any more."""
    found = people.filter(is_active=not gone)
    for word in words.split()[:6]:
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(phone__icontains=word))
    return Paginator(found.order_by("name", "pk"), PAGE).get_page(number)


@dataclass(frozen=True)
class Standing:
    """How an entry stands: a word with its tone and icon."""

    tone: str
    icon: str
    word: str


def standing(person: User) -> Standing:
    if person.erased_at:
        return Standing("plain", "circle-slash", _("erased"))
    if person.merged_into_id:
        return Standing("plain", "circle-slash", _("merged"))
    if not person.is_active:
        return Standing("plain", "lock", _("no log-in"))
    if person.is_invited:
        return Standing("attention", "hourglass", _("invited"))
    return Standing("done", "check", _("has a log-in"))


@dataclass(frozen=True)
class Line:
    """One line of a person's history."""

    event: CustomerEvent | StaffEvent
    detail: str


def history_of(person: User) -> list[Line]:
    kept: Any = CustomerEvent.objects.filter(person=person) if person.customer_id else person.staff_history.all()
    return [Line(event, _detail(event.data)) for event in kept.select_related("actor").order_by("-pk")[:HISTORY]]


def _detail(data: dict[str, Any]) -> str:
    """What exactly was changed, in words."""
    said = [_roles(data["role"])] if isinstance(data.get("role"), list) else []
    if "is_vip" in data:
        said.append(_("very important person") if data["is_vip"][1] else _("no very important person any more"))
    if "teams" in data:
        said.append(" → ".join(", ".join(names) or _("no team") for names in data["teams"]))
    said += [_("chose a password")] if data.get("accepted") else []
    said += [_("their data was handed out")] if data.get("exported") else []
    return "; ".join(said)


def _roles(roles: list[str]) -> str:
    return " → ".join(str(User.Role(role).label) for role in roles)
