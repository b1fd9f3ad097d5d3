"""Using a known error: the incident says so, it counts once, and time or people say whether it worked."""

import uuid
from datetime import timedelta

import pytest

from incidents import lifecycle
from incidents.models import Incident
from itsm import events, moment
from itsm.refusal import Refused
from problems import known_error_uses as uses
from problems import known_errors
from problems.models import KnownError, KnownErrorUse, Problem
from tests import factories

TEXT = "Please switch the printer off and on; then it prints."


def fresh(known) -> KnownError:
    return KnownError.objects.get(pk=known.pk)


def restored(known, incident, agent, **values) -> Incident:
    return uses.restore_by(known, incident, by=agent, text=TEXT, **values)


def test_it_works_again_by_it(at_the_desk, incident, agent) -> None:
    incident = restored(at_the_desk, incident, agent)

    assert (incident.status, incident.restored_by, incident.outcome) == ("restored", "workaround", TEXT)
    assert incident.known_error == f"{at_the_desk.reference} {at_the_desk.title}"
    known = fresh(at_the_desk)
    assert (known.times_used, known.last_success_at) == (1, None)
    assert known.last_used_at == known.uses.get().used_at


def test_pressed_twice_it_counts_once(at_the_desk, incident, agent) -> None:
    token = uuid.uuid4()
    for _ in range(2):
        restored(at_the_desk, incident, agent, client_token=token)

    assert fresh(at_the_desk).times_used == 1
    assert incident.events.filter(kind="restored").count() == 1


def test_it_leaves_no_second_draft_and_joins_its_problem(at_the_desk, incident, agent, reporter) -> None:
    first = factories.open_incident(reporter, impact=1)
    factories.restored(first, agent)
    events.relay()
    problem = Problem.objects.get()
    KnownError.objects.filter(pk=at_the_desk.pk).update(problem=problem)
    drafts = KnownError.objects.count()

    restored(at_the_desk, incident, agent)
    events.relay()

    assert KnownError.objects.count() == drafts
    assert incident in problem.incidents.all()


def test_told_to_the_reporter_it_is_an_update(at_the_desk, incident, agent) -> None:
    incident = uses.tell(at_the_desk, incident, by=agent, text=TEXT)

    assert (incident.status, at_the_desk.uses.get().way) == ("in_progress", "told")
    assert incident.messages.filter(body=TEXT).count() == 1


def test_refused_nothing_is_said(known, incident, agent) -> None:
    with pytest.raises(Refused):  # a draft
        restored(known, incident, agent)

    incident.refresh_from_db()
    assert (incident.status, incident.known_error) == ("new", "")
    assert not incident.messages.filter(body=TEXT).exists()


def test_another_customers_known_error_helps_nobody_here(at_the_desk, stranger, other_agent) -> None:
    theirs = factories.open_incident(stranger)

    with pytest.raises(Refused, match="another customer"):
        restored(at_the_desk, theirs, other_agent)


def test_a_shared_one_helps_everybody(shared, stranger, other_agent) -> None:
    restored(shared, factories.open_incident(stranger), other_agent)

    use = KnownErrorUse.objects.get()
    assert use.customer == stranger.customer
    assert list(KnownErrorUse.objects.visible_to(other_agent)) == [use]


def test_a_relapse_says_that_it_did_not_help(at_the_desk, incident, agent, reporter) -> None:
    restored(at_the_desk, incident, agent)
    lifecycle.still_broken(incident, by=reporter)
    events.relay()

    assert at_the_desk.uses.get().worked is False
    assert fresh(at_the_desk).last_success_at is None

    factories.restored(incident, agent)  # by another workaround: that one is drafted
    events.relay()
    assert KnownError.objects.filter(drafted_from=incident).exists()


def test_quiet_until_the_window_is_over_it_worked(at_the_desk, incident, agent) -> None:
    restored(at_the_desk, incident, agent)
    assert uses.settle() == 0
    incident = lifecycle.resolve(incident, by=agent)
    assert uses.settle() == 0

    after = lifecycle.reopen_until(incident) + timedelta(minutes=1)
    assert (uses.settle(after), uses.settle(after)) == (1, 0)

    assert fresh(at_the_desk).last_success_at == at_the_desk.uses.get().used_at


@pytest.mark.parametrize("worked", [True, False])
def test_an_agent_says_it(at_the_desk, incident, agent, worked) -> None:
    uses.tell(at_the_desk, incident, by=agent, text=TEXT)
    uses.judge(at_the_desk.uses.get(), by=agent, worked=worked)

    assert bool(fresh(at_the_desk).last_success_at) is worked


def test_who_helps_themselves_counts_without_an_incident(for_customers, reporter) -> None:
    token = uuid.uuid4()
    for _ in range(2):
        uses.helped(for_customers, by=reporter, client_token=token)

    known = fresh(for_customers)
    assert (known.times_used, bool(known.last_success_at)) == (1, True)
    assert not Incident.objects.exists()


def test_without_a_token_it_counts_once_a_day(for_customers, reporter) -> None:
    for _ in range(3):
        uses.helped(for_customers, by=reporter)
    with moment.travel(moment.now() + timedelta(days=1)):
        uses.helped(for_customers, by=reporter)

    assert fresh(for_customers).times_used == 2


def test_retired_it_is_used_no_more(at_the_desk, incident, agent) -> None:
    known_errors.retire(at_the_desk, by=agent)

    with pytest.raises(Refused):
        restored(at_the_desk, incident, agent)
