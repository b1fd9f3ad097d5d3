"""What the pages about customers show, in a fixed number of queries: the list, and one profile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers import policy
from customers.models import (
    Calendar,
    ContactRole,
    Customer,
    CustomerEvent,
    ExternalDeadline,
    MaturityAssessment,
    Service,
    User,
)
from itsm.wording import minutes_words

PAGE = 50
LATELY = 6
MOST_VIPS, MOST_PEOPLE = 50, 50
HALF_A_YEAR, A_YEAR = timedelta(days=183), timedelta(days=365)  # how long an assessment holds
YOUNG = 2  # up to this level for half a year, above it for a year
ROLES = ContactRole.objects.filter(customer=OuterRef("pk"))
ASSESSMENTS = MaturityAssessment.objects.in_force().filter(customer=OuterRef("pk"))
UNDER_WAY = MaturityAssessment.objects.under_way().filter(customer=OuterRef("pk"))  # at most one
PROPOSED = MaturityAssessment.State.PROPOSED
REACHABLE = Exists(ROLES.exclude(out_of_band=""))
HAS_CONTACT = Exists(ROLES.filter(kind=ContactRole.Kind.NAMED_CONTACT))
FACTS = {
    "is_reachable": REACHABLE,
    "has_contact": HAS_CONTACT,
    "assessed_at": Subquery(ASSESSMENTS.order_by("-finished_at").values("finished_at")[:1]),
    "under_way": Subquery(UNDER_WAY.values("state")[:1]),
}


@dataclass(frozen=True)
class Line:
    """A customer in the list: how many incidents are open, and what somebody should see to."""

    customer: Customer
    open_incidents: int
    needs: list[str | Promise]


@dataclass(frozen=True)
class Change:
    """One line of the history, in words: `fields` are label, before, after."""

    name: str
    did: str | Promise
    by: str
    at: datetime
    fields: list[tuple[str | Promise, str, str]]


DID: dict[str, str | Promise] = {"added": _("added"), "changed": _("changed"), "removed": _("removed")}
FIELDS: dict[str, str | Promise] = {
    "objective": _("what matters to them"), "language": _("language"), "time_zone": _("time zone"),
    "hotline": _("hotline"), "hotline_hours": _("hotline hours"), "quiet_from": _("quiet from"),
    "quiet_until": _("quiet until"), "vip_manners": _("manners"), "name": _("name"), "purpose": _("what it is for"),
    "tolerable_min": _("can be missed for"), "users": _("people"), "owner": _("owner"), "is_critical": _("critical"),
    "is_channel": _("channel"), "hours": _("hours"), "is_active": _("in use"), "kind": _("role"),
    "person": _("person"), "phone": _("phone"), "out_of_band": _("number for when mail fails"), "service": _("service"),
    "coordinator": _("coordinator of its problems"), "capture_first": _("what to save before a restart"),
    "note": _("note"), "base": _("counted from"),
}  # fmt: skip
YES_OR_NO: dict[str, str | Promise] = {"True": _("yes"), "False": _("no")}
# Field -> what is kept of it -> what is said instead.
SAID: dict[str, dict[str, Any]] = {
    "kind": dict(ContactRole.Kind.choices), "is_channel": dict(Service.Channel.choices),
    "base": dict(ExternalDeadline.Base.choices), "language": dict(settings.LANGUAGES),
    "is_critical": YES_OR_NO, "is_active": YES_OR_NO,
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    customer: Customer
    services: list[Service]
    contacts: list[ContactRole]
    deadlines: list[ExternalDeadline]
    vips: list[User]
    matrix: list[list[int]]  # rows: impact high to low; columns: urgency high to low
    may_change_calendar: bool
    changes: list[CustomerEvent]

    @property
    def language(self) -> str:
        return str(dict(settings.LANGUAGES).get(self.customer.language, self.customer.language))

    @property
    def matrix_rows(self) -> list[tuple[str | Promise, list[int]]]:
        return list(zip((_("high"), _("medium"), _("low")), self.matrix, strict=True))

    @property
    def lately(self) -> list[Change]:
        return [_change(event) for event in self.changes]

    @property
    def is_reachable(self) -> bool:
        """Does anybody there have a number that works when mail and network do not?"""
        return any(contact.out_of_band for contact in self.contacts)

    @property
    def channels(self) -> list[Service]:
        """The services in use that are themselves a way to reach people."""
        return [service for service in self.services if service.is_channel and service.is_active]


def customers(user: User, now: datetime, *, search: str = "", needing: bool = False) -> QuerySet[Customer]:
    """Those `user` serves, by name; `needing` only those of whom `_needs` says something."""
    rows = Customer.objects.visible_to(user)
    if search:
        rows = rows.filter(name__icontains=search)
    if needing:
        young = Q(level__isnull=True) | Q(level__lte=YOUNG)
        unassessed = (young & ~_assessed_since(now - HALF_A_YEAR)) | (~young & ~_assessed_since(now - A_YEAR))
        rows = rows.filter(~Q(REACHABLE) | ~Q(HAS_CONTACT) | unassessed & ~Q(Exists(UNDER_WAY)) | _proposed())
    return rows.order_by("name", "pk")


def _proposed() -> Q:
    return Q(Exists(UNDER_WAY.filter(state=PROPOSED)))


def _assessed_since(when: datetime) -> Q:
    return Q(Exists(ASSESSMENTS.filter(finished_at__gte=when)))


def page_of_customers(
    user: User, now: datetime, number: str | None, *, search: str = "", needing: bool = False
) -> tuple[Page, list[Line]]:
    """One page of the list in three queries: how many there are, the customers, what is open at them."""
    page = Paginator(customers(user, now, search=search, needing=needing), PAGE).get_page(number)
    # The last page skips thousands: what a line needs to know is asked only of those that are shown.
    chosen: Any = page.object_list
    shown = Customer.objects.filter(pk__in=chosen.values("pk")).select_related("contract")
    rows = list(shown.annotate(**FACTS).order_by("name", "pk"))
    counts = open_incidents(user, rows)
    return page, [Line(row, counts.get(row.pk, 0), _needs(row, now)) for row in rows]


def open_incidents(user: User, rows: list[Customer]) -> dict[int, int]:
    """Customer -> its open incidents, grouped by the database. The floor above is reached by the name it gave us."""
    if not rows:
        return {}
    incidents: Any = Customer._meta.get_field("incidents").related_model
    open_here = incidents.objects.visible_to(user).open().filter(customer__in=[row.pk for row in rows])
    return dict(open_here.order_by().values_list("customer").annotate(number=Count("pk")))


def _needs(row: Any, now: datetime) -> list[str | Promise]:
    """`row` knows its FACTS."""
    found: list[str | Promise] = []
    if not row.has_contact:
        found.append(_("no named contact"))
    if not row.is_reachable:
        found.append(_("no out-of-band number"))
    if row.under_way:  # then nothing is due; while it is answered or has been agreed, nobody is waited for
        found += [_("a support model waits for an answer")] if row.under_way == PROPOSED else []
    elif row.assessed_at is None:
        found.append(_("no assessment on record") if row.level else _("not assessed yet"))
    elif row.assessed_at < now - (HALF_A_YEAR if row.works_at <= YOUNG else A_YEAR):
        found.append(_("assessment due"))
    return found


def find(user: User, pk: int) -> Customer | None:
    return Customer.objects.visible_to(user).select_related("contract", "calendar").filter(pk=pk).first()


def profile(customer: Customer, user: User) -> Profile:
    """Everything on the page; seven queries at most, however much there is. `customer` comes out of `find`."""
    roles = ContactRole.objects.visible_to(user).filter(customer=customer).select_related("person", "service")
    order = {kind: place for place, kind in enumerate(ContactRole.Kind.values)}
    services = (
        Service.objects.visible_to(user).filter(customer=customer).select_related("hours", "owner", "coordinator")
    )
    events = CustomerEvent.objects.visible_to(user).filter(customer=customer, kind=CustomerEvent.Kind.PROFILE_CHANGED)
    deadlines = ExternalDeadline.objects.visible_to(user).filter(customer=customer)
    vips = User.objects.visible_to(user).filter(customer=customer, is_vip=True, is_active=True)
    return Profile(
        customer=customer,
        services=list(services.order_by("-is_active", "-is_critical", "name")),
        contacts=sorted(roles, key=lambda role: (order[role.kind], role.called.casefold(), role.pk)),
        deadlines=list(deadlines.order_by("regime", "position", "hours", "name")),
        vips=list(vips.order_by("name", "pk")[:MOST_VIPS]),
        matrix=policy.merged(policy.layers(customer))["priority_matrix"],
        may_change_calendar=Calendar.objects.visible_to(user).filter(pk=customer.calendar_id).exists(),
        changes=list(events.select_related("actor").order_by("-occurred_at", "-pk")[:LATELY]),
    )


def _change(event: CustomerEvent) -> Change:
    data = event.data
    return Change(
        name=data.get("name", ""),
        did=DID.get(data.get("did", ""), ""),
        by=event.actor.name if event.actor else "",
        at=event.occurred_at,
        fields=[
            (FIELDS.get(name, name), *(_said(name, kept) for kept in two)) for name, *two in data.get("changes", [])
        ],
    )


def _said(name: str, kept: str) -> str:
    """What the history keeps of a field, as people say it."""
    if name == "tolerable_min" and kept.isdecimal():
        return minutes_words(int(kept))
    return str(SAID.get(name, {}).get(kept, kept))


def people(customer: Customer) -> list[User]:
    """Whom a form suggests: the customer's contacts first."""
    active = customer.people.filter(is_active=True).order_by("role", "name", "pk")  # "contact" before "reporter"
    return list(active[:MOST_PEOPLE])
