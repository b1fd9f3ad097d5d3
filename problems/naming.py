"""Whom a text names: other customers, their people and services, or anybody at all.

What is written for one customer must not tell of another, and what customers read names no people. The check is
strict with names of customers and people, and careful with services: "Printing" is nobody's, "KIS-Nord" is somebody's.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Max, QuerySet, Value
from django.db.models.functions import Lower, StrIndex
from django.utils.translation import gettext as _

from customers.models import Customer, Service, User
from incidents.models import Incident
from itsm.refusal import Refused

SHORTEST = 4  # letters of a name that stands alone
# Words in the names of many organisations, which alone name none of them.
_COMMON = frozenset(
    [
        "town",
        "city",
        "county",
        "district",
        "state",
        "federal",
        "office",
        "authority",
        "agency",
        "ministry",
        "council",
        "hospital",
        "clinic",
        "clinics",
        "practice",
        "school",
        "college",
        "university",
        "institute",
        "academy",
        "library",
        "museum",
        "bank",
        "savings",
        "insurance",
        "group",
        "holding",
        "company",
        "services",
        "service",
        "works",
        "water",
        "energy",
        "power",
        "north",
        "south",
        "east",
        "west",
        "central",
        "saint",
        "international",
        "european",
        "german",
        "british",
        "limited",
        "gmbh",
        "corp",
        "stadt",
        "gemeinde",
        "landkreis",
        "kreis",
        "bundes",
        "amt",
        "klinik",
        "klinikum",
        "krankenhaus",
        "schule",
        "universität",
        "verwaltung",
        "stadtwerke",
        "werke",
        "gruppe",
        "nord",
        "west",
        "mitte",
        "customer",
        "home",
        "desk",
        "team",
        "people",
        "data",
        "mail",
        "print",
    ]
)
_REFERENCE = re.compile(r"\bINC-[0-9]{1,12}\b", re.I)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")


class NamesSomebody(Refused):
    """The text says whom it is about, to people whom that does not concern."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        super().__init__(
            _(
                "Please take out %(names)s: that looks like the name of a person, or of another customer or one of its"
                " services. Then publish it again."
            )
            % {"names": ", ".join(f"“{name}”" for name in self.names[:5])}
        )


def refuse_names(texts: Iterable[str], *, of: Customer | None, people: bool) -> None:
    """NamesSomebody where a text names others than the customer `of`; with `people` also where it names any person."""
    text = " ".join(" ".join(texts).split())
    found = dict.fromkeys(_named(text, of, people))
    if found:
        raise NamesSomebody(found)


def _named(text: str, of: Customer | None, people: bool) -> Iterator[str]:
    yield from _customers(text, of)
    yield from _services(text, of)
    yield from _people(text, of, people)
    yield from _incidents(text, of)


def _customers(text: str, of: Customer | None) -> Iterator[str]:
    names = dict(Customer.objects.values_list("pk", "name"))
    parts = Counter(part for name in names.values() for part in set(_parts(name)))
    own = set(_parts(of.name)) if of else set()
    for pk, name in names.items():
        if of and pk == of.pk:
            continue
        if _stands_in(name, text, re.I):
            yield name
            continue
        for part in _parts(name):
            if parts[part] == 1 and part not in own and _stands_in(part, text):
                yield part


def _parts(name: str) -> list[str]:
    """The words of a name that name it also when they stand alone."""
    words = re.findall(r"\w[\w-]*", name)
    return [word for word in words if len(word) >= SHORTEST and word[0].isupper() and word.lower() not in _COMMON]


def _services(text: str, of: Customer | None) -> Iterator[str]:
    """Names of one customer's services that sound like names, as they are written."""
    single = _found_in(text, Service.objects.values("name")).annotate(
        owners=Count("customer", distinct=True), owner=Max("customer")
    )
    for row in single.filter(owners=1):
        own = of is not None and row["owner"] == of.pk
        if not own and _is_a_name(row["name"]) and _stands_in(row["name"], text):
            yield row["name"]


def _is_a_name(name: str) -> bool:
    """A word like any other names nothing; capitals inside, figures, and several words with capitals do."""
    words = name.split()
    inner = any(re.search(r"\w[A-Z0-9]|[0-9]", word) for word in words)
    return inner or sum(word[:1].isupper() for word in words) > 1


def _people(text: str, of: Customer | None, everybody: bool) -> Iterator[str]:
    rows = User.objects.filter(erased_at__isnull=True)
    if not everybody:
        rows = rows.filter(customer__isnull=False)
        rows = rows.exclude(customer=of) if of else rows
    for name in _found_in(text, rows).values_list("name", flat=True):
        flags = re.I if " " in name else 0
        if len(name) >= SHORTEST and _stands_in(name, text, flags):
            yield str(name)
    addresses = {address.lower(): address for address in _EMAIL.findall(text)}
    for email in rows.filter(email__in=addresses).values_list("email", flat=True):
        yield addresses.get(email.lower(), email)


def _incidents(text: str, of: Customer | None) -> Iterator[str]:
    """A reference says whose incident it was."""
    wanted = {reference.upper() for reference in _REFERENCE.findall(text)}
    others = Incident.objects.filter(reference__in=wanted)
    yield from (others.exclude(customer=of) if of else others).values_list("reference", flat=True)


def _found_in(text: str, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The rows whose name stands somewhere in the text: the few of them are looked at word by word."""
    return rows.annotate(stands_at=StrIndex(Value(text.lower()), Lower("name"))).filter(stands_at__gt=0)


def _stands_in(name: str, text: str, flags: int = 0) -> bool:
    """As words of its own, not as part of another word."""
    return bool(re.search(rf"(?<!\w){re.escape(' '.join(name.split()))}(?!\w)", text, flags))
