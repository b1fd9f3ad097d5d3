"""What the columns of an import mean: cells become values, rows become new or changed customers, people and services.

Nothing is saved here. Each error names its row and column; an empty cell leaves what is there.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from customers.csv_files import MAX_CELL, Row, is_formula
from customers.fields import zone_names
from customers.models import Calendar, Customer, Import, Service, User
from itsm.text import LONGEST_PHONE, is_phone

YES, NO = {"yes", "y", "true", "1", "ja", "oui"}, {"no", "n", "false", "0", "nein", "non"}
Check = Callable[[str], Any]  # the value of a cell; raises Wrong


class Wrong(Exception):
    """A cell that cannot be kept; its argument is the sentence."""


@dataclass
class Outcome:
    """What some rows would do: rows to insert, rows to update with the columns that differ, and what is wrong."""

    new: list[Any] = field(default_factory=list)
    changed: list[tuple[Any, list[str]]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def wrong(self, row: Row, column: str, sentence: str) -> None:
        self.errors.append({"row": row.number, "column": column, "sentence": sentence})


def _text(most: int) -> Check:
    def check(cell: str) -> str:
        line = " ".join(cell.split())
        if len(line) > most:
            raise Wrong(_("has %(length)d characters; %(most)d are kept.") % {"length": len(line), "most": most})
        return line

    return check


def _email(cell: str) -> str:
    try:
        validate_email(cell)
    except ValidationError:
        raise Wrong(_("“%(cell)s” is no e-mail address.") % {"cell": cell[:60]}) from None
    return cell.lower()


def _phone(cell: str) -> str:
    if not is_phone(cell) or len(cell) > LONGEST_PHONE:
        raise Wrong(_("“%(cell)s” is no telephone number.") % {"cell": cell[:60]})
    return cell


def _one_of(words: Sequence[str]) -> Check:
    def check(cell: str) -> str:
        if cell not in words:
            raise Wrong(_("“%(cell)s” is none of: %(words)s.") % {"cell": cell[:60], "words": ", ".join(words[:12])})
        return cell

    return check


def _zone(cell: str) -> str:
    if cell not in zone_names():
        raise Wrong(_("“%(cell)s” is no time zone such as Europe/Berlin.") % {"cell": cell[:60]})
    return cell


def _yes_no(cell: str) -> bool:
    if cell.lower() not in YES | NO:
        raise Wrong(_("“%(cell)s” is neither yes nor no.") % {"cell": cell[:60]})
    return cell.lower() in YES


def _number(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", cell, re.ASCII):
        raise Wrong(_("“%(cell)s” is no whole number.") % {"cell": cell[:60]})
    return int(cell)


_LANGUAGE = _one_of([code for code, _name in settings.LANGUAGES])
# Column -> what its cells may be. Where a column is not named like the field it fills, the maker of rows says so.
COLUMNS: dict[str, dict[str, Check]] = {
    Import.Kind.CUSTOMERS: {
        "name": _text(120), "calendar": _text(80), "language": _LANGUAGE, "time_zone": _zone, "hotline": _phone,
        "hotline_hours": _text(80), "objective": _text(200),
    },
    Import.Kind.PEOPLE: {
        "email": _email, "name": _text(120), "customer": _text(120), "role": _one_of(User.CUSTOMER_SIDE),
        "phone": _phone, "language": _LANGUAGE, "time_zone": _zone, "vip": _yes_no,
    },
    Import.Kind.SERVICES: {
        "customer": _text(120), "name": _text(80), "purpose": _text(200), "critical": _yes_no,
        "tolerable_min": _number, "users": _number, "is_channel": _one_of(Service.Channel.values), "owner": _email,
    },
}  # fmt: skip
NEEDED: dict[str, set[str]] = {
    Import.Kind.CUSTOMERS: {"name"},
    Import.Kind.PEOPLE: {"email", "name", "customer"},
    Import.Kind.SERVICES: {"customer", "name"},
}
FIELDS = {"vip": "is_vip", "critical": "is_critical"}  # columns named as people call them
PHONES = {"phone", "hotline"}


class Reader:
    """Turns the rows of one file into outcomes, batch by batch; it remembers whom it met, for doubles in the file."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.met: dict[Any, int] = {}
        self.no_password = make_password(None)  # an invitation lets them choose one

    def look_at(self, rows: Iterable[Row]) -> Outcome:
        outcome = Outcome()
        clean = [(row, values) for row in rows if (values := self._values(row, outcome)) is not None]
        makers = {Import.Kind.CUSTOMERS: self._customers, Import.Kind.PEOPLE: self._people}
        makers.get(Import.Kind(self.kind), self._services)(clean, outcome)
        return outcome

    def _values(self, row: Row, outcome: Outcome) -> dict[str, Any] | None:
        """The cells as values; None where one of them is wrong."""
        values: dict[str, Any] = {}
        before = len(outcome.errors)
        for column, cell in row.values.items():
            try:
                if cell:
                    values[column] = _cell(column, cell, COLUMNS[self.kind][column])
            except Wrong as wrong:
                outcome.wrong(row, column, str(wrong))
        for column in sorted(NEEDED[self.kind] - {name for name, cell in row.values.items() if cell}):
            outcome.wrong(row, column, _("is empty."))
        return values if len(outcome.errors) == before else None

    def _is_double(self, key: Any, row: Row, column: str, outcome: Outcome) -> bool:
        first = self.met.setdefault(key, row.number)
        if first != row.number:
            outcome.wrong(row, column, _("stands in row %(first)d already.") % {"first": first})
        return first != row.number

    def _customers(self, rows: list[tuple[Row, dict[str, Any]]], outcome: Outcome) -> None:
        known = _by(Customer.objects.select_related("calendar"), "name", (values["name"] for _row, values in rows))
        calendars = _by(Calendar.objects.all(), "name", (values.get("calendar") for _row, values in rows))
        for row, values in rows:
            if self._is_double(values["name"], row, "name", outcome):
                continue
            if "calendar" in values:
                values["calendar"] = calendars.get(values["calendar"])
            present = known.get(values["name"])
            if values.get("calendar", present) is None:
                outcome.wrong(row, "calendar", _("a new customer needs the name of a calendar that exists."))
            else:
                self._keep(present, Customer, values, outcome)

    def _people(self, rows: list[tuple[Row, dict[str, Any]]], outcome: Outcome) -> None:
        customers = _by(Customer.objects.all(), "name", (values["customer"] for _row, values in rows))
        addresses = {values["email"] for _row, values in rows}
        known = {
            person.email.lower(): person
            for person in User.objects.annotate(lower=Lower("email")).filter(lower__in=addresses)
        }
        for row, values in rows:
            customer, present = customers.get(values["customer"]), known.get(values["email"])
            if self._is_double(values["email"], row, "email", outcome):
                continue
            if customer is None:
                outcome.wrong(row, "customer", _unknown(values["customer"]))
            elif present and present.customer_id != customer.pk:
                outcome.wrong(row, "email", _("belongs to somebody elsewhere."))
            else:
                fresh = {"password": self.no_password, "role": User.Role.REPORTER} if present is None else {}
                self._keep(present, User, fresh | values | {"customer": customer}, outcome)

    def _services(self, rows: list[tuple[Row, dict[str, Any]]], outcome: Outcome) -> None:
        customers = _by(Customer.objects.all(), "name", (values["customer"] for _row, values in rows))
        services = Service.objects.filter(customer__in=customers.values())
        known = {(service.customer_id, service.name): service for service in services}
        asked = {values["owner"] for _row, values in rows if "owner" in values}
        owners = {
            (person.customer_id, person.email.lower()): person
            for person in User.objects.annotate(lower=Lower("email")).filter(lower__in=asked)
        }
        for row, values in rows:
            customer = customers.get(values["customer"])
            if customer is None:
                outcome.wrong(row, "customer", _unknown(values["customer"]))
                continue
            if self._is_double((customer.pk, values["name"]), row, "name", outcome):
                continue
            if "owner" in values and (customer.pk, values["owner"]) not in owners:
                outcome.wrong(row, "owner", _("nobody at this customer has this address."))
                continue
            if "owner" in values:
                values["owner"] = owners[customer.pk, values["owner"]]
            self._keep(known.get((customer.pk, values["name"])), Service, values | {"customer": customer}, outcome)

    def _keep(self, present: Any, model: type[Model], values: dict[str, Any], outcome: Outcome) -> None:
        fields = {FIELDS.get(column, column): value for column, value in values.items()}
        if present is None:
            outcome.new.append(model(**fields))
            return
        differing = [name for name, value in fields.items() if name != "email" and getattr(present, name) != value]
        for name in differing:
            setattr(present, name, fields[name])
        if differing:
            outcome.changed.append((present, differing))


def _cell(column: str, cell: str, check: Check) -> Any:
    if len(cell) > MAX_CELL:
        raise Wrong(_("has more than %(most)d characters.") % {"most": MAX_CELL})
    if is_formula(cell, is_phone=column in PHONES):
        raise Wrong(_("“%(cell)s” looks like a formula.") % {"cell": cell[:40]})
    return check(cell)


def _by(rows: Any, name: str, wanted: Iterable[Any]) -> dict[str, Any]:
    return {getattr(row, name): row for row in rows.filter(**{f"{name}__in": {each for each in wanted if each}})}


def _unknown(name: str) -> str:
    return _("there is no customer “%(name)s”.") % {"name": name[:60]}
