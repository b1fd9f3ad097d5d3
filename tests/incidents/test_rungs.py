"""Who is told when: the ladder of a level, late promises, reminders."""

import pytest

from incidents import clocks, conversation, lifecycle
from incidents.models import ClockAlert, IncidentEvent
from itsm import moment
from tests import factories
from tests.incidents.moments import at, clock

P1 = {"impact": 1, "urgency": 1}  # answer 15 min, update 30 min, restore 4 h at level 1
Kind = IncidentEvent.Kind


@pytest.fixture
def urgent(reporter, team):
    """A P1 of Monday, 09:00, around the clock; answered at once."""
    with moment.travel(at("Mon 09:00")):
        return factories.open_incident(reporter, **P1)


def told(incident, *kinds: str) -> list[tuple[str, str, int, list[str]]]:
    """(time, clock, threshold, who looks), in the order in which they were recorded."""
    events = IncidentEvent.objects.filter(incident=incident, kind__in=kinds).order_by("pk")
    berlin = at("Mon 00:00").tzinfo
    return [
        (f"{e.occurred_at.astimezone(berlin):%a %H:%M:%S}", e.data["clock"], e.data["threshold"], e.data["tell"])
        for e in events
    ]


def kept(incident, agent, *times: str) -> None:
    """Updates that keep the promise, so that only the restore clock tells anybody anything."""
    for when in times:
        clocks.sweep(now=at(when))
        with moment.travel(at(when)):
            conversation.update(incident, by=agent, text=f"It is {when}.")


@pytest.mark.parametrize(
    ("level", "ladder"),
    [
        (1, [("Mon 11:00:00", 50, ["lead"]), ("Mon 12:00:00", 75, ["owner", "manager"])]),
        (5, [
            ("Mon 09:15:00", 25, ["owner", "contact"]), ("Mon 09:30:00", 50, ["owner", "lead"]),
            ("Mon 09:45:00", 75, ["owner", "manager", "contact"]),
        ]),
    ],
)  # fmt: skip
def test_the_level_decides_who_looks_before_it_is_late(town, reporter, team, agent, level, ladder) -> None:
    town.level = level
    town.save()
    with moment.travel(at("Mon 09:00")):
        incident = factories.open_incident(reporter, **P1)
    end = clock(incident, "restore").due_at
    for minute in range(5, 240, 5):
        if (now := at("Mon 09:00") + minute * (at("Mon 09:01") - at("Mon 09:00"))) < end:
            clocks.sweep(now=now)

    assert [(when, share, who) for when, kind, share, who in told(incident, Kind.CLOCK_WARNED)] == ladder


def test_a_missed_update_is_the_owners_then_the_leads_then_the_managers(urgent, agent) -> None:
    kept(urgent, agent, "Mon 09:05")
    clocks.sweep(now=at("Mon 09:36"))
    assert told(urgent, Kind.DEADLINE_MISSED, Kind.ESCALATED) == [("Mon 09:35:00", "update", 100, ["owner"])]
    clocks.sweep(now=at("Mon 09:39"))
    clocks.sweep(now=at("Mon 09:41"))
    assert told(urgent, Kind.ESCALATED) == [("Mon 09:40:01", "update", ClockAlert.LATE, ["lead"])]

    kept(urgent, agent, "Mon 09:45")
    clocks.sweep(now=at("Mon 10:16"))
    assert told(urgent, Kind.DEADLINE_MISSED)[-1] == ("Mon 10:15:00", "update", 100, ["owner", "manager"])


def test_an_update_within_five_minutes_spares_the_lead(urgent, agent) -> None:
    kept(urgent, agent, "Mon 09:05", "Mon 09:38")
    clocks.sweep(now=at("Mon 09:45"))

    assert told(urgent, Kind.ESCALATED) == []


def test_after_an_hour_without_a_sweep_each_miss_is_told_with_its_own_time(urgent, agent) -> None:
    clocks.sweep(now=at("Mon 12:30"))

    late = told(urgent, Kind.DEADLINE_MISSED)
    assert late == [("Mon 09:15:00", "response", 100, ["owner", "lead"])]
    assert told(urgent, Kind.CLOCK_WARNED) == [("Mon 12:00:00", "restore", 75, ["owner", "manager"])], (
        "the furthest only"
    )
    assert set(ClockAlert.objects.values_list("clock__kind", "threshold")) == {
        ("response", 100), ("restore", 50), ("restore", 75),
    }  # fmt: skip


def test_a_miss_that_goes_on_comes_up_again_when_the_team_works(reporter, team) -> None:
    team.calendar = factories.CalendarFactory(office=True)
    team.save()
    with moment.travel(at("Fri 15:00")):
        incident = factories.open_incident(reporter, **P1)  # answer due 15:15, restore 19:00
    clocks.sweep(now=at("Fri 20:00"))
    for day in ("Sat 16:00", "Sun 16:00", "next Mon 07:59"):
        clocks.sweep(now=at(day))
    assert told(incident, Kind.ESCALATED) == []

    clocks.sweep(now=at("next Mon 08:00"))
    clocks.sweep(now=at("next Mon 08:01"))

    reminders = [(when, kind, who) for when, kind, number, who in told(incident, Kind.ESCALATED)]
    assert sorted(reminders) == [
        ("Mon 08:00:00", "response", ["owner", "lead"]),
        ("Mon 08:00:00", "restore", ["owner", "lead"]),
    ]


def test_a_deadline_by_hand_falls_due_though_the_clock_stands_still(urgent, agent) -> None:
    kept(urgent, agent, "Mon 09:05")
    with moment.travel(at("Mon 09:10")):
        lifecycle.ask(urgent, by=agent, question="Which one?")
        running = clock(urgent, "restore")
        running.incident = urgent
        clocks.agree(running, at("Mon 10:00"), moment.now())
    clocks.sweep(now=at("Mon 10:01"))

    assert clock(urgent, "restore").state == "paused"
    assert ("Mon 10:00:00", "restore") in [(when, kind) for when, kind, *_ in told(urgent, Kind.DEADLINE_MISSED)]
