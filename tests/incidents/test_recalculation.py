"""What other hours or another agreement do to open clocks: looked at, applied, and taken up again after a kill."""

import pytest
from django.db import connection

from customers.models import Calendar, User
from customers.working_hours import HoursError
from incidents import clocks, conversation, lifecycle, recalculation
from incidents.models import Clock, ClockWaiver, Recalculation
from itsm import moment
from tests import factories
from tests.incidents.crowd import at_once
from tests.incidents.moments import at, clock, history, misses

P2 = {"impact": 1, "urgency": 2}  # answer 30 min, restore 8 h
State = Recalculation.State


@pytest.fixture(autouse=True)
def _monday():
    with moment.travel(at("Mon 12:00")):
        yield


@pytest.fixture
def opened(office, reporter, team):
    """opened("Mon 09:00") -> a P2 in office hours (8 to 18)."""

    def make(when: str, **more):
        with moment.travel(at(when)):
            return factories.open_incident(reporter, **(P2 | more))

    return make


def spec(office, **changes) -> dict:
    return office.calendar.spec | changes


def looked_at(job: Recalculation) -> Recalculation:
    while recalculation.work(job):
        pass
    return Recalculation.objects.get(pk=job.pk)


def restore_due(incident):
    return clock(incident, "restore").due_at


def test_the_preview_counts_and_changes_nothing(office, opened, lead) -> None:
    incident = opened("Mon 12:00")  # restore due Tue 10:00
    before = restore_due(incident)

    job = looked_at(
        recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)
    )

    assert (job.state, job.percent, job.incidents_total) == (State.READY, 100, 1)
    assert (job.clocks_moved, job.clocks_breached, job.clocks_relieved) == (1, 0, 0)
    (example,) = job.examples
    assert (example["reference"], example["clock"]) == (incident.reference, "restore")
    assert restore_due(incident) == before
    assert Calendar.objects.get(pk=office.calendar.pk).spec["holidays"] == []


def test_applied_it_moves_what_it_said(office, opened, lead) -> None:
    incident = opened("Mon 12:00")
    job = looked_at(
        recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)
    )

    job = looked_at(recalculation.decide(job, by=lead, apply=True))

    assert (job.state, job.clocks_moved) == (State.DONE, 1)
    assert restore_due(incident) == at("2026-03-04 10:00")
    assert history(incident)[-1] == "policy_applied"
    assert Calendar.objects.get(pk=office.calendar.pk).spec["holidays"] == ["2026-03-03"]


def test_dropped_it_changes_nothing(office, opened, lead) -> None:
    incident = opened("Mon 12:00")
    before = restore_due(incident)
    job = looked_at(
        recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)
    )

    job = recalculation.decide(job, by=lead, apply=False)

    assert job.state == State.DROPPED
    assert (restore_due(incident), looked_at(job).state) == (before, State.DROPPED)


def test_longer_hours_may_make_clocks_late_at_once_and_say_so_before(office, opened, lead) -> None:
    """Open since Friday evening: with Saturday as a working day the eight hours are over."""
    with moment.travel(at("Mon 09:00")):
        incident = opened("2026-02-27 17:00")  # a Friday; due Mon 15:00 by 8 to 18
    everyday = spec(office)["weekly"] | {"sat": [["08:00", "18:00"]]}

    job = looked_at(recalculation.propose_calendar(office.calendar, {"spec": spec(office, weekly=everyday)}, by=lead))

    assert job.clocks_breached >= 1
    looked_at(recalculation.decide(job, by=lead, apply=True))
    assert ("restore", clock(incident, "restore").breached_at) in misses(incident)


@pytest.fixture
def relieved(office, opened, lead):
    """A missed answer, and a looked-at proposal by which it would have been none: a holiday on that Monday."""
    incident = opened("2026-02-27 17:40")  # Friday; the answer was due Mon 08:10
    clocks.sweep(now=at("Mon 12:00"))
    assert clock(incident, "response").breached_at
    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-02"])}, by=lead)
    return incident, looked_at(job)


def test_a_miss_that_would_be_none_is_offered_and_not_erased(relieved, lead) -> None:
    incident, job = relieved
    assert job.clocks_relieved >= 1

    looked_at(recalculation.decide(job, by=lead, apply=True))

    assert clock(incident, "response").breached_at, "breaches stay; a waiver takes them out of statistics"
    assert not ClockWaiver.objects.exists()


