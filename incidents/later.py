"""What is written down later: the record of an incident, and what of it is still owed.

Nothing of it is asked for before people can work again, and nothing of it holds up a state or reaches the customer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Service, User
from incidents import clocks, moves
from incidents.journal import Kind, record
from incidents.models import Incident, ProcessDebt
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

Rule, State = ProcessDebt.Rule, ProcessDebt.State
FIELDS: tuple[str, ...] = tuple(Rule.values)


def wanted(incident: Incident) -> list[str]:
    """The fields that this incident's policy wants at the close, in the order of the form."""
    asked = clocks.terms_of(incident).knob("close_fields")
    return [field for field in FIELDS if field in asked]


def owe(incident: Incident, at: datetime) -> None:
    """It is solved: what is wanted and empty is owed in some business days. Once a field, however often it is solved.

    What was written off stays so. Called inside a verb, with the incident's row locked.
    """
    due_at = clocks.after(incident, "close_fields_bd", at)
    known = {debt.rule: debt for debt in incident.debts.all()}
    for rule in (field for field in wanted(incident) if not _said(incident, field)):
        debt = known.get(rule)
        if debt is None:
            ProcessDebt.objects.create(
                incident=incident, customer_id=incident.customer_id, rule=rule, due_at=due_at, created_at=at
            )
        elif debt.state != State.WRITTEN_OFF:
            _settle(debt, State.OPEN, due_at=due_at)


@transaction.atomic
def complete(
    incident: Incident, *, by: User, values: Mapping[str, Any], expected_version: int | None = None
) -> Incident:
    """Writes down fields of the record; what was owed of them is done. Fields that `values` leaves out stay."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "complete", by=by, expected_version=expected_version)
    kept = {field: _checked(incident, field, value) for field, value in values.items() if field in FIELDS}
    changed = [field for field, value in kept.items() if getattr(incident, field) != value]
    for field in changed:
        setattr(incident, field, kept[field])
    incident.version += 1
    incident.save(update_fields=[*changed, "version"])
    for debt in incident.debts.filter(state=State.OPEN).select_for_update(no_key=True):
        if _said(incident, debt.rule):
            _settle(debt, State.DONE, settled_at=now, settled_by=by)
    record(incident, Kind.RECORDED, by=by, at=now, fields=changed)
    return incident


@transaction.atomic
def write_off(debt: ProcessDebt, *, by: User, reason: str) -> ProcessDebt:
    """Nobody will write it down, and why; a rule that is written off too often is one that nobody needs."""
    now = moment.now()
    if reason not in ProcessDebt.Reason.values:
        raise Refused(_("Please say why it is written off."))
    incident = locked(debt.incident)
    moves.check(incident, "write_off", by=by)
    debt = incident.debts.select_for_update(no_key=True).get(pk=debt.pk)
    if debt.state == State.WRITTEN_OFF:
        return debt
    if debt.state != State.OPEN:
        raise MoveRefused(_("Meanwhile somebody has written it down."))
    _settle(debt, State.WRITTEN_OFF, reason=reason, settled_at=now, settled_by=by)
    record(incident, Kind.WRITTEN_OFF, by=by, at=now, rule=debt.rule, reason=reason)
    return debt


def _said(incident: Incident, field: str) -> bool:
    return bool(incident.service_id if field == Rule.SERVICE else getattr(incident, field))


def _settle(debt: ProcessDebt, state: str, **values: Any) -> None:
    debt.state = state
    cleared = {"settled_at": None, "settled_by": None} if state == State.OPEN else {}
    for name, value in (cleared | values).items():
        setattr(debt, name, value)
    debt.save(update_fields=["state", *cleared, *values])


def _checked(incident: Incident, name: str, value: Any) -> Any:
    """The value as it is kept, or a sentence."""
    if name == Rule.SERVICE:
        if isinstance(value, Service) and value.customer_id != incident.customer_id:
            raise Refused(_("This service belongs to another customer."))
        return value
    field: Any = Incident._meta.get_field(name)
    text = clean(value or "")
    if field.choices and text and text not in dict(field.flatchoices):
        raise Refused(_("“%(field)s” does not know “%(text)s”.") % {"field": Rule(name).label, "text": text[:40]})
    if field.max_length and len(text) > field.max_length:
        raise Refused(
            _("“%(field)s” has %(length)d characters; at most %(most)d can be kept.")
            % {"field": Rule(name).label, "length": len(text), "most": field.max_length}
        )
    if name == Rule.OUTCOME and not text:
        return incident.outcome  # the sentence that the customer was given is not taken back
    return text
