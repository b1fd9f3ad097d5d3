"""The table of moves, and what it means to people."""

import pytest

from incidents import moves
from incidents.models import Incident

Status = Incident.Status


def test_every_state_but_the_last_ones_has_a_way_on():
    stuck = [status for status in Status if not any(status in allowed for allowed in moves.MOVES.values())]

    assert stuck == []


@pytest.mark.parametrize("status", Incident.DOWN)
def test_new_to_restored_needs_nothing_between(status, in_state, agent):
    assert moves.why_not(in_state(status), "restore", agent) is None


@pytest.mark.parametrize("status", Incident.WORKS)
def test_customer_may_always_say_no(status, in_state, reporter):
    assert moves.why_not(in_state(status), "still_broken", reporter) is None


def test_customer_may_do_what_is_theirs_and_nothing_else(in_state, reporter):
    allowed = moves.allowed_moves(in_state(Status.IN_PROGRESS), reporter)

    assert {verb for verb, reason in allowed.items() if reason is None} == {
        "add", "attach", "hear", "tell", "cancel", "choose_time", "join", "leave", "attach_to",
    }  # fmt: skip


def test_the_sentence_says_which_incident_and_its_state(in_state, agent):
    incident = in_state(Status.CLOSED)

    sentence = moves.why_not(incident, "restore", agent)

    assert incident.reference in sentence
    assert "Closed" in sentence


def test_the_system_is_held_to_the_states_too(in_state):
    assert moves.why_not(in_state(Status.IN_PROGRESS), "close", None)


def test_locked_is_fresh(incident, agent):
    Incident.objects.filter(pk=incident.pk).update(title="Meanwhile")

    assert moves.locked(incident).title == "Meanwhile"


def test_check_without_a_version_accepts_any(incident, agent):
    moves.check(incident, "take", by=agent)
    with pytest.raises(moves.Stale):
        moves.check(incident, "take", by=agent, expected_version=incident.version - 1)
