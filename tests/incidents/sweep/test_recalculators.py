"""An edit of a calendar is applied by real processes, one of them killed in the middle."""

import pytest

from incidents import recalculation
from incidents.models import Clock, Incident, IncidentEvent, Recalculation
from incidents.sla import hours
from tests import factories
from tests.faults.stack import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
INCIDENTS = 60
State = Recalculation.State
# Small batches, so that a kill hits the middle of the work; a short silence is enough to be taken for dead.
RECALCULATOR = """
import time, datetime, django
django.setup()
from incidents import recalculation
recalculation.BATCH = 3
recalculation.WITHOUT_A_SIGN = datetime.timedelta(seconds=1)
while True:
    recalculation.go_on()
    time.sleep(0.05)
"""


@pytest.fixture
def proposed(office, reporter, team, lead):
    """One hour a day in place of ten: eight hours to restore end about a week later, whenever this runs."""
    for _ in range(INCIDENTS):
        factories.open_incident(reporter, impact=1, urgency=2)
    week = {day: [["09:00", "10:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return recalculation.propose_calendar(office.calendar, {"spec": office.calendar.spec | {"weekly": week}}, by=lead)


def job() -> Recalculation:
    return Recalculation.objects.get()


def test_a_kill_in_the_middle_moves_no_clock_twice_and_forgets_none(workers, proposed, office, lead) -> None:
    first = workers(RECALCULATOR)
    wait_for(lambda: job().state == State.READY)
    foreseen = job().clocks_moved
    recalculation.decide(job(), by=lead, apply=True)
    wait_for(lambda: job().incidents_done > INCIDENTS // 6, each=0.002)
    first.kill()
    assert (job().state, job().incidents_done < INCIDENTS) == (State.APPLYING, True)

    workers(RECALCULATOR)
    workers(RECALCULATOR)
    wait_for(lambda: job().state == State.DONE)

    assert (job().incidents_done, job().clocks_moved) == (INCIDENTS, foreseen)
    applied = IncidentEvent.objects.filter(kind=IncidentEvent.Kind.POLICY_APPLIED)
    assert sorted(applied.values_list("incident", flat=True)) == sorted(Incident.objects.values_list("pk", flat=True))
    office.calendar.refresh_from_db()
    for clock in Clock.objects.active().filter(kind=Clock.Kind.RESTORE):
        assert clock.due_at == hours.due(office.calendar.hours(), clock.started_at, 8 * 3600)
