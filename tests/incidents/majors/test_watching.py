"""Works again: it is watched for a while, and a relapse goes on where it stopped."""

from datetime import timedelta

from incidents import lifecycle, majors
from incidents.models import Incident, MajorIncident
from itsm import moment
from tests import factories
from tests.incidents.levels import person_at
from tests.incidents.moments import at, clock


def watch(incident: Incident) -> MajorIncident:
    return MajorIncident.objects.get(incident=incident)


def test_it_is_watched_for_an_hour(major, agent) -> None:
    with moment.travel(at("Mon 11:00")):
        factories.restored(major, agent)

    assert watch(major).watch_until == at("Mon 12:00")
    with moment.travel(at("Mon 13:00")):  # and nothing resolves itself
        lifecycle.close_overdue()
    major.refresh_from_db()
    assert major.status == "restored"


def test_half_an_hour_where_monitoring_is_shared(monday) -> None:
    reporter = person_at(5)
    incident = factories.open_incident(reporter)
    agent = factories.UserFactory(agent=True, member_of=incident.team)
    majors.declare(incident, by=agent)
    factories.restored(incident, agent)

    assert watch(incident).watch_until == at("Mon 10:30")


def test_a_small_incident_is_not_watched(monday, incident, agent) -> None:
    factories.restored(incident, agent)

    assert not MajorIncident.objects.exists()


def test_one_that_works_already_is_watched_from_then_on(monday, incident, agent) -> None:
    factories.restored(incident, agent)
    with moment.travel(at("Mon 10:20")):
        majors.declare(incident, by=agent)

    assert watch(incident).watch_until == at("Mon 11:00")


def test_a_relapse_goes_on_with_the_time_used(major, agent, reporter) -> None:
    with moment.travel(at("Mon 11:00")):
        factories.restored(major, agent)
    used = clock(major, "restore").due_at
    with moment.travel(at("Mon 11:20")):
        lifecycle.still_broken(major, by=reporter)

    major.refresh_from_db()
    assert (major.status, major.is_major, Incident.objects.count()) == ("in_progress", True, 1)
    assert clock(major, "restore").due_at == used + timedelta(minutes=20)  # the minutes in which it worked
    assert clock(major, "update").due_at == at("Mon 11:50")
    assert (watch(major).relapses, watch(major).watch_until) == (1, None)
    assert majors.manager_of(major).person == agent


def test_after_a_relapse_it_is_watched_for_two_hours(major, agent, reporter) -> None:
    factories.restored(major, agent)
    lifecycle.still_broken(major, by=reporter)
    with moment.travel(at("Mon 11:00")):
        factories.restored(major, agent)

    assert watch(major).watch_until == at("Mon 13:00")


def test_a_relapse_opens_the_lot_again(major, agent, reporter) -> None:
    factories.restored(major, agent)
    majors.close_lot(major, by=agent)
    lifecycle.still_broken(major, by=reporter)

    assert watch(major).lot_closed_at is None


def test_what_is_no_major_any_more_counts_no_relapse(major, agent, reporter) -> None:
    majors.downgrade(major, by=agent, reason="One site only.")
    factories.restored(major, agent)
    lifecycle.still_broken(major, by=reporter)

    assert (watch(major).relapses, watch(major).watch_until) == (0, None)
