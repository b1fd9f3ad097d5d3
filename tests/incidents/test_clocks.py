"""When clocks start, pause, go on and stop; each rule with the town's wall clock beside it."""

import pytest

from customers import policy
from incidents import clocks, conversation, lifecycle, queries
from incidents.models import Incident
from incidents.sla import ledger
from itsm import moment
from tests import factories
from tests.incidents.moments import at, clock, misses, states

Status = Incident.Status
P1, P2, P3, P4 = ({"impact": i, "urgency": u} for i, u in [(1, 1), (2, 1), (2, 2), (3, 3)])


def opened(reporter, when, **values):
    with moment.travel(at(when)):
        return factories.open_incident(reporter, **values)


def said(when, verb, incident, by, **values):
    """`verb` at `when`, with words where it needs some."""
    words = {
        "update": {"text": "Still on it."},
        "add": {"text": "It is the left one."},
        "ask": {"question": "Which one?"},
        "restore": {"outcome": "Use printer 2.", "restored_by": "workaround"},
    }.get(verb, {})
    home = conversation if verb in {"update", "note", "add"} else lifecycle
    with moment.travel(at(when)):
        return getattr(home, verb)(incident, by=by, **(words | values))


def used(incident, kind, when):
    """Working minutes the latest clock of this kind has used."""
    book = ledger.from_json(clock(incident, kind).ledger)
    return ledger.elapsed(book, at(when), policy.terms(incident.policy).calendars) / 60


# --- response


