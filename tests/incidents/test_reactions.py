"""Whoever leaves leaves no incident behind."""

import pytest

from customers import people
from itsm import events
from notifications.models import Delivery
from tests import factories


@pytest.fixture
def owned(reporter, agent):
    taken = factories.taken(factories.open_incident(reporter, text="Taken"), agent)
    answered = factories.answered(factories.open_incident(reporter, text="In progress"), agent)
    restored = factories.restored(factories.open_incident(reporter, text="Works again"), agent)
    over = factories.resolved(factories.open_incident(reporter, text="Over"), agent)
    return taken, answered, restored, over


def test_the_incidents_of_who_leaves_go_back_to_the_queue(manager, agent, lead, owned) -> None:
    people.deactivate(agent, by=manager)
    events.relay()

    for incident in owned:
        incident.refresh_from_db()
    assert [incident.owner for incident in owned] == [None, None, None, agent]
    assert [incident.status for incident in owned] == ["new", "new", "restored", "resolved"]
    event = owned[0].events.get(kind="returned")
    assert (event.actor, event.data["before"]) == (manager, "Ines Keller")
    assert owned[0].clocks.get(kind="restore").state == "running"


def test_the_lead_is_told_once(manager, agent, lead, owned) -> None:
    people.deactivate(agent, by=manager)
    events.relay()

    mail = Delivery.objects.outside().get(kind="colleague_left")
    assert (mail.recipient, mail.customer, mail.incident) == (lead, None, None)


def test_nobody_is_told_when_nothing_was_left(manager, agent, lead) -> None:
    people.deactivate(agent, by=manager)
    events.relay()

    assert not Delivery.objects.exists()


def test_who_came_back_meanwhile_keeps_them(manager, agent, lead, owned) -> None:
    people.deactivate(agent, by=manager)
    people.reactivate(agent, by=manager)
    events.relay()

    owned[0].refresh_from_db()
    assert owned[0].owner == agent