def test_misses_that_would_be_none_are_waived_with_it_in_the_name_of_who_decided(relieved, lead, manager) -> None:
    incident, job = relieved

    job = looked_at(recalculation.decide(job, by=manager, apply=True, waive_reason="Founding day, agreed late."))

    response = clock(incident, "response")
    assert (response.breached_at is not None, job.by, job.decided_by) == (True, lead, manager)
    waivers = ClockWaiver.objects.filter(clock=response).values_list("by", "reason")
    assert list(waivers) == [(manager.pk, "Founding day, agreed late.")]
    assert ClockWaiver.objects.count() == job.clocks_relieved


def test_the_preview_alone_waives_nothing_and_dropping_it_neither(relieved, lead) -> None:
    _, job = relieved

    looked_at(recalculation.decide(job, by=lead, apply=False, waive_reason="Founding day."))

    assert not ClockWaiver.objects.exists()


def test_who_may_no_longer_decide_waives_nothing_and_holds_nothing_up(relieved, lead) -> None:
    _, job = relieved
    job = recalculation.decide(job, by=lead, apply=True, waive_reason="Founding day.")
    User.objects.filter(pk=lead.pk).update(role=User.Role.AGENT)

    assert looked_at(job).state == State.DONE
    assert not ClockWaiver.objects.exists()


def test_an_agreement_is_applied_from_now_on_and_keeps_used_time(office, opened, lead, town) -> None:
    incident = opened("Mon 09:00")
    town.agreement = {"restore": ["4 h", "6 h", "3 bd", "5 bd"]}
    town.save()
    assert restore_due(incident) == at("Mon 17:00")  # by itself nothing moves

    job = looked_at(recalculation.propose_agreement(town, by=lead))
    looked_at(recalculation.decide(job, by=lead, apply=True))

    assert restore_due(incident) == at("Mon 15:00")


def test_a_promised_update_stands(office, opened, lead, agent, town) -> None:
    incident = opened("Mon 09:00")
    with moment.travel(at("Mon 11:50")):
        conversation.update(incident, by=agent, text="At half past twelve.", next_update_at=at("Mon 12:30"))
    town.agreement = {"update": ["30 min", "4 h", "1 bd", "3 bd"]}
    town.save()

    looked_at(recalculation.decide(looked_at(recalculation.propose_agreement(town, by=lead)), by=lead, apply=True))

    assert clock(incident, "update").due_at == at("Mon 12:30")


def test_others_and_what_is_over_are_not_concerned(office, opened, lead, agent, stranger) -> None:
    foreign = factories.open_incident(stranger)
    over = factories.resolved(opened("Mon 09:00"), agent)

    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)

    concerned = set(recalculation.concerned(job))
    assert not concerned & {foreign, over}


def test_a_worker_that_died_is_taken_over_where_it_stopped(office, opened, lead, monkeypatch) -> None:
    monkeypatch.setattr(recalculation, "BATCH", 2)
    incidents = [opened("Mon 12:00") for _ in range(5)]
    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)
    recalculation.decide(looked_at(job), by=lead, apply=True)
    recalculation.work(job)  # two of five; then somebody pulled the plug

    recalculation.go_on()
    assert Recalculation.objects.get().state == State.APPLYING, "its sign of life is fresh: it may still be at work"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_recalculation SET seen_at = now() - interval '1 minute'")
    recalculation.go_on()

    done = Recalculation.objects.get()
    assert (done.state, done.incidents_done, done.clocks_moved) == (State.DONE, 5, 5)
    assert [restore_due(incident) for incident in incidents] == [at("2026-03-04 10:00")] * 5
    assert all(history(incident).count("policy_applied") == 1 for incident in incidents)


def test_it_works_for_seconds_and_then_lets_others(office, opened, lead, monkeypatch) -> None:
    monkeypatch.setattr(recalculation, "BATCH", 1)
    for _ in range(3):
        opened("Mon 12:00")
    recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)

    recalculation.go_on(seconds=0.001)

    job = Recalculation.objects.get()
    assert job.state == State.PREVIEWING
    recalculation.go_on()
    job.refresh_from_db()
    assert (job.state, job.incidents_done) == (State.READY, 3)


def test_what_is_decided_is_decided_once(office, opened, lead) -> None:
    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office)}, by=lead)
    with pytest.raises(recalculation.NotNow):
        recalculation.decide(job, by=lead, apply=True)  # it is still being computed
    recalculation.decide(looked_at(job), by=lead, apply=False)
    with pytest.raises(recalculation.NotNow):
        recalculation.decide(job, by=lead, apply=True)


@pytest.mark.parametrize("weekly", [{}, {"mon": [["09:00", "08:00"]]}, {"mon": [["25:00", "26:00"]]}])
def test_hours_that_cannot_be_kept_are_refused_before_anything(office, lead, weekly) -> None:
    with pytest.raises(HoursError):
        recalculation.propose_calendar(office.calendar, {"spec": spec(office, weekly=weekly)}, by=lead)

    assert not Recalculation.objects.exists()