@pytest.mark.parametrize("verb", ["take", "note", "prioritise"])
def test_response_waits_for_a_human_word(verb, reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    said("Mon 09:15", verb, incident, agent, **{"note": {"text": "?"}, "prioritise": P1}.get(verb, {}))

    assert states(incident)["response"] == "running"


@pytest.mark.parametrize("verb", ["update", "ask", "restore"])
def test_response_ends_with_the_first_public_word(verb, reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    said("Mon 09:24", verb, incident, agent)

    response = clock(incident, "response")
    assert (response.state, response.stopped_at, response.breached_at) == ("stopped", at("Mon 09:24"), None)


def test_response_is_not_given_by_the_customer(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    said("Mon 09:15", "add", incident, reporter)

    assert states(incident) == {"response": "running", "restore": "running"}


@pytest.mark.parametrize(("answered", "breached"), [("Mon 09:40:00", None), ("Mon 09:40:01", "Mon 09:40")])
def test_response_just_in_time_is_in_time(answered, breached, reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    said(answered, "update", incident, agent)

    assert clock(incident, "response").breached_at == (breached and at(breached))
    assert misses(incident) == ([("response", at(breached))] if breached else [])


def test_response_does_not_pause(reporter, agent):
    """There is no way to wait for the customer without a word to them."""
    incident = opened(reporter, "Mon 09:10", **P2)

    incident = said("Mon 09:20", "ask", incident, agent)

    assert states(incident) == {"response": "stopped", "update": "running", "restore": "paused"}


# --- promise


def test_promise_starts_again_with_each_public_word(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    for when, due in [("Mon 09:24", "Mon 10:24"), ("Mon 10:20", "Mon 11:20"), ("Mon 10:21", "Mon 11:21")]:
        said(when, "update", incident, agent)
        assert clock(incident, "update").due_at == at(due)

    assert list(incident.clocks.filter(kind="update").order_by("cycle").values_list("cycle", "state")) == [
        (1, "stopped"), (2, "stopped"), (3, "running")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "due"), [("Mon 09:45", "Mon 09:45"), ("Mon 10:24", "Mon 10:24"), ("Mon 16:00", "Mon 10:24")]
)
def test_chosen_time_wins_when_it_is_earlier_and_never_when_later(chosen, due, reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    incident = said("Mon 09:24", "update", incident, agent, next_update_at=at(chosen))

    assert clock(incident, "update").due_at == at(due)
    assert incident.events.last().next_update_at == at(due)


def test_latest_promise_is_what_the_form_may_offer(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    assert clocks.latest_promise(incident, at("Mon 09:24")) == at("Mon 10:24")
    restored = said("Mon 09:31", "restore", incident, agent)
    assert clocks.latest_promise(restored, at("Mon 09:31")) == at("Mon 11:31")


def test_gap_doubles_while_it_works_again_and_ends_when_solved(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    said("Mon 09:31", "restore", incident, agent)
    assert clock(incident, "update").due_at == at("Mon 11:31")
    said("Mon 11:25", "update", incident, agent)
    assert clock(incident, "update").due_at == at("Mon 13:25")
    said("Mon 13:00", "resolve", incident, agent)

    assert states(incident)["update"] == "cancelled", "solved without a word: the promise of one was not kept by that"
    assert misses(incident) == []


def test_gap_is_the_normal_one_again_after_a_relapse(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)
    said("Mon 09:31", "restore", incident, agent)

    said("Mon 09:40", "still_broken", incident, reporter)

    assert clock(incident, "update").due_at == at("Mon 10:40")


def test_earlier_promise_outlives_a_relapse(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)
    said("Mon 09:31", "restore", incident, agent, next_update_at=at("Mon 10:00"))

    said("Mon 09:40", "still_broken", incident, reporter)

    assert clock(incident, "update").due_at == at("Mon 10:00")


def test_missed_promise_stays_missed_after_a_relapse_and_is_missed_once(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)
    said("Mon 09:31", "restore", incident, agent, next_update_at=at("Mon 10:00"))

    said("Mon 10:30", "still_broken", incident, reporter)
    clocks.sweep(now=at("Mon 11:00"))

    assert clock(incident, "update").is_late
    assert misses(incident) == [("update", at("Mon 10:00"))]


def test_promise_runs_on_while_we_wait(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)

    said("Mon 09:24", "ask", incident, agent)

    assert clock(incident, "update").due_at == at("Mon 10:24")


def test_late_word_is_late_even_when_nobody_looked(reporter, agent):
    incident = opened(reporter, "Mon 09:10", **P2)
    said("Mon 09:24", "update", incident, agent)

    said("Mon 10:30", "update", incident, agent)

    assert misses(incident) == [("update", at("Mon 10:24"))]
    assert incident.clocks.get(kind="update", cycle=1).breached_at == at("Mon 10:24")
    assert incident.clocks.get(kind="update", cycle=2).breached_at is None


# --- restore


def test_restore_pauses_only_while_we_wait_for_the_customer(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P2)

    said("Mon 10:00", "ask", incident, agent)
    assert (states(incident)["restore"], clock(incident, "restore").due_at) == ("paused", None)
    incident = said("Mon 12:30", "add", incident, reporter)

    assert clock(incident, "restore").due_at == at("Mon 19:30")
    assert used(incident, "restore", "Mon 13:00") == 90


def test_restore_goes_on_when_the_customers_words_arrive(reporter, agent):
    """Not when somebody reads them, and not with the agent's next step."""
    incident = opened(reporter, "Mon 09:00", **P2)
    said("Mon 10:00", "ask", incident, agent)
    said("Mon 11:00", "add", incident, reporter)

    incident = said("Mon 12:00", "restore", incident, agent)

    assert used(incident, "restore", "Mon 18:00") == 120


@pytest.mark.parametrize("verb", ["restore", "resolve"])
def test_restore_stops_and_does_not_count_the_waiting(verb, reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P2)
    said("Mon 10:00", "ask", incident, agent)

    incident = said("Mon 17:45", verb, incident, agent)

    assert (states(incident)["restore"], clock(incident, "restore").stopped_at) == ("stopped", at("Mon 17:45"))
    assert used(incident, "restore", "Mon 18:00") == 60
    assert "restore" not in dict(misses(incident))


def test_paused_clock_is_never_late(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P1)
    said("Mon 12:59", "ask", incident, agent)

    clocks.sweep(now=at("Wed 12:00"))

    assert ("restore", at("Mon 13:00")) not in misses(incident)
    assert clock(incident, "restore").breached_at is None


@pytest.mark.parametrize("verb", [["restore"], ["restore", "resolve"]])
def test_relapse_goes_on_with_the_time_already_used(verb, reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P2)
    for step in verb:
        said("Mon 10:00", step, incident, agent)

    incident = said("Mon 14:00", "still_broken", incident, reporter)

    assert (states(incident)["restore"], clock(incident, "restore").stopped_at) == ("running", None)
    assert clock(incident, "restore").due_at == at("Mon 21:00")
    assert incident.clocks.filter(kind="restore").count() == 1


def test_relapse_over_a_night_in_office_hours(office, reporter, agent):
    incident = opened(reporter, "Mon 15:00", **P2)
    said("Mon 17:00", "restore", incident, agent)

    incident = said("Mon 20:00", "still_broken", incident, reporter)

    assert clock(incident, "restore").due_at == at("Tue 14:00")
    assert used(incident, "restore", "Tue 09:00") == 180


def test_relapse_of_a_late_incident_stays_late(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P1)
    said("Mon 13:30", "restore", incident, agent)
    said("Mon 14:00", "still_broken", incident, reporter)
    said("Mon 14:05", "restore", incident, agent)

    assert clock(incident, "restore").breached_at == at("Mon 13:00")
    assert misses(incident).count(("restore", at("Mon 13:00"))) == 1


def test_tie_is_met_and_a_relapse_after_it_is_late_a_second_later(reporter, agent):
    """With the whole target used, nothing is left to run; the sweep must still find it."""
    incident = opened(reporter, "Mon 09:00", **P1)
    incident = said("Mon 13:00", "restore", incident, agent)
    assert clock(incident, "restore").breached_at is None
    said("Mon 14:00", "still_broken", incident, reporter)
    assert clock(incident, "restore").breached_at is None

    clocks.sweep(now=at("Mon 14:00:01"))

    assert ("restore", at("Mon 14:00")) in misses(incident)


# --- priority


def test_raised_priority_keeps_the_time_used(office, reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P3)  # three working days

    said("Mon 11:00", "prioritise", incident, agent, **P2)  # eight hours

    restore = clock(incident, "restore")
    assert (restore.due_at, restore.target_s, restore.priority) == (at("Mon 17:00"), 8 * 3600, 2)
    assert used(incident, "restore", "Mon 11:00") == 120


def test_raised_to_what_was_used_up_is_late_at_the_change(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P3)

    said("Mon 15:00", "prioritise", incident, agent, **P1)

    restore = clock(incident, "restore")
    assert (restore.due_at, restore.breached_at) == (at("Mon 13:00"), at("Mon 15:00"))
    assert ("restore", at("Mon 15:00")) in misses(incident)


def test_lowered_priority_forgives_no_lateness(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P1)
    said("Mon 13:30", "prioritise", incident, agent, **P4)

    assert clock(incident, "restore").breached_at == at("Mon 13:00")
    assert clock(incident, "restore").due_at > at("Mon 18:00")


def test_same_priority_by_other_reasons_moves_no_clock(reporter, agent):
    incident = opened(reporter, "Mon 09:00", impact=1, urgency=2)
    before = clock(incident, "restore").ledger

    incident = said("Mon 11:00", "prioritise", incident, agent, **P2)

    assert (incident.impact, incident.priority) == (2, 2)
    assert clock(incident, "restore").ledger == before


# --- coverage


def test_critical_service_is_covered_round_the_clock_when_it_stands_still(office, reporter, team):
    phones = factories.ServiceFactory(customer=office, is_critical=True)

    urgent = opened(reporter, "Fri 19:00", service=phones, **P1)
    hampered = opened(reporter, "Fri 19:00", service=phones, **P3)
    ordinary = opened(reporter, "Fri 19:00", **P1)

    assert clock(urgent, "response").due_at == at("Fri 19:15")
    assert clock(urgent, "restore").due_at == at("Fri 23:00")
    assert clock(hampered, "response").due_at == at("next Mon 10:00")
    assert clock(ordinary, "restore").due_at == at("next Mon 12:00")


def test_business_days_are_the_customers_days(office, reporter, team):
    incident = opened(reporter, "Thu 16:00", **P3)

    assert clock(incident, "restore").due_at == at("next Tue 16:00")


def test_level_decides_what_is_owed(office, reporter, agent):
    office.level = 4
    office.save()

    incident = opened(reporter, "Sat 10:00", **P1)

    assert clock(incident, "restore").due_at == at("Sat 12:00")
    assert clock(incident, "restore").level == 4


def test_new_agreement_moves_no_clock_that_runs(office, reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P2)
    office.level = 5
    office.save()

    said("Mon 09:10", "update", incident, agent)

    assert (clock(incident, "update").due_at, clock(incident, "update").level) == (at("Mon 10:10"), 1)


# --- closing and reopening


def test_solved_closes_after_the_days_agreed(office, reporter, agent):
    incident = opened(reporter, "2026-03-02 09:00")
    said("2026-03-02 10:00", "resolve", said("2026-03-02 10:00", "restore", incident, agent), agent)

    with moment.travel(at("2026-03-16 09:59")):
        assert lifecycle.close_overdue() == 0
    with moment.travel(at("2026-03-16 10:00")):
        assert lifecycle.close_overdue() == 1

    incident.refresh_from_db()
    assert (incident.status, incident.closed_at) == (Status.CLOSED, at("2026-03-16 10:00"))
    assert incident.events.last().actor is None


@pytest.mark.parametrize("closed", [False, True])
def test_still_broken_counts_to_the_last_second_of_the_window(closed, office, reporter, agent):
    incident = opened(reporter, "2026-03-02 09:00")
    said("2026-03-02 10:00", "resolve", said("2026-03-02 10:00", "restore", incident, agent), agent)
    if closed:
        said("2026-03-02 11:00", "close", incident, agent)

    anew = said("2026-03-16 10:00:01", "still_broken", incident, reporter)
    assert (anew.follows, anew.status, anew.opened_at) == (incident, Status.NEW, at("2026-03-16 10:00:01"))
    assert states(anew) == {"response": "running", "restore": "running"}
    incident = said("2026-03-16 10:00:00", "still_broken", incident, reporter)

    assert (incident.status, incident.closed_at, incident.reopened) == (Status.IN_PROGRESS, None, 1)


def test_cancelled_clocks_are_no_verdict(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P1)

    said("Mon 09:05", "cancel", incident, agent, reason="A double of another one.")

    assert set(states(incident).values()) == {"cancelled"}
    assert clocks.sweep(now=at("Fri 09:00")) == 0
    assert not incident.clocks.judged_between(at("Mon 00:00"), at("Sun 00:00")).exists()


def test_cancelling_hides_no_lateness(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P1)

    said("Mon 14:00", "cancel", incident, agent, reason="A double of another one.")

    judged = incident.clocks.judged_between(at("Mon 00:00"), at("Sun 00:00"))
    assert sorted(judged.missed().values_list("kind", flat=True)) == ["response", "restore"]
    assert not judged.met().exists()


# --- as they are drawn


def test_face_of_a_clock(reporter, agent):
    incident = opened(reporter, "Mon 09:00", **P1)
    terms = policy.terms(incident.policy)

    def face(when):
        return queries.face(clock(incident, "restore"), terms, at(when))

    assert (face("Mon 10:00").meaning, face("Mon 10:00").remaining_s) == ("calm", 3 * 3600)
    assert face("Mon 12:00").meaning == "attention"
    assert (face("Mon 13:10").meaning, face("Mon 13:10").remaining_s) == ("late", -600)
    said("Mon 10:00", "ask", incident, agent)
    assert (face("Mon 12:00").meaning, face("Mon 12:00").paused_reason) == ("paused", "Which one?")


def test_face_after_hours_counts_working_time(office, reporter, agent):
    incident = opened(reporter, "Mon 17:00", **P2)

    shown = queries.face(clock(incident, "restore"), policy.terms(incident.policy), at("Mon 20:00"))

    assert shown.remaining_s == 7 * 3600
