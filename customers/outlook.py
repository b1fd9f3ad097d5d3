"""What another level would mean for a customer, in words, and when one looks again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.utils.functional import Promise

from customers import policy
from customers.knob_words import in_words
from customers.knobs import KNOBS
from customers.models import Customer, Level
from customers.plain_knobs import OURS_ALONE, plain, plain_words

Levels = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Change:
    """One knob that would differ: what it is, how it is, how it would be."""

    name: str
    label: str | Promise
    meaning: str | Promise
    before: str
    after: str
    values: tuple[Any, Any]  # before and after, as they are agreed


def knobs_at(customer: Customer, level: int, levels: Levels) -> dict[str, Any]:
    """Each knob as this customer would have it at that level: its contract and agreement go with it.

    `levels`: `policy.level_knobs()`; the customer comes with its contract.
    """
    contract = customer.contract.knobs if customer.contract else {}
    return {**levels[level], **contract, **customer.agreement}


def changes(customer: Customer, before: int | None, after: int) -> list[Change]:
    """What would differ for the customer; nothing where its contract or agreement decides at both levels."""
    levels = policy.level_knobs()
    now, then = (knobs_at(customer, level, levels) for level in (before or Level.GUIDED, after))
    return [
        Change(
            name,
            knob.label,
            knob.meaning,
            in_words(name, now[name]),
            in_words(name, then[name]),
            (now[name], then[name]),
        )
        for name, knob in KNOBS.items()
        if now.get(name) != then.get(name)
    ]


def for_customer(found: list[Change]) -> list[Change]:
    """The same in the words of the customer's people, without what only says how we work among ourselves."""
    return [_plainly(change) for change in found if change.name not in OURS_ALONE]


def _plainly(change: Change) -> Change:
    knob, (before, after) = plain(change.name), (plain_words(change.name, value) for value in change.values)
    return replace(change, label=knob.label, meaning=knob.meaning, before=before, after=after)


def months(customer: Customer, levels: Levels) -> int:
    """After how many months one looks again at how this customer and we work together."""
    return int(knobs_at(customer, customer.works_at, levels)["reassess_months"])


def first_due(customer: Customer, last_in_force: datetime | None, months: int) -> datetime:
    """When the next assessment is due; for who was never assessed, since they came."""
    since = (last_in_force or customer.created_at).astimezone(ZoneInfo(customer.time_zone))  # months as they read them
    if last_in_force is None and customer.level is None:
        return since
    return since + relativedelta(months=months)


def last_due(customer: Customer, last_in_force: datetime | None, months: int, now: datetime) -> datetime | None:
    """The latest due date that has come: a reminder nobody followed is repeated a period later. None: not due yet."""
    first, passed = first_due(customer, last_in_force, months), 0
    while first + relativedelta(months=months * (passed + 1)) <= now:
        passed += 1
    return first + relativedelta(months=months * passed) if first <= now else None
