"""What we hold about a person, table by table: what an export says of it, and what erasure leaves of it.

Each floor has such a table (`settings.PERSONAL_DATA`); together they name every foreign key to a person, which a test
holds against the models.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models
from django.utils.module_loading import import_string
from knox.models import AuthToken

from customers.models import (
    ContactRole,
    CustomerEvent,
    Import,
    ImprovementGoal,
    MaturityAssessment,
    Membership,
    PolicyChange,
    Service,
    StaffEvent,
    User,
)


@dataclass(frozen=True)
class Held:
    """One foreign key to a person.

    `columns` go into the export of somebody at a customer, `of_staff` into that of somebody who helps: what they wrote
    about customers is the customers'. `blanked` is what erasure writes over; `ends` means that erasure deletes the row;
    `also` does with the rows what else erasure has to do, before they are blanked: files, for instance.
    """

    model: type[models.Model]
    by: str
    columns: tuple[str, ...]
    of_staff: tuple[str, ...] | None = None
    blanked: Mapping[str, Any] = field(default_factory=dict)
    ends: bool = False
    also: Callable[[Any], object] | None = None

    @property
    def name(self) -> str:
        return f"{self.model._meta.model_name}_{self.by}"

    def rows(self, person: User) -> Any:
        return self.model._base_manager.filter(**{self.by: person})

    def exported(self, person: User) -> list[dict[str, Any]]:
        columns = self.columns if person.is_customer_side or self.of_staff is None else self.of_staff
        return list(self.rows(person).order_by("pk").values(*columns))


@cache
def everything() -> tuple[Held, ...]:
    """The tables of all floors."""
    tables: Iterator[tuple[Held, ...]] = (import_string(name) for name in settings.PERSONAL_DATA)
    return tuple(held for table in tables for held in table)


ASSESSED = ("customer__name", "started_at", "state")
HELD = (
    Held(AuthToken, "user", ("token_key", "created", "expiry"), ends=True),
    Held(Authenticator, "user", ("type", "created_at", "last_used_at"), ends=True),
    Held(EmailAddress, "user", ("email", "verified"), ends=True),
    Held(User.groups.through, "user", ("group__name",), ends=True),
    Held(User.user_permissions.through, "user", ("permission__codename",), ends=True),
    Held(LogEntry, "user", ("action_time", "action_flag")),
    Held(User, "merged_into", ("name", "email", "phone", "date_joined")),
    Held(Membership, "user", ("team__name", "is_lead", "is_coordinator"), ends=True),
    Held(Service, "owner", ("name",), blanked={"owner": None}),
    Held(Service, "coordinator", ("name",), blanked={"coordinator": None}),
    Held(ContactRole, "person", ("kind", "name", "phone", "out_of_band", "note"), ends=True),
    Held(CustomerEvent, "actor", ("kind", "occurred_at")),
    Held(CustomerEvent, "person", ("kind", "occurred_at", "data")),
    Held(StaffEvent, "actor", ("kind", "occurred_at")),
    Held(StaffEvent, "person", ("kind", "occurred_at", "data")),
    Held(Import, "by", ("created_at", "kind", "name", "rows_total")),
    Held(PolicyChange, "by", ("layer", "at")),
    Held(MaturityAssessment, "started_by", ASSESSED),
    Held(MaturityAssessment, "accepted_here_by", ASSESSED),
    Held(MaturityAssessment, "accepted_there_by", ASSESSED),
    Held(MaturityAssessment, "dropped_by", ASSESSED),
    Held(ImprovementGoal, "opened_by", ("key", "opened_at")),
    Held(ImprovementGoal, "ended_by", ("key", "ended_at")),
)
