"""From events to deliveries."""

from customers.models import User
from incidents.models import IncidentEvent
from itsm import moment, wakeup
from notifications.models import Delivery
from notifications.relay import consume
from problems import lifecycle as problems
from tests import factories


def opened(incident) -> IncidentEvent:
    """As the relay reads it: fresh."""
    return IncidentEvent.objects.get(incident=incident)


def test_consume_writes_one_delivery_per_person(incident, reporter) -> None:
    consume(opened(incident))

    delivery = Delivery.objects.outside().get()
    assert (delivery.recipient, delivery.address, delivery.kind) == (reporter, reporter.email, "received")
    assert (delivery.incident, delivery.customer, delivery.state) == (incident, incident.customer, "queued")


def test_consume_twice_writes_nothing_new(incident) -> None:
    consume(opened(incident))
    before = Delivery.objects.outside().values().get()

    consume(opened(incident))

    assert Delivery.objects.outside().values().get() == before


def test_consume_leaves_other_events_alone(incident, agent) -> None:
    problem = problems.open_for(factories.restored(incident, agent), at=moment.now())

    consume(problem.events.earliest("pk"))

    assert not Delivery.objects.exists()


def test_consume_asks_for_the_sender(incident, monkeypatch, django_capture_on_commit_callbacks) -> None:
    asked = []
    monkeypatch.setattr(wakeup._messenger, "want", asked.append)

    with django_capture_on_commit_callbacks(execute=True):
        consume(opened(incident))

    assert asked == ["notifications.tasks.send_due"]


def test_consume_asks_nobody_when_nobody_is_told(incident, monkeypatch, django_capture_on_commit_callbacks) -> None:
    User.objects.update(is_active=False)

    with django_capture_on_commit_callbacks() as callbacks:
        consume(opened(incident))

    assert callbacks == []


def test_a_delivery_keeps_the_address_it_was_made_for(incident, reporter) -> None:
    consume(opened(incident))
    User.objects.filter(pk=reporter.pk).update(email="new@example.com")

    assert Delivery.objects.outside().get().address == reporter.email
