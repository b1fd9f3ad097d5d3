"""What is owed to a customer and asked of it: layers of knobs and a calendar, resolved into one stored policy.

The layers, from the widest to the most specific: the level as shipped (`levels.toml`), what the provider changed about
it, the contract class, the customer, the service. The most specific one that says something about a knob decides; none
may promise less than the floor (`customers.fairness`, asked when a layer is saved). An incident keeps the policy it
was opened under; changing a layer never moves a running clock by itself.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from customers.models import Customer, Level, LevelTemplate, Policy, Service
from customers.working_hours import WorkingHours, parse

Measure = Literal["response", "reply", "update", "restore", "close_out"]
BusinessDays = Literal["auto_close_bd", "reopen_window_bd", "close_fields_bd", "review_bd"]
ALWAYS = "always"
_SECONDS = {"min": 60, "h": 3600}
_DEFAULTS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("levels.toml").read_text())


@dataclass(frozen=True)
class Target:
    """How many seconds on which hours (a key of `Terms.calendars`)."""

    seconds: int
    hours: str


@dataclass(frozen=True)
class Terms:
    """A resolved policy as values: what `Policy.content` says, ready to compute with.

    `calendars` may hold more than the policy counts on: a clock that ran under another one before keeps its hours.
    """

    content: dict[str, Any]

    @property
    def level(self) -> int:
        return int(self.content["level"])

    @cached_property
    def calendars(self) -> dict[str, WorkingHours]:
        return {key: parse(spec) for key, spec in self.content["calendars"].items()}

    @property
    def business(self) -> str:
        """The key of the customer's own calendar."""
        return str(self.content["business"])

    def target(self, measure: Measure, priority: int) -> Target | None:
        """The target of `measure` for an incident of priority 1 to 4; business days count on business hours.

        None where nothing is promised: then there is no clock (rule 20 of `docs/sla.md`).
        """
        said = self.content[measure][priority - 1]
        amount, unit = said.split(" ") if said else ("0", "min")
        if not int(amount):
            return None
        if unit == "bd":
            return Target(int(amount) * self.calendars[self.business].day_seconds, self.business)
        return Target(int(amount) * _SECONDS[unit], self.content["coverage"][priority - 1])

    def pauses(self, measure: str) -> bool:
        """Does this clock stand still while we wait for the customer? (Rule 7.)"""
        return measure in self.content["pauses"]

    @cached_property
    def ladder(self) -> dict[int, list[str]]:
        """Share of the restore target in percent -> who looks then: owner, lead, manager, contact."""
        return {int(rung["at"]): list(rung["tell"]) for rung in self.content["escalation"]}

    def days(self, knob: BusinessDays) -> Target:
        return self.business_days(int(self.knob(knob)))

    def business_days(self, number: int) -> Target:
        """So many whole days of the customer's own calendar."""
        return Target(number * self.calendars[self.business].day_seconds, self.business)

    def knob(self, name: str) -> Any:
        """The value of any knob; policies stored before a knob existed get what their level ships with."""
        return self.content[name] if name in self.content else _DEFAULTS[str(self.level)][name]

    def goal(self, measure: str) -> int:
        """The share of `measure` in percent that should be met: a goal, while the target itself stays."""
        return int(self.content[f"goal_{measure}"])


@dataclass(frozen=True)
class Layer:
    """One layer of a policy: `kind` is shipped, level, contract, customer or service; `name` is for people."""

    kind: str
    name: str
    knobs: dict[str, Any]


def resolve(customer: Customer, service: Service | None = None) -> Policy:
    """The policy in force for this customer and service, stored once by its digest.

    One question, which reads all layers as they are now; a second one only for a policy nobody resolved before here.
    """
    customer, service = _as_it_is(customer, service)
    return _stored(_content(customer, service))


def layers(customer: Customer, service: Service | None = None) -> list[Layer]:
    """From the widest to the most specific; what a layer does not say, it leaves to those before it."""
    customer, service = _as_it_is(customer, service)
    return _layers(customer, service)


def deciding(found: list[Layer], knob: str) -> Layer:
    """The layer that decided about this knob: why it is as it is."""
    return next(layer for layer in reversed(found) if knob in layer.knobs)


def merged(found: list[Layer]) -> dict[str, Any]:
    """Each knob as the most specific layer has it."""
    return {knob: value for layer in found for knob, value in layer.knobs.items()}


