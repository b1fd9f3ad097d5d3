"""What is agreed, knob by knob, in words: its value, what it means, and the layer that decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from customers import policy
from customers.knob_words import in_words
from customers.knobs import KNOBS, Knob
from customers.models import ContractClass, Customer, PolicyChange, User
from customers.plain_knobs import OURS_ALONE, plain, plain_words
from customers.policy import Layer

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (lazy("What we owe"), ("response", "reply", "update", "restore", "close_out", "tone", "update_words")),
    (
        lazy("What we ask"),
        ("intake", "priority_by", "priority_matrix", "close_fields", "close_fields_bd", "auto_close_bd",
         "reopen_window_bd", "review", "review_bd"),
    ),
    (
        lazy("Channels and people"),
        ("channels", "told", "told_urgent", "call_contact", "confirm_call", "escalation"),
    ),
    (lazy("Clocks and hours"), ("coverage", "pauses", "warn_before_min", "remind_every_h")),
    (lazy("Goals"), ("goal_response", "goal_update", "goal_restore", "reassess_months", "goals_at_once")),
)  # fmt: skip


@dataclass(frozen=True)
class Agreed:
    """One knob as it stands, and why it is so: from which layer; for the customer only where it is not its model's."""

    knob: Knob
    words: str
    why: str
    is_own: bool  # by the last layer of those asked


@dataclass(frozen=True)
class Line:
    """What a change did to one knob."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    """One entry of the history."""

    change: PolicyChange
    layer: str
    lines: list[Line]


def grouped(found: list[Layer], *, for_customer: bool = False) -> list[tuple[str, list[Agreed]]]:
    """All knobs by group; for the customer without those that only say how we work among ourselves."""
    values = policy.merged(found)
    # The matrix is a table on their profile: in one line it would tell them nothing.
    hidden = OURS_ALONE | {"priority_matrix"} if for_customer else set()
    return [
        (str(title), [_agreed(found, name, values[name], for_customer) for name in names if name not in hidden])
        for title, names in GROUPS
    ]


def _agreed(found: list[Layer], name: str, value: Any, for_customer: bool) -> Agreed:
    layer = policy.deciding(found, name)
    why = why_for_customer(layer) if for_customer else _("from %(layer)s") % {"layer": layer_words(layer)}
    knob, words = (plain(name), plain_words(name, value)) if for_customer else (KNOBS[name], in_words(name, value))
    return Agreed(knob, words, why, layer == found[-1])


def layer_words(layer: Layer) -> str:
    """The level Guided, the contract class Hospital, what is agreed with the customer."""
    said = {
        "shipped": _("the level %(name)s, as shipped"),
        "level": _("the level %(name)s, as we changed it"),
        "contract": _("the contract class %(name)s"),
        "customer": _("what is agreed with %(name)s"),
        "service": _("what is agreed for %(name)s"),
    }
    return said[layer.kind] % {"name": layer.name}


def why_for_customer(layer: Layer) -> str:
    """The same for the customer's own people, who read no levels."""
    said = {
        "contract": _("from your contract %(name)s"),
        "customer": _("agreed with you"),
        "service": _("agreed for %(name)s"),
    }
    return said.get(layer.kind, "") % {"name": layer.name}


def set_here(knobs: dict[str, Any], *, for_customer: bool = False) -> list[Line]:
    """What one layer says by itself, in the order of the registry."""
    shown = [name for name in KNOBS if name in knobs and not (for_customer and name in OURS_ALONE)]
    said = {name: plain(name) if for_customer else KNOBS[name] for name in shown}
    return [Line(str(knob.label), "", in_words(name, knobs[name])) for name, knob in said.items()]


def history_of(customer: Customer, user: User) -> list[Changed]:
    """The last changes of anything this customer's agreement is made of."""
    wide = Q(customer__isnull=True) & (Q(level=customer.works_at) | Q(contract=customer.contract_id or 0))
    return _history(Q(customer=customer) | wide, user)


def history_of_level(level: int, user: User) -> list[Changed]:
    return _history(Q(layer=PolicyChange.Layer.LEVEL, level=level), user)


def history_of_contract(contract: ContractClass, user: User) -> list[Changed]:
    return _history(Q(layer=PolicyChange.Layer.CONTRACT, contract=contract, customer__isnull=True), user)


def _history(which: Q, user: User) -> list[Changed]:
    rows = PolicyChange.objects.visible_to(user).filter(which)
    rows = rows.select_related("by", "contract", "customer", "service").order_by("-at", "-pk")[:20]
    return [Changed(change, _layer_of(change), list(_lines(change))) for change in rows]


def _layer_of(change: PolicyChange) -> str:
    if change.service:
        return change.service.name
    if change.layer == PolicyChange.Layer.CONTRACT and not change.customer:
        return str(change.contract)
    return str(change.get_level_display() or change.customer)


def _lines(change: PolicyChange) -> Iterable[Line]:
    if "contract" in change.before:
        none = _("none")
        yield Line(_("Contract class"), change.before["contract"] or none, change.after["contract"] or none)
    yield from differences(change.before, change.after)


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Line]:
    """The knobs in which two states of one layer differ, in words."""
    inherited = _("as inherited")
    for name, knob in KNOBS.items():
        was, now = before.get(name), after.get(name)
        if was != now:
            words = [inherited if value is None else in_words(name, value) for value in (was, now)]
            yield Line(str(knob.label), *words)
