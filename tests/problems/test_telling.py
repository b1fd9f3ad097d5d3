"""The cause is gone: all who reported it are told, once each, and may say no."""

import pytest

from incidents import lifecycle as incidents
from itsm import events
from notifications.models import Delivery
from problems import lifecycle, linking, telling
from problems.models import Problem, Telling
from problems.moves import MoveRefused
from tests import factories


@pytest.fixture
def many(problem, town, agent) -> Problem:
    """One incident that works by a workaround, one solved, one closed."""
    for end in (lambda one: None, lambda one: incidents.close(one)):
        other = factories.resolved(factories.open_incident(factories.UserFactory(customer=town)), agent)
        end(other)
        events.relay()
        linking.link(problem, by=agent, incident=other)
    return problem


def statuses(problem) -> list[str]:
    return list(problem.incidents.order_by("pk").values_list("status", flat=True))


def test_each_reporter_is_told_once_and_what_is_closed_stays_closed(many, lead) -> None:
    lifecycle.resolve(many, by=lead, text="The driver is replaced.")
    assert statuses(many) == ["restored", "resolved", "closed"]

    telling.go_on()
    telling.go_on()

    job = Telling.objects.get()
    assert (job.total, job.told, job.left_out) == (3, 2, 1)
    assert statuses(many) == ["resolved", "resolved", "closed"]
    told = [one.messages.filter(body="The driver is replaced.").count() for one in many.incidents.order_by("pk")]
    assert told == [1, 1, 0]


def test_what_a_killed_worker_left_is_taken_up_without_telling_twice(many, lead) -> None:
    lifecycle.resolve(many, by=lead, text="The driver is replaced.")
    job = Telling.objects.get()
    telling._tell(job, many.incidents.order_by("pk")[0])
    Telling.objects.update(cursor=0)  # the mark was lost with the worker

    telling.go_on()

    assert [one.messages.filter(body="The driver is replaced.").count() for one in many.incidents.order_by("pk")] == [
        1, 1, 0,
    ]  # fmt: skip


def test_the_mail_says_so_and_offers_to_say_no(many, lead) -> None:
    lifecycle.resolve(many, by=lead, text="The driver is replaced.")
    telling.go_on()
    events.relay()

    solved, known = many.incidents.order_by("pk")[:2]
    assert Delivery.objects.outside().filter(incident=solved, recipient=solved.reporter, kind="resolved").count() == 1
    assert Delivery.objects.outside().filter(incident=known, recipient=known.reporter, kind="cause_gone").count() == 1


def test_a_veto_stands_at_the_problem_and_holds_up_its_end(many, lead, agent) -> None:
    lifecycle.resolve(many, by=lead, text="The driver is replaced.")
    telling.go_on()
    events.relay()
    first = many.incidents.order_by("pk")[0]

    incidents.still_broken(first, by=first.reporter)
    events.relay()
    events.relay()

    assert many.events.filter(kind="vetoed").count() == 1
    with pytest.raises(MoveRefused, match=first.reference):
        lifecycle.close(many, by=lead, code="fixed")
    factories.restored(first, agent, "fix")
    assert lifecycle.close(many, by=lead, code="fixed").status == "closed"


def test_a_veto_that_took_another_workaround_takes_the_problem_up(many, lead, agent) -> None:
    lifecycle.resolve(many, by=lead, text="The driver is replaced.")
    telling.go_on()
    first = many.incidents.order_by("pk")[0]
    incidents.still_broken(first, by=first.reporter)
    factories.restored(first, agent, "workaround")
    events.relay()

    many.refresh_from_db()
    assert many.status == "open"


def test_while_down_nothing_is_resolved(problem, break_again, lead) -> None:
    break_again(problem.opened_by)

    with pytest.raises(MoveRefused, match="first it works again"):
        lifecycle.resolve(problem, by=lead, text="Surely fixed.")
    assert not Telling.objects.exists()
