"""What opens a problem, what only proposes one, and what does neither."""

import pytest

from incidents import aftermath, later, lifecycle
from incidents.models import Clock, Incident
from itsm import events, moment
from problems.models import Problem
from tests import factories
from tests.incidents.moments import at


def test_a_direct_solution_by_workaround_opens_one(incident, agent) -> None:
    lifecycle.prioritise(incident, by=agent, impact=2, urgency=2)
    factories.taken(incident, agent)

    lifecycle.resolve(incident, by=agent, note="Printer 2 it is, for good.", restored_by="workaround")
    events.relay()

    assert Problem.objects.get().triggers == ["workaround"]


@pytest.mark.parametrize(("impact", "urgency", "status"), [(1, 1, "candidate"), (2, 1, "candidate"), (3, 1, None)])
def test_a_missed_restore_of_something_pressing_proposes_one(reporter, agent, impact, urgency, status) -> None:
    incident = factories.open_incident(reporter, impact=impact, urgency=urgency)
    incident.clocks.filter(kind=Clock.Kind.RESTORE).update(breached_at=incident.opened_at, detected_at=moment.now())

    factories.restored(incident, agent, "fix")
    events.relay()

    found = Problem.objects.first()
    assert (found and found.status) == status
    assert not found or found.triggers == ["restore_missed"]


@pytest.mark.parametrize(
    ("values", "trigger"),
    [({"cause_category": "data"}, "data_loss"), ({"resolution_code": "restarted"}, "rescued_by_hand")],
)
def test_what_is_written_down_later_proposes_one(reporter, agent, values, trigger) -> None:
    incident = factories.open_incident(reporter, impact=2, urgency=2)
    factories.restored(incident, agent, "fix")
    events.relay()
    assert not Problem.objects.exists()

    later.complete(incident, by=agent, values=values)
    events.relay()

    assert (Problem.objects.get().status, Problem.objects.get().triggers) == ("candidate", [trigger])


@pytest.mark.parametrize(("level", "proposed"), [(2, False), (4, True)])
def test_monitoring_that_missed_it_matters_where_it_was_agreed(town, agent, level, proposed) -> None:
    town.level = level
    town.save()
    incident = factories.open_incident(factories.UserFactory(customer=town), impact=2, urgency=1)
    factories.taken(incident, agent)
    factories.restored(incident, agent, "fix")

    later.complete(incident, by=agent, values={"detection": "user"})
    events.relay()

    assert Problem.objects.exists() == proposed


def test_who_was_only_shown_how_needs_no_problem(reporter, agent) -> None:
    incident = factories.open_incident(reporter, impact=2, urgency=2)
    factories.restored(incident, agent, "fix")

    later.complete(incident, by=agent, values={"cause_category": "data", "resolution_code": "user_guidance"})
    events.relay()

    assert not Problem.objects.exists()


def test_depth_and_dates_by_level(town, agent) -> None:
    """A workaround is looked back at lightly; a major as agreed, with a report."""
    dues = {}
    town.calendar = factories.CalendarFactory(office=True)
    for level in (1, 2, 3, 4, 5):
        town.level = level
        town.save()
        for is_major in (False, True):
            incident = factories.open_incident(factories.UserFactory(customer=town), impact=2, urgency=2)
            Incident.objects.filter(pk=incident.pk).update(is_major=is_major)
            with moment.travel(at("Mon 10:00")):
                factories.restored(incident, agent)
            events.relay()
            problem = incident.problems.get()
            days = [
                f"{due:%d}" if due else ""
                for due in (problem.review_due_at, problem.preliminary_due_at, problem.report_due_at)
            ]
            dues[level, is_major] = (problem.review_depth, *days)

    assert dues == {
        (1, False): ("none", "04", "", ""), (1, True): ("none", "04", "", "04"),
        (2, False): ("light", "09", "", ""), (2, True): ("light", "09", "", "04"),
        (3, False): ("light", "09", "", ""), (3, True): ("standard", "09", "", "09"),
        (4, False): ("light", "16", "", ""), (4, True): ("full", "16", "05", "16"),
        (5, False): ("light", "16", "", ""), (5, True): ("trend", "16", "05", "16"),
    }  # fmt: skip


def test_the_owner_is_who_is_marked_then_who_leads(worked_around, team, lead) -> None:
    assert worked_around().problems.get().owner == lead

    marked = factories.UserFactory(agent=True, member_of=team)
    marked.memberships.update(is_coordinator=True)

    assert worked_around().problems.get().owner == marked


def test_who_left_looks_after_nothing(worked_around, team, lead) -> None:
    lead.is_active = False
    lead.save()

    assert worked_around().problems.get().owner is None


def test_a_solved_incident_does_not_open_again_what_was_judged(candidate, incident, lead, agent) -> None:
    """Only "works again" judges: what follows it is the same news."""
    from_workaround = factories.open_incident(incident.reporter, impact=2, urgency=2)
    with moment.travel(at("Mon 10:00")):
        factories.restored(from_workaround, agent)
    events.relay()
    problem = from_workaround.problems.get()
    Problem.objects.filter(pk=problem.pk).update(
        status="closed", close_code="no_longer_relevant", closed_at=moment.now(), accepted_at=None
    )

    aftermath.cause_gone(from_workaround, by=agent, text="All done.")
    events.relay()

    problem.refresh_from_db()
    assert problem.status == "closed"


def test_a_service_may_have_a_coordinator_of_its_own(worked_around, town, team, lead, other_agent) -> None:
    named = factories.UserFactory(agent=True, member_of=team)
    service = factories.ServiceFactory(customer=town, coordinator=named)

    assert worked_around(service=service).problems.get().owner == named

    service.coordinator = other_agent  # serves it no more
    service.save()
    assert worked_around(service=service).problems.get().owner == lead
