"""Several at once: one problem, one merge, one action, one message."""

from functools import partial

import pytest
from django.db import connection

from incidents import lifecycle as incidents
from itsm import events, moment
from problems import actions, lifecycle, linking, reviews, telling
from problems.models import Problem, Report, Telling
from tests import factories
from tests.incidents.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds_of(outcomes) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_two_agents_restore_and_the_problem_opens_once(reporter, agent, lead) -> None:
    incident = factories.open_incident(reporter, impact=2, urgency=1)
    both = [
        partial(incidents.restore, incident, by=who, outcome="Printer 2.", restored_by="workaround")
        for who in (agent, lead)
    ]
    assert kinds_of(at_once(*both)) == ["Incident", "MoveRefused"]

    at_once(*[events.relay] * 4, *[partial(lifecycle.open_for, incident, at=moment.now())] * 4)

    problem = Problem.objects.get()
    assert list(problem.events.values_list("kind", flat=True)) == ["opened"]


def test_eight_propose_the_same_group(reporter, agent) -> None:
    group = []
    for _ in range(3):
        incident = factories.open_incident(reporter)
        group.append(factories.restored(incident, agent))
    at = moment.now()

    outcomes = at_once(
        *[partial(lifecycle.propose, group[::step], why="recurring", at=at) for step in (1, -1) for _ in range(4)]
    )

    assert kinds_of(outcomes) == ["Problem"] * 8
    assert Problem.objects.get().incidents.count() == 3


def test_two_merge_into_each_other_and_one_does(problem, worked_around, lead) -> None:
    other = worked_around().problems.get()

    outcomes = at_once(
        partial(linking.merge, problem, by=lead, into=other), partial(linking.merge, other, by=lead, into=problem)
    )

    assert kinds_of(outcomes) == ["MoveRefused", "Problem"]
    assert Problem.objects.filter(close_code="duplicate").count() == 1


def test_two_problems_want_one_incident(problem, worked_around, reporter, agent) -> None:
    other = worked_around().problems.get()
    fresh = factories.open_incident(reporter)

    outcomes = at_once(*[partial(linking.link, one, by=agent, incident=fresh) for one in (problem, other)])

    assert kinds_of(outcomes) == ["MoveRefused", "Problem"]
    assert fresh.problems.count() == 1


def test_restoring_and_linking_at_once_end_in_the_right_state(problem, reporter, agent) -> None:
    fresh = factories.open_incident(reporter)

    at_once(
        partial(linking.link, problem, by=agent, incident=fresh),
        partial(incidents.restore, fresh, by=agent, outcome="Works.", restored_by="fix"),
    )
    events.relay()

    problem.refresh_from_db()
    assert problem.status == "open"


def test_eight_agree_on_one_action(problem, lead) -> None:
    one = partial(actions.add, problem, by=lead, kind="prevent", text="Renew", owner=lead, due_on=moment.now().date())

    assert kinds_of(at_once(*[one] * 8)) == ["Action"] + ["MoveRefused"] * 7


def test_four_workers_tell_each_reporter_once(problem, lead, reporter, agent) -> None:
    for _ in range(5):
        other = factories.restored(factories.open_incident(reporter), agent)
        linking.link(problem, by=agent, incident=other)
    lifecycle.resolve(problem, by=lead, text="Gone for good.")
    job = Telling.objects.get()

    at_once(*[telling.go_on] * 2, *[partial(telling.work, job)] * 2)
    while telling.work(job):
        pass

    said = [one.messages.filter(body="Gone for good.").count() for one in problem.incidents.all()]
    job.refresh_from_db()
    assert (said, job.told, job.finished_at is not None) == ([1] * 6, 6, True)
    assert problem.events.filter(kind="told").count() == 1


def test_two_releases_of_one_form_are_one_report(problem, lead) -> None:
    version = reviews.begin(problem, by=lead).version
    one = partial(reviews.release, problem, by=lead, text="Here.", expected_version=version)

    assert kinds_of(at_once(one, one)) == ["Report", "Stale"]
    assert Report.objects.count() == 1


def test_two_problems_taken_at_once_leave_nothing_locked(problem, lead) -> None:
    at_once(*[partial(lifecycle.investigate, problem, by=lead)] * 4)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        assert cursor.fetchone()[0] == 0
