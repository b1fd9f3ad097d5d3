"""Sweepers as real processes: two at once, one of them killed, and an hour without any."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Clock, ClockAlert, IncidentEvent
from itsm import moment
from tests import factories
from tests.faults.stack import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
INCIDENTS = 60
# Small batches, so that two get in each other's way and a kill hits one in the middle of its work.
SWEEPER = """
import time, django
django.setup()
from incidents import clocks
clocks.SWEEP_BATCH = 4
while True:
    clocks.sweep()
    time.sleep(0.02)
"""


@pytest.fixture
def sweepers(workers):
    """sweepers() -> one more process that sweeps until it is ended."""
    return lambda: workers(SWEEPER)


@pytest.fixture
def overdue(reporter, team):
    """P1s reported an hour ago of which nobody has taken notice: the answer was due 45 minutes ago."""
    with moment.travel(timezone.now() - timedelta(hours=1)):
        return [factories.open_incident(reporter, impact=1, urgency=1) for _ in range(INCIDENTS)]


def missed() -> Counter:
    events = IncidentEvent.objects.filter(kind=IncidentEvent.Kind.DEADLINE_MISSED)
    return Counter(events.values_list("data__clock_id", flat=True))


def nothing_is_due() -> bool:
    return not Clock.objects.to_alert(timezone.now()).exists()


def test_two_sweepers_and_a_kill_lose_nothing_and_tell_nothing_twice(sweepers, overdue) -> None:
    first, _second = sweepers(), sweepers()
    wait_for(lambda: ClockAlert.objects.count() > INCIDENTS // 6, each=0.01)
    first.kill()
    assert not nothing_is_due()  # it was in the middle of it
    sweepers()
    wait_for(nothing_is_due)

    answers = Clock.objects.filter(kind=Clock.Kind.RESPONSE)
    assert missed() == Counter({clock.pk: 1 for clock in answers})
    assert all(clock.breached_at == clock.due_at < clock.detected_at for clock in answers)
    assert Counter(ClockAlert.objects.values_list("clock", "threshold")).most_common(1)[0][1] == 1


def test_what_fell_due_while_nobody_swept_is_stamped_with_its_own_time(sweepers, overdue) -> None:
    sweepers()
    wait_for(nothing_is_due)

    event = IncidentEvent.objects.filter(kind=IncidentEvent.Kind.DEADLINE_MISSED).first()
    clock = Clock.objects.get(pk=event.data["clock_id"])
    assert event.occurred_at == clock.due_at
    assert timezone.now() - event.occurred_at > timedelta(minutes=44)
    assert timezone.now() - clock.detected_at < timedelta(minutes=1)
