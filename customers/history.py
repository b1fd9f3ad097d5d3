"""Writes down what happened to a customer: one row for the history, the audit trail and the outbox."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from customers.models import Customer, CustomerEvent, User
from itsm import events

Kind = CustomerEvent.Kind


@transaction.atomic
def record(
    customer: Customer,
    kind: CustomerEvent.Kind,
    *,
    by: User | None,
    at: datetime,
    person: User | None = None,
    **data: Any,
) -> CustomerEvent:
    """Records one event under the lock of its customer; `data` holds small facts for display only (JSON)."""
    # The lock gives the events of a customer their order; a verb that holds it already does not wait.
    Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    recorded = CustomerEvent.objects.create(
        customer=customer, kind=kind, actor=by, occurred_at=at, person=person, data=data
    )
    events.announce()
    return recorded


@transaction.atomic
def record_all(
    customers: QuerySet[Customer],
    kind: CustomerEvent.Kind,
    *,
    by: User | None,
    at: datetime,
    data: Callable[[Customer], dict[str, Any]],
) -> None:
    """The same for many customers at once, in the order of their keys; `data` gives each one's facts."""
    locked = customers.order_by("pk").select_for_update(of=("self",), no_key=True)
    CustomerEvent.objects.bulk_create(
        CustomerEvent(customer=customer, kind=kind, actor=by, occurred_at=at, data=data(customer))
        for customer in locked
    )
    events.announce()
