"""A public update and what it promises."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from incidents import clocks
from itsm import moment
from tests.incidents.desk.pages import region, text

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def noon(agent):
    """Noon in Berlin, where the agent reads clocks; the town is served round the clock."""
    agent.time_zone = "Europe/Berlin"
    agent.save()
    at = datetime(2026, 3, 2, 12, 0, tzinfo=BERLIN)
    with moment.travel(at):
        yield at


def due(incident) -> datetime:
    return incident.clocks.promises().get().due_at


@pytest.mark.parametrize("minutes", [30, 60, 120])
def test_a_preset_counts_from_the_moment_of_sending(noon, desk, incident, address, minutes) -> None:
    desk.post(address("update"), {"text": "We look.", "promise": str(minutes)})

    assert due(incident) == noon + timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", [{}, {"promise": "latest"}, {"promise": ""}])
def test_without_a_choice_it_is_the_latest_the_policy_allows(noon, desk, incident, address, typed) -> None:
    latest = clocks.latest_promise(incident, noon)

    desk.post(address("update"), {"text": "We look."} | typed)

    assert due(incident) == latest


def test_a_typed_time_is_in_the_readers_zone(noon, desk, incident, address) -> None:
    answer = desk.post(
        address("update"),
        {"text": "We look.", "promise": "latest", "next_update_at": "2026-03-02T13:15"},
        follow=True,
    )

    assert due(incident) == datetime(2026, 3, 2, 13, 15, tzinfo=BERLIN)
    assert "The next update is due today 13:15." in text(region(answer.content.decode(), "messages"))


def test_a_time_later_than_the_policy_allows_is_drawn_back_and_said(noon, desk, incident, address) -> None:
    latest = clocks.latest_promise(incident, noon)

    desk.post(address("update"), {"text": "We look.", "next_update_at": "2027-03-02T13:15"})

    assert due(incident) == latest


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("2026-03-02T11:00", "cannot be promised for a time that has passed"),
        ("0001-01-01T00:00", "cannot be promised for a time that has passed"),
        ("2026-02-31T10:00", "Please give a day and a time"),
        ("soon", "Please give a day and a time"),
        ("9" * 400, "Please give a day and a time"),
    ],
)
def test_an_impossible_time_is_refused_and_the_words_are_kept(noon, desk, incident, address, value, sentence) -> None:
    answer = desk.post(address("update"), {"text": "We look at it.", "next_update_at": value})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert text(region(answer.content.decode(), "do-text")) == "We look at it."
    assert incident.messages.count() == 1


def test_presets_that_are_too_late_are_not_offered(desk, incident, address) -> None:
    incident.impact, incident.urgency, incident.priority = 1, 1, 1
    incident.save()

    promise = text(region(desk.get(address()).content.decode(), "composer"))

    latest = clocks.latest_promise(incident, timezone.now()) - timezone.now()
    assert ("in 2 h" in promise) == (latest > timedelta(hours=2))
    assert "at the latest, " in promise
