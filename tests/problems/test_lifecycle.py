"""The states of a problem: what people decide, and what a service that is down holds back."""

from datetime import timedelta

import pytest

from incidents import lifecycle as incidents
from itsm import events, moment
from itsm.refusal import Refused
from problems import lifecycle, moves, reactions
from problems.models import Problem
from problems.moves import MoveRefused
from tests import factories

WORK = [
    "investigate", "know", "fix", "resolve", "close", "assign", "defer", "worksheet", "judge", "add_action", "review",
]  # fmt: skip


def kinds(problem) -> list[str]:
    return list(problem.events.order_by("pk").values_list("kind", flat=True))


def test_the_way_from_candidate_to_closed(candidate, lead) -> None:
    problem = lifecycle.accept(candidate, by=lead)
    assert (problem.status, problem.owner, problem.review_due_at is not None) == ("open", lead, True)

    lifecycle.investigate(problem, by=lead)
    lifecycle.know(problem, by=lead, cause="The driver loses the tray.")
    lifecycle.fix(problem, by=lead)
    lifecycle.resolve(problem, by=lead, text="The driver is replaced.")
    problem = lifecycle.close(problem, by=lead, code="fixed")

    assert (problem.status, problem.close_code, problem.cause) == ("closed", "fixed", "The driver loses the tray.")
    assert kinds(problem)[:7] == ["proposed", "accepted", "investigated", "known", "fix_begun", "resolved", "closed"]


def test_dismissed_it_is_closed_and_says_why(candidate, lead) -> None:
    with pytest.raises(Refused, match="at least one sentence"):
        lifecycle.dismiss(candidate, by=lead, reason=" ")

    problem = lifecycle.dismiss(candidate, by=lead, reason="It was a paper jam.")

    assert (problem.status, problem.close_code, problem.accepted_at) == ("closed", "no_longer_relevant", None)
    with pytest.raises(MoveRefused):
        lifecycle.accept(problem, by=lead)


@pytest.mark.parametrize("work", ["open", "investigating", "known_error", "fix_in_progress"])
def test_parked_while_down_and_back_where_it_was(problem, break_again, agent, lead, work) -> None:
    Problem.objects.filter(pk=problem.pk).update(status=work)

    break_again(problem.opened_by)
    problem.refresh_from_db()
    assert (problem.status, problem.parked_from) == ("parked", work)
    assert all(moves.why_not(problem, verb) for verb in WORK)
    assert moves.why_not(problem, "find") is None
    with pytest.raises(MoveRefused, match="first it works again"):
        lifecycle.investigate(problem, by=lead)

    factories.restored(problem.opened_by, agent)
    events.relay()
    problem.refresh_from_db()
    assert (problem.status, problem.parked_from) == (work, "")


def test_a_parked_problem_waits_for_all_its_incidents(problem, worked_around, break_again, agent, lead) -> None:
    other = worked_around()
    lifecycle.propose([problem.opened_by], why="new_kind", at=moment.now())
    other_problem = other.problems.get()
    other_problem.incidents.remove(other)
    problem.incidents.add(other)

    break_again(problem.opened_by)
    break_again(other)
    factories.restored(other, agent)
    events.relay()
    problem.refresh_from_db()
    assert problem.status == "parked"

    incidents.cancel(problem.opened_by, by=agent, reason="The cable was out.")
    events.relay()
    problem.refresh_from_db()
    assert problem.status == "open"


def test_dates_begin_anew_after_it_was_down(problem, break_again, agent) -> None:
    before = problem.review_due_at
    break_again(problem.opened_by)

    with moment.travel(moment.now() + timedelta(days=3)):
        factories.restored(problem.opened_by, agent)
        events.relay()

    problem.refresh_from_db()
    assert problem.review_due_at > before + timedelta(days=2)


def test_old_news_handed_on_again_changes_nothing(problem, lead, agent) -> None:
    lifecycle.investigate(problem, by=lead)
    lifecycle.resolve(problem, by=lead, text="Fixed.")
    before = kinds(problem)

    for event in problem.opened_by.events.order_by("pk"):
        reactions.consume(event)

    problem.refresh_from_db()
    assert (problem.status, kinds(problem)) == ("resolved", before)


def test_a_candidate_whose_incident_needed_a_workaround_is_opened(candidate, break_again, agent) -> None:
    incidents.prioritise(candidate.opened_by, by=agent, impact=2, urgency=2)
    break_again(candidate.opened_by)

    factories.restored(candidate.opened_by, agent, "workaround")
    events.relay()

    candidate.refresh_from_db()
    assert (candidate.status, candidate.triggers) == ("open", ["new_kind", "workaround"])
    assert candidate.workaround


def test_a_dismissed_one_comes_back_with_a_new_reason(candidate, break_again, agent, lead) -> None:
    lifecycle.dismiss(candidate, by=lead, reason="Once is nothing.")
    incidents.prioritise(candidate.opened_by, by=agent, impact=2, urgency=2)
    break_again(candidate.opened_by)
    factories.restored(candidate.opened_by, agent, "workaround")
    events.relay()

    candidate.refresh_from_db()
    assert (candidate.status, candidate.close_code) == ("open", "")


