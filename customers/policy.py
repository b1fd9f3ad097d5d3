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

Measure = Literal["response", "update", "restore", "close_out"]
ALWAYS, BUSINESS = "always", "business"
_SECONDS = {"min": 60, "h": 3600}
_DEFAULTS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("levels.toml").read_text())


@dataclass(frozen=True)
class Target:
    """How many seconds on which hours (a key of `Terms.calendars`)."""

    seconds: int
    hours: str


@dataclass(frozen=True)
class Terms:
    """A resolved policy as values: what `Policy.content` says, ready to compute with."""

    content: dict[str, Any]

    @property
    def level(self) -> int:
        return int(self.content["level"])

    @cached_property
    def calendars(self) -> dict[str, WorkingHours]:
        return {key: parse(spec) for key, spec in self.content["calendars"].items()}

    def target(self, measure: Measure, priority: int) -> Target:
        """The target of `measure` for an incident of priority 1 to 4; business days count on business hours."""
        amount, unit = self.content[measure][priority - 1].split(" ")
        if unit == "bd":
            return Target(int(amount) * self.calendars[BUSINESS].day_seconds, BUSINESS)
        return Target(int(amount) * _SECONDS[unit], self.content["coverage"][priority - 1])

    def days(self, knob: Literal["auto_close_bd", "reopen_window_bd"]) -> Target:
        return Target(int(self.content[knob]) * self.calendars[BUSINESS].day_seconds, BUSINESS)

    def goal(self, measure: str) -> int:
        """The share of `measure` in percent that should be met: a goal, while the target itself stays."""
        return int(self.content[f"goal_{measure}"])


def resolve(customer: Customer, service: Service | None = None) -> Policy:
    """The policy in force for this customer and service, stored once by its digest."""
    content = _content(customer, service)
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
    defaults = level_defaults(customer.works_at)
    critical = bool(service and service.is_critical)
    covered = {"always": ALWAYS, "critical": ALWAYS if critical else BUSINESS, "business": BUSINESS}
    return defaults | {
        "level": int(customer.works_at),
        "coverage": [covered[word] for word in defaults["coverage"]],
        "calendars": {
            ALWAYS: {"tz": customer.calendar.spec["tz"], "always_open": True, "weekly": {}, "holidays": []},
            BUSINESS: customer.calendar.spec,
        },
    }
