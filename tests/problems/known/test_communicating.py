"""Passing a workaround on: says first how many it reaches; each incident hears once, whoever dies when."""

import uuid

import pytest

from incidents import lifecycle
from incidents.models import Incident, Message
from itsm import events, moment
from itsm.refusal import Refused
from problems import communicating
from problems.models import Communication, KnownError, Problem
from tests import factories

TEXT = "Until it is repaired: please use the printer in room 4."


@pytest.fixture
def problem(reporter, colleague, team, agent, at_the_desk) -> Problem:
    """Three open incidents of two people, one of which works again, and one that is over."""
    incidents = [factories.open_incident(who, impact=2) for who in (reporter, colleague, colleague)]
    over = factories.open_incident(reporter)
    for incident in (incidents[0], over):
        factories.restored(incident, agent)
    lifecycle.resolve(over, by=agent)
    events.relay()
    problem = Problem.objects.get()
    problem.incidents.set([*incidents, over])
    KnownError.objects.filter(pk=at_the_desk.pk).update(problem=problem)
    return problem


def begin(known, agent, token=None, text=TEXT) -> Communication:
    return communicating.begin(known, by=agent, text=text, client_token=token or uuid.uuid4())


def told() -> int:
    return Message.objects.filter(body=TEXT, is_public=True).count()


def test_it_says_first_how_many_people_it_reaches(problem, agent, incident, town) -> None:
    assert communicating.reach(problem, agent) == communicating.Reach(people=2, incidents=3)

    open_one = problem.incidents.down()[0]
    follower = factories.UserFactory(customer=town)
    open_one.followers.create(person=follower, customer=town, why="follows", created_at=moment.now())

    assert communicating.reach(problem, agent).people == 3


def test_each_open_incident_gets_an_update_by_this_agent(problem, at_the_desk, agent) -> None:
    begin(at_the_desk, agent)
    assert told() == 0

    communicating.go_on()

    assert told() == 3
    assert set(Message.objects.filter(body=TEXT).values_list("author", flat=True)) == {agent.pk}
    job = Communication.objects.get()
    assert (job.told, job.left_out, bool(job.finished_at)) == (3, 1, True)
    assert at_the_desk.events.get(kind="communicated").data == {"told": 3, "left_out": 1}
    assert KnownError.objects.get(pk=at_the_desk.pk).times_used == 3


def test_a_form_sent_twice_and_a_worker_killed_in_between_tell_once(problem, at_the_desk, agent, monkeypatch) -> None:
    token = uuid.uuid4()
    assert begin(at_the_desk, agent, token) == begin(at_the_desk, agent, token)
    monkeypatch.setattr(communicating, "BATCH", 1)
    job = Communication.objects.get()
    communicating.work(job)
    Communication.objects.update(cursor=0)  # the mark of the first was lost, its update was not

    communicating.go_on()
    Communication.objects.update(seen_at=None)
    communicating.go_on()

    assert told() == 3
    assert Communication.objects.get().finished_at


def test_what_is_over_by_then_is_left_out(problem, at_the_desk, agent) -> None:
    begin(at_the_desk, agent)
    lifecycle.resolve(problem.incidents.get(status="restored"), by=agent)

    communicating.go_on()

    assert told() == 2


def test_who_serves_the_customer_no_more_tells_nobody(problem, at_the_desk, agent) -> None:
    begin(at_the_desk, agent)
    agent.memberships.all().delete()

    communicating.go_on()

    assert told() == 0


def test_it_names_no_other_customer(problem, at_the_desk, agent, stranger) -> None:
    with pytest.raises(Refused, match="Quillpay"):
        begin(at_the_desk, agent, text="As at Quillpay: switch it off and on")

    assert not Communication.objects.exists()


def test_nobody_waits_nobody_is_told(problem, at_the_desk, agent) -> None:
    Incident.objects.update(status="closed", resolved_at=moment.now(), closed_at=moment.now(), restored_by="fix",
                            restored_at=moment.now())  # fmt: skip

    with pytest.raises(Refused, match="nobody waits"):
        begin(at_the_desk, agent)


def test_without_a_problem_there_is_no_list(at_the_desk, agent) -> None:
    with pytest.raises(Refused, match="belongs to no problem"):
        begin(at_the_desk, agent)
