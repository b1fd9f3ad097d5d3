"""What is written down about a customer: saved part by part, and each change with what stood there before.

All of it happens under the lock of the customer, so two people who save at once are one after the other.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from customers import history
from customers.models import ContactRole, Customer, CustomerEvent, ExternalDeadline, Service, User
from customers.regimes import REGIMES
from itsm import moment
from itsm.refusal import Refused

Row = Customer | Service | ContactRole | ExternalDeadline
LONGEST_KEPT = 300  # of a value in the history


class Stale(Refused):
    """Somebody else was faster; what they wrote is not overwritten unseen."""

    status = 409


def fingerprint(row: Row, names: Iterable[str]) -> str:
    """Tells whether these fields are still as somebody saw them; a form carries it along."""
    seen = [[name, _text(getattr(row, name))] for name in sorted(names)]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:32]


@transaction.atomic
def save(row: Row, *, by: User, values: dict[str, Any], seen: str = "") -> Row:
    """Changes one thing of the profile, or adds it when it is new; nothing changed is nothing recorded.

    `seen` is the `fingerprint` of what the person had before them. `Stale` when it is another by now.
    """
    customer = _locked(row)
    is_new, kept = row.pk is None, _as_it_is(row, values, seen)
    _check(kept, customer, values)
    changes = [[name, _text(getattr(kept, name)), _text(value)] for name, value in values.items()]
    changes = [[name, before, after] for name, before, after in changes if before != after]
    if not changes and not is_new:
        return kept
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save(update_fields=None if is_new else list(values))
    _record(customer, kept, by=by, did="added" if is_new else "changed", changes=changes)
    return kept


@transaction.atomic
def remove(row: ContactRole | ExternalDeadline, *, by: User) -> None:
    """Takes one thing out of the profile; the history keeps what it said. Gone already is gone."""
    customer = _locked(row)
    there = type(row)._default_manager.filter(pk=row.pk).first()
    if there is None:
        return
    _record(customer, there, by=by, did="removed", changes=[])
    there.delete()


@transaction.atomic
def add_regime(customer: Customer, *, by: User, regime: str) -> None:
    """The outside clocks of a regime, as far as the customer has none of that name yet."""
    customer = _locked(customer)
    there = set(customer.external_deadlines.values_list("name", flat=True))
    missing = [report for report in REGIMES[regime].reports if report.name not in there]
    if not missing:
        raise Refused(_("The clocks of %(regime)s are in the list already.") % {"regime": REGIMES[regime].name})
    ExternalDeadline.objects.bulk_create(
        ExternalDeadline(customer=customer, regime=regime, **vars(report)) for report in missing
    )
    history.record(
        customer, CustomerEvent.Kind.PROFILE_CHANGED, by=by, at=moment.now(),
        part="externaldeadline", name=REGIMES[regime].name, did="added", changes=[],
    )  # fmt: skip


@transaction.atomic
def mark_vip(person: User, *, by: User, is_vip: bool) -> None:
    """Marks somebody for other manners, or no longer. No rank comes of it: the queue does not ask."""
    assert person.customer is not None  # only people of a customer are marked
    customer = _locked(person.customer)
    if not User.objects.filter(pk=person.pk, is_vip=not is_vip).update(is_vip=is_vip):
        return
    history.record(
        customer, CustomerEvent.Kind.PROFILE_CHANGED, by=by, at=moment.now(), person=person,
        part="vip", name=person.name, did="added" if is_vip else "removed", changes=[],
    )  # fmt: skip


def _locked(row: Row) -> Customer:
    customer = row if isinstance(row, Customer) else row.customer
    return Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)


def _as_it_is(row: Row, values: dict[str, Any], seen: str) -> Row:
    if row.pk is None:
        return row
    kept: Row | None = type(row)._default_manager.filter(pk=row.pk).first()
    if kept is None:
        raise Stale(_("Meanwhile somebody removed this. What you wrote is kept; you can add it anew."))
    if seen != fingerprint(kept, values):
        raise Stale(_("Meanwhile somebody else changed this. What you wrote is kept; please compare."))
    return kept


def coordinators(customer: Customer) -> QuerySet[User]:
    """Who can look after the problems of one of its services: those who serve it."""
    serving = User.objects.filter(memberships__team__customers=customer.pk, customer__isnull=True, is_active=True)
    return serving.distinct().order_by("name", "pk")


def _check(row: Row, customer: Customer, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name == "coordinator":
            if value and not coordinators(customer).filter(pk=value.pk).exists():
                raise Refused(
                    _("%(name)s does not serve %(customer)s.") % {"name": value.name, "customer": customer.name}
                )
        elif isinstance(value, User | Service) and value.customer_id != customer.pk:
            raise Refused(_("Please choose people and services of %(customer)s.") % {"customer": customer.name})
    if "name" in values and isinstance(row, Service | ExternalDeadline):
        others = type(row)._default_manager.filter(customer=customer, name=values["name"]).exclude(pk=row.pk)
        if others.exists():
            raise Refused(_("“%(name)s” is in the list already.") % {"name": values["name"]})


def _record(customer: Customer, row: Row, *, by: User, did: str, changes: list[list[str]]) -> None:
    name = row.called if isinstance(row, ContactRole) else row.name
    part = type(row).__name__.lower()
    history.record(
        customer, CustomerEvent.Kind.PROFILE_CHANGED, by=by, at=moment.now(),
        part=part, item=row.pk, name=name, did=did, changes=changes,
    )  # fmt: skip


def _text(value: Any) -> str:
    """A value as the history keeps it: short, for display only."""
    text = "" if value is None else f"{value:%H:%M}" if hasattr(value, "minute") else str(value)
    return text[:LONGEST_KEPT]
