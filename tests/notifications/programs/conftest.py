"""A customer's programs, which are told by real calls to a real server."""

import pytest

from customers.models import CustomerEvent
from incidents.models import IncidentEvent
from notifications import endpoints
from notifications.models import Delivery, Endpoint
from tests.receivers.running import receiver, receiver_process

__all__ = ["receiver", "receiver_process"]


@pytest.fixture
def add(town, contact, receiver):
    """add("webhook", "/path") -> the endpoint and its secret."""

    def make(kind: str = "webhook", path: str = "/hook", **values) -> endpoints.Made:
        name = values.pop("name", f"{kind} {Endpoint.objects.count()}")
        return endpoints.add(town, by=contact, kind=kind, name=name, url=receiver.url(path), **values)

    return make


@pytest.fixture
def told():
    """told(): what the newest event means for programs, saved, the first of it."""

    def save(event: IncidentEvent | CustomerEvent | None = None) -> Delivery:
        rows = endpoints.deliveries_for(event or IncidentEvent.objects.latest("pk"))
        return Delivery.objects.bulk_create(rows)[0]

    return save
