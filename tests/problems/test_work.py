"""Worksheet, notes and actions."""

from datetime import timedelta

import pytest

from itsm import moment
from itsm.refusal import Refused
from problems import actions, cards, queries, worksheet
from problems.models import Action, Problem
from problems.moves import MoveRefused, Stale
from tests import factories


def day(days: int):
    return (moment.now() + timedelta(days=days)).date()


@pytest.fixture
def action(problem, agent, lead) -> Action:
    return actions.add(problem, by=lead, kind="prevent", text="Renew certificates a month early", owner=agent,
                       due_on=day(7))  # fmt: skip


def test_the_worksheet_keeps_what_was_said_and_closes_up(problem, agent) -> None:
    problem = worksheet.write(
        problem, by=agent, whys=["The tray was lost.", " ", "The driver is old."], factors="No test\nNo spare",
        cause="An old driver", cause_category="software_defect", expected_version=1,
    )  # fmt: skip

    assert problem.whys == ["The tray was lost.", "The driver is old."]
    assert problem.get_cause_category_display() == "Software defect"
    with pytest.raises(Stale, match="Your text is kept"):
        worksheet.write(problem, by=agent, whys=[], expected_version=1)


@pytest.mark.parametrize(("depth", "whys"), [("none", 3), ("light", 3), ("standard", 5), ("full", 5), ("trend", 5)])
def test_three_whys_where_it_is_light(problem, depth, whys) -> None:
    problem.review_depth = depth

    assert len(queries.whys(problem)) == whys


@pytest.mark.parametrize(
    "values", [{"cause": "x" * 501}, {"whys": ["x" * 501]}, {"factors": "x" * 4001}, {"cause_category": "magic"}]
)
def test_a_worksheet_that_cannot_be_kept(problem, agent, values) -> None:
    with pytest.raises(Refused):
        worksheet.write(problem, by=agent, **({"whys": []} | values))

    problem.refresh_from_db()
    assert (problem.cause, problem.whys, problem.factors) == ("", [], "")


def test_notes_are_taken_at_any_time_and_judged_when_it_works(problem, break_again, agent) -> None:
    break_again(problem.opened_by)
    note = worksheet.find(problem, by=agent, kind="hypothesis", text="The relay?")

    with pytest.raises(MoveRefused, match="first it works again"):
        worksheet.judge(note, by=agent, state="ruled_out")
    factories.restored(problem.opened_by, agent)


def test_a_note_is_judged(problem, agent) -> None:
    note = worksheet.find(problem, by=agent, kind="hypothesis", text="The relay?")

    assert worksheet.judge(note, by=agent, state="ruled_out").state == "ruled_out"
    for state in ("", "maybe"):
        with pytest.raises(Refused):
            worksheet.judge(note, by=agent, state=state)
    for values in ({"kind": "rumour", "text": "x"}, {"kind": "evidence", "text": " \x00 "}):
        with pytest.raises(Refused):
            worksheet.find(problem, by=agent, **values)


def test_cards_of_an_incident_come_along_once(problem, agent) -> None:
    card = cards.Card(source="parkednote:1", kind="hypothesis", text="The relay?", at=moment.now(), by=agent)

    for _ in range(2):
        cards.take_over(problem, problem.opened_by, [card])

    assert [finding.text for finding in problem.findings.all()] == ["The relay?"]


def test_an_action_is_done_and_looked_at_after_a_month(action, agent, lead) -> None:
    with pytest.raises(MoveRefused, match="not done yet"):
        actions.check_effect(action, by=lead, effect="yes")

    action = actions.finish(action, by=agent)
    assert (action.state, action.check_on) == ("to_check", day(30))
    with pytest.raises(Refused, match="did not help"):
        actions.check_effect(action, by=lead, effect="no")
    action = actions.check_effect(action, by=lead, effect="unclear", note="It was summer.")

    assert (action.state, action.checked_by) == ("checked", lead)


def test_overdue_actions_and_checks_are_found(action, lead, agent) -> None:
    def late(days: int) -> bool:
        then = moment.now() + timedelta(days=days)
        return queries.overdue(Problem.objects.filter(reviewed_at=None), then).exists()

    Problem.objects.update(review_due_at=None)
    assert [late(7), late(8)] == [False, True]
    actions.finish(action, by=agent)
    assert [late(30), late(31)] == [False, True]
    actions.check_effect(Action.objects.get(), by=lead, effect="yes")
    assert not late(400)


def test_a_parked_problem_is_never_overdue(action, break_again) -> None:
    break_again(action.problem.opened_by)

    assert not queries.overdue(Problem.objects.all(), moment.now() + timedelta(days=400)).exists()


def test_actions_that_cannot_be_agreed(problem, action, agent, lead, other_agent, reporter) -> None:
    good = {"kind": "detect", "text": "Watch the dates", "owner": agent, "due_on": day(3)}
    for bad in (
        {"kind": "hope"}, {"text": "  "}, {"text": "x" * 301}, {"owner": other_agent}, {"owner": reporter},
        {"due_on": day(-2)}, {"text": action.text},
    ):  # fmt: skip
        with pytest.raises(Refused):
            actions.add(problem, by=lead, **(good | bad))

    assert problem.actions.count() == 1


def test_a_contact_may_have_a_part_in_it(problem, lead, contact) -> None:
    assert actions.add(problem, by=lead, kind="lessen", text="Name a deputy", owner=contact, due_on=day(9)).pk


def test_moving_and_dropping(action, lead) -> None:
    moved = actions.move(action, by=lead, owner=lead, due_on=day(9))
    assert (moved.owner, moved.due_on) == (lead, day(9))
    with pytest.raises(Refused, match="why it is dropped"):
        actions.drop(action, by=lead, reason="")

    actions.drop(action, by=lead, reason="The relay is gone.")

    for late in (actions.finish, lambda one, by: actions.drop(one, by=by, reason="Twice.")):
        with pytest.raises(MoveRefused):
            late(action, by=lead)