def test_leads_see_their_own_and_nobody_a_shared_calendar_of_others(
    office, opened, lead, manager, agent, stranger
) -> None:
    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office)}, by=lead)

    def seen(user):
        return list(Recalculation.objects.visible_to(user))

    assert (seen(lead), seen(manager), seen(agent)) == ([job], [job], [])
    stranger.customer.calendar = office.calendar
    stranger.customer.save()
    assert seen(lead) == []


@pytest.mark.django_db(transaction=True)
def test_a_verb_and_the_recalculation_do_not_get_in_each_others_way(office, opened, lead, agent) -> None:
    incident = opened("Mon 12:00")
    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)
    recalculation.decide(looked_at(job), by=lead, apply=True)

    def speak():
        with moment.travel(at("Mon 12:01")):
            return conversation.update(incident, by=agent, text="We look.")

    def apply():
        with moment.travel(at("Mon 12:01")):
            return recalculation.work(job)

    outcomes = at_once(speak, apply)

    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert restore_due(incident) == at("2026-03-04 10:00")
    assert clock(incident, "update").state == Clock.State.RUNNING
    assert lifecycle.clocks.sweep(now=at("Mon 12:02")) == 0


def test_a_second_change_waits_until_the_first_one_is_applied(office, opened, lead) -> None:
    opened("Mon 12:00")
    first = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)
    recalculation.decide(looked_at(first), by=lead, apply=True)
    office.calendar.refresh_from_db()
    second = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-04"])}, by=lead)
    looked_at(second)

    with pytest.raises(recalculation.NotNow, match="still being applied"):
        recalculation.decide(second, by=lead, apply=True)

    looked_at(first)
    assert recalculation.decide(second, by=lead, apply=True).state == State.APPLYING


def test_a_name_that_was_taken_meanwhile_is_refused_and_saves_nothing(office, lead) -> None:
    change = {"name": "Summer", "spec": spec(office, holidays=["2026-03-03"])}
    job = looked_at(recalculation.propose_calendar(office.calendar, change, by=lead))
    factories.CalendarFactory(name="Summer")

    with pytest.raises(recalculation.NotNow, match="another calendar is called “Summer”"):
        recalculation.decide(job, by=lead, apply=True)

    assert Calendar.objects.get(pk=office.calendar.pk).spec["holidays"] == []
    assert Recalculation.objects.get().state == State.READY


def test_clocks_that_cannot_be_read_hold_up_none_of_the_others(office, opened, lead, caplog) -> None:
    broken, whole = opened("Mon 12:00"), opened("Mon 12:00")
    Clock.objects.filter(incident=broken, kind="restore").update(ledger=[])
    job = recalculation.propose_calendar(office.calendar, {"spec": spec(office, holidays=["2026-03-03"])}, by=lead)

    job = looked_at(recalculation.decide(looked_at(job), by=lead, apply=True))

    assert (job.state, job.incidents_done, job.clocks_moved) == (State.DONE, 2, 1)
    assert restore_due(whole) == at("2026-03-04 10:00")
    assert {"reference": broken.reference, "unreadable": True} in job.examples
    assert "could not be recomputed" in caplog.text
    broken.refresh_from_db()
    assert broken.policy.content["calendars"][broken.policy.content["business"]]["holidays"] == []


A_MINUTE_A_WEEK = {"mon": [["09:00", "09:01"]]}


def test_hours_by_which_a_promise_never_comes_are_refused(office, opened, lead, town) -> None:
    town.agreement = {"restore": ["8760 h", "8760 h", "3 bd", "5 bd"]}
    town.save()

    with pytest.raises(HoursError, match="promised to Town of Ostermoor would take more than a century"):
        recalculation.propose_calendar(office.calendar, {"spec": spec(office, weekly=A_MINUTE_A_WEEK)}, by=lead)

    assert not Recalculation.objects.exists()


def test_a_report_is_taken_though_what_is_agreed_never_comes(office, opened, town, reporter, caplog) -> None:
    town.calendar.spec = spec(office, weekly=A_MINUTE_A_WEEK)
    town.calendar.save()
    town.agreement = {"restore": ["8760 h", "8760 h", "3 bd", "5 bd"]}
    town.save()
    reporter.refresh_from_db()

    incident = opened("Mon 12:00")

    assert set(incident.clocks.values_list("kind", flat=True)) == {"response"}
    assert "never comes" in caplog.text