def test_while_down_a_proposal_is_parked_at_once(incident, agent) -> None:
    problem = lifecycle.propose([incident], why="new_kind", at=moment.now(), by=agent)

    problem.refresh_from_db()
    assert (problem.status, problem.parked_from, problem.review_due_at) == ("parked", "candidate", None)
    factories.restored(incident, agent, "fix")
    events.relay()
    problem.refresh_from_db()
    assert problem.status == "candidate"


def test_recurring_incidents_make_one_candidate_and_extend_it(worked_around) -> None:
    group = [worked_around(impact=3, urgency=3) for _ in range(4)]
    assert lifecycle.propose(group[:2], why="recurring", at=moment.now()) is None

    first = lifecycle.propose(group[:3], why="recurring", at=moment.now())
    again = lifecycle.propose(group[:3], why="recurring", at=moment.now())
    extended = lifecycle.propose(group[1:], why="recurring", at=moment.now())

    assert first == again == extended
    assert (first.status, list(first.incidents.order_by("pk"))) == ("candidate", group)
    assert kinds(first) == ["proposed", "linked"]


def test_what_was_dismissed_does_not_come_up_with_each_new_one(worked_around, lead) -> None:
    group = [worked_around(impact=3, urgency=3) for _ in range(6)]
    lifecycle.dismiss(lifecycle.propose(group[:3], why="recurring", at=moment.now()), by=lead, reason="Paper.")

    assert lifecycle.propose(group[:4], why="recurring", at=moment.now()) is None
    assert lifecycle.propose(group, why="recurring", at=moment.now()).incidents.count() == 3


def test_incidents_of_two_customers_make_no_problem(incident, stranger, agent) -> None:
    with pytest.raises(Refused, match="one customer"):
        lifecycle.propose([incident, factories.open_incident(stranger)], why="recurring", at=moment.now())


def test_a_sixth_asks_which_one_waits(worked_around, candidate, lead) -> None:
    five = [worked_around().problems.get() for _ in range(5)]
    assert {each.owner for each in five} == {lead}

    with pytest.raises(lifecycle.TooMany, match="Which one waits"):
        lifecycle.accept(candidate, by=lead)
    lifecycle.accept(candidate, by=lead, defer=five[2])

    five[2].refresh_from_db()
    assert five[2].deferred_at
    assert Problem.objects.in_hand().filter(owner=lead).count() == 5
    with pytest.raises(lifecycle.TooMany):
        lifecycle.take_up(five[2], by=lead)
    assert lifecycle.take_up(five[2], by=lead, anyway=True).deferred_at is None


def test_only_who_serves_the_customer_looks_after_it(problem, lead, agent, other_agent, contact) -> None:
    for wrong in (other_agent, contact):
        with pytest.raises(Refused, match="does not serve"):
            lifecycle.assign(problem, by=lead, owner=wrong)

    assert lifecycle.assign(problem, by=lead, owner=agent).owner == agent


def test_a_known_error_wants_its_cause(problem, lead) -> None:
    with pytest.raises(Refused, match="the cause in a sentence"):
        lifecycle.know(problem, by=lead)


def test_closing_wants_a_code_and_a_word(problem, lead) -> None:
    for code in ("", "nonsense", "duplicate"):
        with pytest.raises(Refused, match="why it is closed"):
            lifecycle.close(problem, by=lead, code=code, reason="Done.")
    with pytest.raises(Refused, match="in a sentence"):
        lifecycle.close(problem, by=lead, code="accepted_risk")
    with pytest.raises(MoveRefused, match="resolve it first"):
        lifecycle.close(problem, by=lead, code="fixed")

    assert lifecycle.close(problem, by=lead, code="accepted_risk", reason="It is cheap.").close_code == "accepted_risk"


def test_customers_decide_nothing_here(problem, contact) -> None:
    with pytest.raises(MoveRefused, match="people at the desk"):
        lifecycle.investigate(problem, by=contact)


def test_untouched_for_sixty_days_it_asks_once(problem, lead) -> None:
    soon, then = moment.now() + timedelta(days=59), moment.now() + timedelta(days=61)
    assert lifecycle.ask_untouched(soon) == 0
    assert lifecycle.ask_untouched(then) == 1
    assert lifecycle.ask_untouched(then) == 0
    problem.refresh_from_db()
    assert problem.asked_at == then

    with moment.travel(then):
        problem = lifecycle.go_on(problem, by=lead)

    assert problem.asked_at is None
    assert lifecycle.ask_untouched(then + timedelta(days=59)) == 0
    assert lifecycle.ask_untouched(then + timedelta(days=61)) == 1


def test_parked_problems_are_not_asked_about(problem, break_again) -> None:
    break_again(problem.opened_by)

    assert lifecycle.ask_untouched(moment.now() + timedelta(days=400)) == 0


def test_whatever_somebody_does_ends_the_question(problem, lead) -> None:
    lifecycle.ask_untouched(moment.now() + timedelta(days=61))

    problem = lifecycle.investigate(problem, by=lead)

    assert problem.asked_at is None
