"""A fair line: whoever has much to send waits for nobody, and nobody waits for them."""

import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from customers.models import StaffEvent
from itsm import events, moment
from notifications import claiming
from notifications.models import Delivery
from tests import factories

State, Rank = Delivery.State, Delivery.Rank
MANY = 100_000


def written(incident, number: int, **values) -> list[Delivery]:
    """So many messages about this incident to its reporter's number, waiting."""
    event = incident.events.get(kind="opened")
    common = {"event": event, "incident": incident, "customer": incident.customer, "kind": "received", **values}
    return Delivery.objects.bulk_create(
        Delivery(name="Somebody", address=f"p{n}.{incident.pk}@example.com", reason="reporter", **common)
        for n in range(number)
    )


@pytest.fixture
def incidents():
    """Of three customers."""
    found = [factories.open_incident(factories.UserFactory()) for _ in range(3)]
    for _ in range(3):
        events.relay()
    Delivery.objects.all().delete()
    return found


def customers(batch) -> list[int]:
    return [each.customer_id for each in batch]


@pytest.fixture
def noisy(incidents):
    """A hundred thousand of the first customer, and one of the last."""
    with connection.cursor() as cursor:
        (pattern,) = written(incidents[0], 1, rank=Rank.URGENT)
        names = [field.column for field in Delivery._meta.concrete_fields]
        other = {"id": "nextval('notifications_delivery_id_seq')", "public_id": "gen_random_uuid()",
                 "address": "'p' || n || '@example.com'"}  # fmt: skip
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(other.get(name, f'd."{name}"') for name in names)
        cursor.execute(
            f"INSERT INTO notifications_delivery ({columns}) SELECT {values} "
            f"FROM notifications_delivery d, generate_series(1, {MANY}) n WHERE d.id = {pattern.pk}"
        )
        cursor.execute("ANALYZE notifications_delivery")
    return written(incidents[2], 1, rank=Rank.BULK)[0]


def test_one_message_beside_a_hundred_thousand_is_among_the_first(noisy) -> None:
    began = time.monotonic()
    batch = claiming.Line("email").claim()
    took = time.monotonic() - began

    assert noisy in batch[:2]
    assert len(batch) > claiming.BATCH // 2 - 1
    assert took < 1


def test_the_claim_walks_by_the_index(noisy) -> None:
    line = claiming.Line("email")
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        line._fair()
    questions = [each["sql"] for each in asked if "line" in each["sql"]]
    plans = []
    with transaction.atomic(), connection.cursor() as cursor:
        for question in questions:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {question}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    assert len(plans) == 2
    for plan in plans:
        assert "Seq Scan" not in plan
        assert "delivery_waiting" in plan
        buffers = [int(part.split("=")[1]) for part in plan.split("Buffers:")[1].split() if part.startswith("hit=")]
        assert buffers[0] < 1500, plan


def test_the_second_claim_goes_on_where_the_first_ended(incidents, monkeypatch) -> None:
    monkeypatch.setattr(claiming, "BATCH", 2)
    for incident in incidents:
        written(incident, 3)
    line = claiming.Line("email")

    order = [customers(line.claim()) for _ in range(5)]

    first, second, third = (incident.customer_id for incident in incidents)
    assert order == [[first, second], [third, third], [first, second], [third], [first, second]]


def test_of_one_customer_what_is_urgent_goes_first(incidents) -> None:
    bulk = written(incidents[0], 2, rank=Rank.BULK)
    Delivery.objects.update(next_try_at=Now() - timedelta(minutes=5))
    normal = written(incidents[1], 1)
    Delivery.objects.filter(pk=normal[0].pk).update(customer=incidents[0].customer)
    urgent = written(incidents[2], 1, rank=Rank.URGENT)
    Delivery.objects.filter(pk=urgent[0].pk).update(customer=incidents[0].customer)

    assert claiming.Line("email").claim() == [*urgent, *normal, *bulk]


def test_each_customer_has_a_first_before_anybody_has_a_second(incidents) -> None:
    for incident in incidents:
        written(incident, 3)

    batch = claiming.Line("email").claim()

    ids = [incident.customer_id for incident in incidents]
    assert customers(batch) == ids * 3


def test_lanes_do_not_see_each_other(incidents) -> None:
    written(incidents[0], 1, channel="sms")

    assert claiming.Line("email").claim() == []
    assert len(claiming.Line("sms").claim()) == 1


def test_what_belongs_to_no_customer_is_claimed_beside_the_others(incidents) -> None:
    person = factories.UserFactory(agent=True)
    event = StaffEvent.objects.create(person=person, kind=StaffEvent.Kind.INVITED, occurred_at=moment.now())
    values = {"recipient": person, "address": person.email, "kind": "invitation", "reason": "themselves"}
    of_nobody = Delivery.objects.create(staff_event=event, **values)
    of_somebody = written(incidents[0], 60)

    batch = claiming.Line("email").claim()

    assert of_nobody in batch
    assert batch[1] == of_somebody[0]


def test_what_is_not_due_or_held_is_not_claimed(incidents) -> None:
    written(incidents[0], 1, next_try_at=Now() + timedelta(minutes=1))
    written(incidents[1], 1, state=State.HELD, held_for="quiet", next_try_at=Now() - timedelta(minutes=1))

    assert claiming.Line("email").claim() == []


def test_two_workers_never_get_the_same(incidents) -> None:
    written(incidents[0], 5)

    one, other = claiming.Line("email").claim(), claiming.Line("email").claim()

    assert len(one) == 5
    assert other == []