def _as_it_is(customer: Customer, service: Service | None) -> tuple[Customer, Service | None]:
    """Both anew from the database, with everything that the layers need."""
    rows: QuerySet[Any]
    if service is None:
        rows = Customer.objects.select_related("calendar", "contract")
        return rows.annotate(template_knobs=_template("level")).get(pk=customer.pk), None
    rows = Service.objects.select_related("hours", "customer__calendar", "customer__contract")
    found = rows.annotate(template_knobs=_template("customer__level")).get(pk=service.pk)
    found.customer.template_knobs = found.template_knobs  # type: ignore[attr-defined]  # as on a customer asked for itself
    return found.customer, found


def _template(level: str) -> Subquery:
    changed = LevelTemplate.objects.filter(level=Coalesce(OuterRef(level), int(Level.GUIDED)))
    return Subquery(changed.values("knobs")[:1])


def _layers(customer: Customer, service: Service | None) -> list[Layer]:
    level = customer.works_at
    found = [Layer("shipped", str(level.label), level_defaults(level))]
    found.append(Layer("level", str(level.label), getattr(customer, "template_knobs", None) or {}))
    if customer.contract:
        found.append(Layer("contract", customer.contract.name, customer.contract.knobs))
    found.append(Layer("customer", customer.name, customer.agreement))
    if service:
        found.append(Layer("service", service.name, service.agreement))
    return found


def carried(policy: Policy, before: Policy) -> Policy:
    """The policy for an incident that was held to another one: what has run on its hours stays countable (rule 4).

    A calendar that both know is taken as `policy` has it: an edit counts for the past too (rule 14).
    """
    calendars = before.content["calendars"] | policy.content["calendars"]
    return policy if calendars == policy.content["calendars"] else _stored(policy.content | {"calendars": calendars})


def edited(policy: Policy, key: str, spec: dict[str, Any]) -> Policy:
    """The same policy with other hours in the calendar of that key (rule 14)."""
    return _stored(policy.content | {"calendars": policy.content["calendars"] | {key: spec}})


_stored_here: dict[str, int] = {}  # digest -> key of its row: neither ever changes
MOST_KEPT = 10_000


def _stored(content: dict[str, Any]) -> Policy:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    if key := _stored_here.get(digest):  # asked once: another thread may empty it between two looks
        return Policy(pk=key, digest=digest, content=content)
    policy, _ = Policy.objects.get_or_create(digest=digest, defaults={"content": content})
    transaction.on_commit(lambda: _keep(policy))  # a transaction that is rolled back takes its policy with it
    return policy


def _keep(policy: Policy) -> None:
    if len(_stored_here) >= MOST_KEPT:
        _stored_here.clear()
    _stored_here[policy.digest] = policy.pk


def forget() -> None:
    """Whoever empties the tables empties this too."""
    _stored_here.clear()


_known: dict[str, Terms] = {}


def terms(policy: Policy) -> Terms:
    # By digest, which never gets another content: calendars are parsed once a process, not once a request.
    if found := _known.get(policy.digest):
        return found
    if len(_known) >= MOST_KEPT:  # each edit of a calendar makes a new one
        _known.clear()
    found = _known[policy.digest] = Terms(policy.content)
    return found


def level_defaults(level: int) -> dict[str, Any]:
    """What a level ships with."""
    return dict(_DEFAULTS[str(level)])


def floor() -> dict[str, Any]:
    """The least that any layer may promise."""
    return dict(_DEFAULTS["floor"])


def level_knobs() -> dict[int, dict[str, Any]]:
    """Each level with what the provider changed about it."""
    changed = dict(LevelTemplate.objects.values_list("level", "knobs"))
    return {int(level): level_defaults(level) | changed.get(int(level), {}) for level in Level}


def _content(customer: Customer, service: Service | None) -> dict[str, Any]:
    agreed = merged(_layers(customer, service))
    critical = bool(service and service.is_critical)
    calendar = (service and service.hours) or customer.calendar
    own = calendar_key(calendar.pk)
    covered = {"always": ALWAYS, "critical": ALWAYS if critical else own, "business": own}
    return agreed | {
        "level": int(customer.works_at),
        "coverage": [covered[word] for word in agreed["coverage"]],
        "business": own,
        "calendars": {
            ALWAYS: {"tz": "UTC", "always_open": True, "weekly": {}, "holidays": []},
            own: calendar.spec,
        },
    }


def calendar_key(calendar_id: int) -> str:
    """What a calendar is called in policies and ledgers: its own name for each, whatever is edited in it."""
    return f"calendar-{calendar_id}"
