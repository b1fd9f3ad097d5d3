"""The Town of Ostermoor grows: unassessed it is Guided, assessed 1, and half a year later both sides agree on 2.

Told in travelled time, by the verbs and the tasks that the beat runs.
"""

from datetime import date, timedelta

import pytest

from customers import assessment, policy, tasks
from customers.knobs import ALWAYS_OPEN
from customers.models import CustomerEvent
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.customers.assessed import TOWN, TOWN_LATER, at, proposed

FIRST, LATER = "2026-03-02", "2026-09-09"  # a Monday; a Wednesday half a year later


@pytest.fixture
def town(town):
    """Not assessed yet, with a lead at the desk."""
    town.level, town.created_at = None, at("2026-02-02 09:00")
    town.calendar = factories.CalendarFactory(office=True)
    town.save()
    return town


@pytest.fixture
def ms_brandt(contact):
    return contact


def as_it_is(row):
    row.refresh_from_db()
    return row


def reported(reporter, when, text):
    with moment.travel(at(when)):
        return factories.open_incident(reporter, text=text)


def knob(incident, name):
    return policy.terms(incident.policy).knob(name)


def assessed_first(town, lead, ms_brandt):
    """Half an hour at one screen; both accept at once, for the Monday after."""
    with moment.travel(at(f"{FIRST} 14:00")):
        found = proposed(town, lead, TOWN)
        assessment.accept_here(found, by=lead)
        found = assessment.accept_there(found, by=ms_brandt)
    with moment.travel(at("2026-03-09 00:05")):
        tasks.come_into_force()
    return as_it_is(found)


def assessed_again(town, lead, ms_brandt):
    """Half a year later, on a Wednesday; the contact accepts on Thursday."""
    with moment.travel(at(f"{LATER} 10:00")):
        found = proposed(as_it_is(town), lead, TOWN_LATER)
        assessment.accept_here(found, by=lead)
    with moment.travel(at("2026-09-10 16:00")):
        return assessment.accept_there(found, by=ms_brandt)


def test_before_the_first_assessment_it_works_as_guided_and_one_is_offered(town, reporter, team):
    incident = reported(reporter, "2026-02-16 09:10", "Documents won't print")
    with moment.travel(at("2026-02-16 10:00")):
        tasks.offer_assessments()
        tasks.offer_assessments()

    assert (town.support_model, policy.terms(incident.policy).level) == ("Guided", 1)
    assert knob(incident, "intake") == ["text"]
    assert CustomerEvent.objects.filter(customer=town, kind="assessment_due").count() == 1


def test_the_first_assessment_confirms_guided(town, lead, ms_brandt):
    found = assessed_first(town, lead, ms_brandt)

    assert (found.dimensions, found.overall, found.state) == ([2, 1, 1, 2, 1], 1, "in_force")
    assert (as_it_is(town).level, town.support_model) == (1, "Guided")


def test_half_a_year_later_the_tool_reminds_and_the_answers_say_two(town, lead, ms_brandt):
    assessed_first(town, lead, ms_brandt)
    with moment.travel(at(f"{LATER} 09:00")):
        tasks.offer_assessments()
        reminded = CustomerEvent.objects.filter(customer=town, kind="assessment_due").count()

    found = assessed_again(town, lead, ms_brandt)

    assert reminded == 1
    assert (found.dimensions, found.overall, found.level_proposed) == ([3, 2, 2, 2, 2], 2, 2)
    assert (found.state, found.effective_on) == ("agreed", date(2026, 9, 14))
    assert as_it_is(town).level == 1


def test_on_monday_the_new_incident_is_supported_and_the_open_one_keeps_its_policy(town, lead, ms_brandt, reporter):
    assessed_first(town, lead, ms_brandt)
    assessed_again(town, lead, ms_brandt)
    old = reported(reporter, "2026-09-11 11:00", "The plotter hums")
    with moment.travel(at("2026-09-13 23:59")):
        tasks.come_into_force()
    sunday = as_it_is(town).level
    with moment.travel(at("2026-09-14 00:01")):
        tasks.come_into_force()
        tasks.come_into_force()
    new = reported(reporter, "2026-09-14 08:30", "The scanner is blurred")

    assert (sunday, as_it_is(town).support_model) == (1, "Supported")
    kept = Incident.objects.select_related("policy").get(pk=old.pk)
    assert (knob(kept, "auto_close_bd"), knob(new, "auto_close_bd")) == (10, 7)
    assert (policy.terms(kept.policy).level, policy.terms(new.policy).level) == (1, 2)
    assert list(kept.clocks.order_by("pk").values_list("due_at")) == list(
        old.clocks.order_by("pk").values_list("due_at")
    )


def test_no_channel_is_removed_and_nobody_is_owed_less(town, lead, ms_brandt, reporter, team):
    old = reported(reporter, "2026-03-03 11:00", "The plotter hums")
    assessed_first(town, lead, ms_brandt)
    assessed_again(town, lead, ms_brandt)
    with moment.travel(at("2026-09-14 00:01")):
        tasks.come_into_force()
    new = reported(reporter, "2026-09-14 08:30", "The scanner is blurred")

    assert set(knob(old, "channels")) == set(knob(new, "channels")) >= set(ALWAYS_OPEN)
    for measure in ("response", "reply", "update", "restore"):
        assert knob(old, measure) == knob(new, measure)


def test_the_history_tells_it_in_order(town, lead, ms_brandt):
    assessed_first(town, lead, ms_brandt)
    assessed_again(town, lead, ms_brandt)
    with moment.travel(at("2026-09-14 00:01")):
        tasks.come_into_force()

    told = CustomerEvent.objects.filter(customer=town).order_by("pk")
    once = ["level_proposed", "level_accepted", "level_accepted", "level_changed"]
    assert [event.kind for event in told] == once * 2
    assert [event.data["level"] for event in told if event.kind == "level_changed"] == [1, 2]
    assert told[7].occurred_at - at("2026-09-14 00:00") < timedelta(minutes=2)
