"""The sweep: what fell due is recorded once, with the instant at which it fell due, whoever looks and when."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models.functions import Now

from incidents import clocks, conversation, lifecycle, tasks
from incidents.models import Clock, ClockAlert, Incident, IncidentEvent
from itsm import moment
from tests import factories
from tests.incidents.crowd import at_once
from tests.incidents.moments import at, clock, history, misses

P1, P2 = {"impact": 1, "urgency": 1}, {"impact": 2, "urgency": 1}


@pytest.fixture
def urgent(reporter, team):
    """P2, reported on Monday at 09:10; the answer is due at 09:40 and the service at 17:10."""
    with moment.travel(at("Mon 09:10")):
        return factories.open_incident(reporter, **P2)


def test_missed_answer_is_stamped_with_its_due_time(urgent):
    clocks.sweep(now=at("Mon 09:52"))

    assert misses(urgent) == [("response", at("Mon 09:40"))]
    response = clock(urgent, "response")
    assert (response.breached_at, response.detected_at) == (at("Mon 09:40"), at("Mon 09:52"))
    assert response.is_late


@pytest.mark.parametrize(("looked", "late"), [("Mon 09:40:00", False), ("Mon 09:40:01", True)])
def test_just_in_time_is_in_time_and_a_second_later_is_late(looked, late, urgent):
    clocks.sweep(now=at(looked))

    assert bool(misses(urgent)) == late


def test_late_is_late_once(urgent):
    for when in ("Mon 09:41", "Mon 09:42", "Mon 11:00"):
        clocks.sweep(now=at(when))

    assert history(urgent) == ["opened", "deadline_missed"]
    assert ClockAlert.objects.filter(clock=clock(urgent, "response")).count() == 1


def test_late_event_is_of_the_system_and_says_which_clock(urgent):
    clocks.sweep(now=at("Mon 09:52"))

    late = urgent.events.last()
    assert (late.actor, late.data["clock"], late.data["due_at"]) == (None, "response", "2026-03-02T08:40:00+00:00")


def test_three_quarters_of_the_time_to_restore_warn_once(urgent, agent):
    with moment.travel(at("Mon 09:20")):
        lifecycle.restore(urgent, by=agent, outcome="Works.", restored_by="fix")
    with moment.travel(at("Mon 09:30")):
        lifecycle.still_broken(urgent, by=urgent.reporter)

    clocks.sweep(now=at("Mon 15:19:59"))
    before = history(urgent).count("clock_warned")  # half of it is used: that is another rung
    clocks.sweep(now=at("Mon 15:20"))
    clocks.sweep(now=at("Mon 15:21"))

    assert history(urgent).count("clock_warned") == before + 1
    assert IncidentEvent.objects.filter(kind="clock_warned").last().occurred_at == at("Mon 15:20")


def test_warning_that_nobody_saw_is_not_sent_after_the_miss(urgent):
    clocks.sweep(now=at("Tue 09:00"))

    assert history(urgent).count("clock_warned") == 0
    assert ("restore", at("Mon 17:10")) in misses(urgent)


def test_an_answer_warns_nobody_it_is_simply_due(urgent):
    clocks.sweep(now=at("Mon 09:39"))

    assert history(urgent) == ["opened"]


def test_nothing_due_is_nothing_done(urgent, django_assert_num_queries):
    with moment.travel(at("Mon 09:11")), django_assert_num_queries(3):  # savepoint, look, release
        assert clocks.sweep(now=at("Mon 09:11")) == 0


def test_sweep_without_a_time_asks_the_databases_clock(reporter, team):
    factories.open_incident(reporter, **P1)

    assert clocks.sweep() == 0
    Clock.objects.update(next_alert_at=at("2020-01-01 00:00"))
    assert clocks.sweep() == 1
    assert clocks.sweep() == 0


def test_outside_its_hours_nothing_falls_due(office, reporter, team):
    with moment.travel(at("Fri 17:50")):
        incident = factories.open_incident(reporter, **P2)

    clocks.sweep(now=at("Sun 12:00"))
    assert misses(incident) == []
    clocks.sweep(now=at("next Mon 08:21"))
    assert misses(incident) == [("response", at("next Mon 08:20"))]


def test_promise_missed_is_recorded_once_by_sweep_and_late_word_together(urgent, agent):
    with moment.travel(at("Mon 09:20")):
        conversation.update(urgent, by=agent, text="On it.")
    clocks.sweep(now=at("Mon 10:21"))
    with moment.travel(at("Mon 10:30")):
        conversation.update(urgent, by=agent, text="Sorry, later than promised.")
    clocks.sweep(now=at("Mon 10:31"))

    assert misses(urgent) == [("update", at("Mon 10:20"))]
    assert history(urgent) == ["opened", "updated", "deadline_missed", "updated"]


def test_more_than_a_batch_is_swept_in_one_go(reporter, team, monkeypatch):
    monkeypatch.setattr(clocks, "SWEEP_BATCH", 3)
    with moment.travel(at("Mon 09:10")):
        incidents = [factories.open_incident(reporter, **P2) for _ in range(7)]

    assert clocks.sweep(now=at("Mon 09:41")) == 7
    assert all(misses(incident) == [("response", at("Mon 09:40"))] for incident in incidents)


def test_clock_that_cannot_be_read_keeps_nobody_waiting(urgent, caplog):
    with moment.travel(at("Mon 09:10")):
        broken = factories.open_incident(urgent.reporter, **P2)
    broken.clocks.update(ledger=[], next_alert_at=at("Mon 09:11"))

    clocks.sweep(now=at("Mon 09:41"))

    assert broken.reference in caplog.text
    assert misses(urgent) == [("response", at("Mon 09:40"))]
    assert clock(broken, "response").next_alert_at == at("Mon 09:46")


def test_tasks_sweep_and_close(incident, agent):
    Clock.objects.update(next_alert_at=Now() - timedelta(hours=1))
    resolved = factories.resolved(factories.open_incident(incident.reporter), agent)
    Incident.objects.filter(pk=resolved.pk).update(resolved_at=moment.now() - timedelta(days=30))

    tasks.sweep_clocks()
    tasks.close_resolved()

    resolved.refresh_from_db()
    assert clocks.oldest_due() <= timedelta()
    assert resolved.status == "closed"


def test_oldest_due_tells_how_far_the_sweep_is_behind(urgent):
    Clock.objects.update(next_alert_at=Now() - timedelta(hours=1))
    assert timedelta(minutes=59) < clocks.oldest_due() < timedelta(minutes=61)

    Clock.objects.update(next_alert_at=None)
    assert clocks.oldest_due() == timedelta()


@pytest.mark.django_db(transaction=True)
def test_eight_sweepers_record_each_miss_once(reporter, team):
    with moment.travel(at("Mon 09:10")):
        incidents = [factories.open_incident(reporter, **P2) for _ in range(20)]

    outcomes = at_once(*[partial(clocks.sweep, now=at("Mon 09:41"))] * 8)
    clocks.sweep(now=at("Mon 09:41"))

    assert all(isinstance(outcome, int) for outcome in outcomes)
    assert [misses(incident) for incident in incidents] == [[("response", at("Mon 09:40"))]] * 20


@pytest.mark.django_db(transaction=True)
def test_sweepers_and_a_late_word_record_one_miss(urgent, agent):
    def late_word():
        with moment.travel(at("Mon 09:41")):
            return conversation.update(urgent, by=agent, text="Here we are.")

    outcomes = at_once(late_word, *[partial(clocks.sweep, now=at("Mon 09:41"))] * 5)

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert misses(urgent) == [("response", at("Mon 09:40"))]
