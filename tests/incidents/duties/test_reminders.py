"""When a duty is reminded of, once each, and who hears of it."""

from datetime import time, timedelta

import pytest

from customers.models import ContactRole
from incidents import duties, lifecycle, majors
from incidents.models import ExternalDuty, IncidentEvent
from itsm import moment
from notifications.audience import audience
from tests import factories
from tests.incidents.moments import at


@pytest.fixture
def duty(reported, agent) -> ExternalDuty:
    """Due on Tuesday at nine: 24 hours after it became known."""
    with moment.travel(at("Mon 10:00")):
        (laid,) = duties.add(reported, by=agent, what="other", name="Report", hours=24, known_at=at("Mon 09:00"))
    laid.refresh_from_db()
    return laid


def said(incident) -> list[tuple[str, str]]:
    """Which reminders were recorded, and when."""
    rows = incident.events.filter(kind="duty", data__did__in=["half", "last", "missed"]).order_by("pk")
    return [(row.data["did"], f"{row.occurred_at.astimezone(at('Mon 09:00').tzinfo):%a %H:%M}") for row in rows]


def test_half_of_the_time_the_last_moment_and_a_miss_are_said_once_each(reported, duty) -> None:
    for hour in range(10, 24):
        duties.remind(at(f"Mon {hour:02}:00"))
    for hour in range(12):
        duties.remind(at(f"Tue {hour:02}:00"))

    assert said(reported) == [("half", "Mon 21:00"), ("last", "Tue 06:00"), ("missed", "Tue 09:00")]
    duty.refresh_from_db()
    assert (duty.remind_at, duty.reminders) == (None, 3)


def test_what_ran_out_while_nobody_looked_is_said_once(reported, duty) -> None:
    assert [duties.remind(at("Wed 09:00")), duties.remind(at("Wed 09:00"))] == [1, 0]

    assert [did for did, _when in said(reported)] == ["missed"]


@pytest.mark.parametrize(
    ("hours", "before"),
    [(1, timedelta(minutes=15)), (4, timedelta(hours=1)), (24, timedelta(hours=3)), (72, timedelta(hours=9)),
     (720, timedelta(days=1))],
)  # fmt: skip
def test_the_last_moment_fits_the_time_there_is(town, hours, before) -> None:
    start = at("Mon 09:00").astimezone(tz=None)
    duty = ExternalDuty(counted_from=start, due_at=start + timedelta(hours=hours), hours=hours)

    (_half, _at_half), (_last, last), (_missed, due) = duties.reminders(duty, town)

    assert due - last == before


def test_nobody_is_asleep_at_the_last_moment(town, reported, duty) -> None:
    town.quiet_from, town.quiet_until = time(23), time(7)
    town.save()

    (_h, half), (_l, last), _missed = duties.reminders(duty, town)

    assert (half, last) == (at("Mon 21:00"), at("Mon 22:00"))  # not at six: they sleep until seven


def test_before_half_of_the_time_nobody_is_reminded_for_the_night(town, duty) -> None:
    town.quiet_from, town.quiet_until = time(20), time(7)
    town.save()

    (_h, half), (_l, last), _missed = duties.reminders(duty, town)

    assert half == last == at("Mon 21:00")


@pytest.mark.parametrize("settle", ["done", "not_needed"])
def test_what_is_settled_is_not_reminded_of(reported, duty, agent, settle) -> None:
    more = {"at": at("Mon 11:00")} if settle == "done" else {"why": "No personal data."}
    with moment.travel(at("Mon 12:00")):
        getattr(duties, settle)(duty, by=agent, **more)

    assert duties.remind(at("Wed 09:00")) == 0
    assert said(reported) == []


def test_opened_again_it_is_reminded_of_again(reported, duty, agent) -> None:
    with moment.travel(at("Mon 12:00")):
        duties.reopen(duties.done(duty, by=agent), by=agent)

    duties.remind(at("Mon 21:00"))

    assert said(reported) == [("half", "Mon 21:00")]


def test_withdrawn_there_is_nothing_to_report(reported, duty, reporter) -> None:
    with moment.travel(at("Mon 12:00")):
        lifecycle.cancel(reported, by=reporter, reason="It was my own cable.")

    assert duties.remind(at("Wed 09:00")) == 0
    assert said(reported) == []


def test_the_sweep_asks_the_same_however_many_there_are(duty, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(1):
        assert duties.remind(at("Mon 12:00")) == 0


def test_those_in_charge_and_the_named_contact_are_told(reported, duty, agent, manager, contact, town, lead) -> None:
    named = factories.UserFactory(name="Nora Named", customer=town)
    ContactRole.objects.create(customer=town, kind="named_contact", person=named)
    with moment.travel(at("Mon 10:30")):
        majors.declare(reported, by=agent)
        majors.give_role(reported, by=agent, role="manager", person=lead)
    duties.remind(at("Mon 21:00"))
    reported.refresh_from_db()

    told = {(each.person, each.kind, each.reason) for each in audience(reported.events.latest("pk"))}

    assert told == {
        (lead, "duty_due", "runs_it"),
        (agent, "duty_due", "owner"),
        (manager, "duty_due", "manager"),
        (named, "duty_due_contact", "named_contact"),
    }


def test_who_wrote_down_that_it_was_sent_is_not_written_to(reported, duty, agent, manager, contact) -> None:
    with moment.travel(at("Mon 12:00")):
        duties.done(duty, by=agent)

    assert not [each for event in reported.events.filter(kind="duty") for each in audience(event)]


def test_the_page_s_history_names_the_duty(reported, duty) -> None:
    duties.remind(at("Mon 21:00"))

    assert IncidentEvent.objects.latest("pk").duty_words == "Report: half of the time is over"
