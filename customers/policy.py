"""What is owed to a customer: level template and calendar resolved into one stored policy.

An incident keeps the policy it was opened under; changing a template never moves a running clock by itself.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from customers.models import Customer, Policy, Service
from customers.working_hours import WorkingHours, parse

Measure = Literal["response", "reply", "update", "restore", "close_out"]
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

    def days(self, knob: Literal["auto_close_bd", "reopen_window_bd"]) -> Target:
        return Target(int(self.content[knob]) * self.calendars[self.business].day_seconds, self.business)

    def goal(self, measure: str) -> int:
        """The share of `measure` in percent that should be met: a goal, while the target itself stays."""
        return int(self.content[f"goal_{measure}"])


def resolve(customer: Customer, service: Service | None = None) -> Policy:
    """The policy in force for this customer and service, stored once by its digest."""
    return _stored(_content(customer, service))


def carried(policy: Policy, before: Policy) -> Policy:
    """The policy for an incident that was held to another one: what has run on its hours stays countable (rule 4).

    A calendar that both know is taken as `policy` has it: an edit counts for the past too (rule 14).
    """
    calendars = before.content["calendars"] | policy.content["calendars"]
    return policy if calendars == policy.content["calendars"] else _stored(policy.content | {"calendars": calendars})


def edited(policy: Policy, key: str, spec: dict[str, Any]) -> Policy:
    """The same policy with other hours in the calendar of that key (rule 14)."""
    return _stored(policy.content | {"calendars": policy.content["calendars"] | {key: spec}})


def _stored(content: dict[str, Any]) -> Policy:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    policy, _ = Policy.objects.get_or_create(digest=digest, defaults={"content": content})
    return policy


_known: dict[str, Terms] = {}


def terms(policy: Policy) -> Terms:
    # By digest, which never gets another content: calendars are parsed once a process, not once a request.
    if policy.digest not in _known:
        _known[policy.digest] = Terms(policy.content)
    return _known[policy.digest]


def level_defaults(level: int) -> dict[str, Any]:
    return dict(_DEFAULTS[str(level)])


def _content(customer: Customer, service: Service | None) -> dict[str, Any]:
    agreed = level_defaults(customer.works_at) | customer.agreement
    critical = bool(service and service.is_critical)
    own = calendar_key(customer.calendar_id)
    covered = {"always": ALWAYS, "critical": ALWAYS if critical else own, "business": own}
    return agreed | {
        "level": int(customer.works_at),
        "coverage": [covered[word] for word in agreed["coverage"]],
        "business": own,
        "calendars": {
            ALWAYS: {"tz": "UTC", "always_open": True, "weekly": {}, "holidays": []},
            own: customer.calendar.spec,
        },
    }


def calendar_key(calendar_id: int) -> str:
    """What a calendar is called in policies and ledgers: its own name for each, whatever is edited in it."""
    return f"calendar-{calendar_id}"
