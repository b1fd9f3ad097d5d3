"""The Town of Ostermoor: a Monday on which documents would not print at the registry counter.

Each step is a function named after its time; each test plays the day up to its hour and looks.
"""

import pytest

from customers import policy
from incidents import clocks, conversation, lifecycle, queries
from incidents.models import Clock, IncidentEvent
from itsm import moment
from tests import factories
from tests.incidents.moments import at, clock, history, misses


@pytest.fixture
def town(town):
    """Not assessed yet, so it works as Guided; weekdays from 8 to 18, by phone."""
    town.level, town.objective, town.hotline = None, "The registry counter serves citizens", "555 0142"
    town.calendar = factories.CalendarFactory(office=True)
    town.save()
    return town


@pytest.fixture
def rosa(reporter):
    """Rosa Reporter, the clerk at the registry counter."""
    return reporter


@pytest.fixture
def ines(agent):
    return agent


def at_0910_rosa_leaves_a_message_on_the_hotline(rosa):
    with moment.travel(at("Mon 09:10")):
        return lifecycle.open_incident(
            by=rosa, reporter=rosa, text="Documents won't print", origin="phone", impact=2, urgency=1
        )


def at_0924_ines_calls_back(incident, ines):
    with moment.travel(at("Mon 09:24")):
        incident = lifecycle.take(incident, by=ines)
        return conversation.update(incident, by=ines, text="We talked: please try printer 2, tray 1.")


def at_0931_it_works_over_printer_2(incident, ines):
    with moment.travel(at("Mon 09:31")):
        return lifecycle.restore(
            incident, by=ines, outcome="Works with printer 2; we repair printer 1.", restored_by="workaround"
        )


def at_1125_they_agree_on_the_technician(incident, ines):
    with moment.travel(at("Mon 11:25")):
        return conversation.update(
            incident, by=ines, text="The technician comes at 14:00, as you chose.", next_update_at=at("Mon 13:00")
        )


def at_1255_and_1400_the_technician_is_heard_of(incident, ines):
    with moment.travel(at("Mon 12:55")):
        conversation.update(incident, by=ines, text="He is on his way.", next_update_at=at("Mon 14:15"))
    with moment.travel(at("Mon 14:00")):
        return conversation.update(incident, by=ines, text="He stands at your door.")


def at_1510_the_driver_is_replaced(incident, ines):
    with moment.travel(at("Mon 15:10")):
        return lifecycle.resolve(incident, by=ines, note="The driver was replaced; we called and you confirmed.")


def played(until, rosa, ines):
    incident = at_0910_rosa_leaves_a_message_on_the_hotline(rosa)
    for hour, step in [
        (9.4, at_0924_ines_calls_back),
        (9.5, at_0931_it_works_over_printer_2),
        (11.4, at_1125_they_agree_on_the_technician),
        (14, at_1255_and_1400_the_technician_is_heard_of),
        (15.2, at_1510_the_driver_is_replaced),
    ]:
        if hour <= until:
            incident = step(incident, ines)
    return incident


def used_minutes(incident, kind):
    """Working minutes that the clock had used when it stopped."""
    face = queries.face(clock(incident, kind), policy.terms(incident.policy), at("Tue 09:00"))
    return (clock(incident, kind).target_s - face.remaining_s) / 60


def test_0910_the_message_is_an_incident_and_its_answer_is_due_at_0940(rosa, ines, town):
    incident = played(9.2, rosa, ines)

    assert (town.support_model, incident.status, incident.priority) == ("Guided", "new", 2)
    assert clock(incident, "response").due_at == at("Mon 09:40")
    assert clock(incident, "restore").due_at == at("Mon 17:10")
    [row] = queries.queue(ines, "unowned", at("Mon 09:12"))
    assert row.promise.due_at == at("Mon 09:40")


def test_0924_the_call_back_is_the_answer_and_the_next_word_is_promised(rosa, ines):
    incident = played(9.4, rosa, ines)

    assert (incident.status, incident.owner) == ("in_progress", ines)
    assert used_minutes(incident, "response") == 14
    assert clock(incident, "update").due_at == at("Mon 10:24")


def test_0931_restored_by_a_workaround_after_21_minutes_of_8_hours(rosa, ines):
    incident = played(9.5, rosa, ines)

    assert (incident.status, incident.restored_by) == ("restored", "workaround")
    assert (used_minutes(incident, "restore"), clock(incident, "restore").target_s) == (21, 8 * 3600)
    assert clock(incident, "update").due_at == at("Mon 11:31")  # the gap of an hour, doubled


def test_1125_the_promise_is_kept_and_the_time_agreed_is_the_next(rosa, ines):
    incident = played(11.4, rosa, ines)

    assert incident.status == "restored"
    assert clock(incident, "update").due_at == at("Mon 13:00")
    assert misses(incident) == []


def test_1510_solved_with_every_promise_kept(rosa, ines):
    incident = played(15.2, rosa, ines)

    clocks.sweep(now=at("Tue 09:00"))

    assert incident.status == "resolved"
    assert misses(incident) == []
    judged = incident.clocks.judged_between(at("Mon 00:00"), at("Tue 00:00"))
    assert (judged.met().count(), judged.missed().count()) == (8, 0)
    assert not Clock.objects.active().exists()


def test_rosa_reads_the_day_in_plain_words_and_without_the_desks_notes(rosa, ines):
    incident = played(15.2, rosa, ines)
    conversation.note(incident, by=ines, text="Third time this month.")

    lines = [(event.get_kind_display(), event.actor.name) for event in queries.timeline(incident, rosa)]

    assert list(reversed(lines)) == [
        ("Reported", rosa.name), ("Taken", ines.name), ("Update", ines.name), ("Works again", ines.name),
        ("Update", ines.name), ("Update", ines.name), ("Update", ines.name), ("Solved", ines.name),
    ]  # fmt: skip


def test_had_the_noon_word_been_forgotten_it_would_stand_there_as_late(rosa, ines):
    incident = played(9.5, rosa, ines)

    clocks.sweep(now=at("Mon 11:31:03"))

    late = IncidentEvent.objects.get(incident=incident, kind="deadline_missed")
    assert (late.occurred_at, late.data["clock"]) == (at("Mon 11:31"), "update")
    assert incident.status == "restored"


def test_had_printer_2_jammed_too_the_eight_hours_would_have_gone_on(rosa, ines):
    incident = played(9.5, rosa, ines)

    with moment.travel(at("Mon 17:31")):
        incident = lifecycle.still_broken(incident, by=rosa, text="Printer 2 is jammed now.")

    assert (incident.status, incident.owner) == ("in_progress", ines)
    assert clock(incident, "restore").due_at == at("Tue 15:10")  # 29 minutes today, the rest tomorrow from 8
    assert history(incident)[-1] == "relapsed"
