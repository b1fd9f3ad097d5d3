"""A mail server that takes its time does not make the clocks late."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from incidents.models import Incident, IncidentEvent
from itsm import moment
from notifications.models import Delivery
from tests import factories
from tests.faults.stack import stack, wait_for


@pytest.fixture
def busy_day() -> Incident:
    """Many people are to be told of an update, and an answer falls due in eight seconds."""
    customer = factories.CustomerFactory(served=True)
    agent = factories.UserFactory(agent=True, member_of=customer.teams.get())
    for _ in range(40):
        factories.answered(factories.open_incident(factories.UserFactory(customer=customer)), agent)
    open_now = factories.open_incident(factories.UserFactory(customer=customer))
    clock = open_now.clocks.get(kind="response")
    with moment.travel(moment.now() - (clock.due_at - clock.started_at) + timedelta(seconds=8)):
        return factories.open_incident(open_now.reporter)


def test_a_missed_promise_is_noticed_within_five_seconds_though_mail_is_slow(busy_day) -> None:
    with stack() as running:
        running.catch_mail(delay=2)
        running.work("mail", queues="mail")
        running.work("rest", queues="default,sweep")
        running.beat()
        wait_for(lambda: IncidentEvent.objects.filter(incident=busy_day, kind="deadline_missed").exists(), 30, each=0.2)

        missed = IncidentEvent.objects.get(incident=busy_day, kind="deadline_missed")
        print(f"noticed after {missed.recorded_at - missed.occurred_at}, mails waiting: {waiting()}")
        assert missed.recorded_at - missed.occurred_at < timedelta(seconds=5)
        assert waiting() > 5


def waiting() -> int:
    return Delivery.objects.filter(created_at__lte=Now()).exclude(state="sent").count()
