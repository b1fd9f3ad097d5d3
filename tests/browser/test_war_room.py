"""The war room in a real browser: two clicks lead there, two people see each other's deeds, nobody loses a word."""

import pytest
from playwright.sync_api import expect

from incidents import majors, parking
from tests import factories
from tests.browser.test_accessibility import inspect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POLLED = 20_000  # milliseconds, in which what others did has appeared


@pytest.fixture
def room(incident) -> str:
    return f"/desk/incidents/{incident.reference}/war-room/"


def test_two_clicks_and_one_is_in_the_room(visit, agent, incident) -> None:
    page = visit(agent.email, viewport={"width": 390, "height": 844})
    page.goto(f"/desk/incidents/{incident.reference}/")
    page.get_by_role("link", name="Declare major").click()
    page.get_by_role("button", name="Declare major").click()
    page.get_by_role("link", name="War room").click()

    expect(page.locator("#war-promise")).to_contain_text("People have not heard from us")
    expect(page.locator("#role-manager")).to_contain_text(agent.name)


def test_two_people_see_what_the_other_does_and_keep_what_they_write(visit, agent, lead, incident, room) -> None:
    majors.declare(incident, by=agent)
    mine, others = visit(agent.email), visit(lead.email, color_scheme="dark")
    for page in (mine, others):
        page.goto(room)
    mine.get_by_label("What is happening now?").fill("Half a sentence")
    mine.get_by_text("Park something").click()
    thought = mine.locator("#parking textarea")
    thought.fill("the switch")
    thought.focus()

    others.locator("#role-communications button").click()
    expect(others.locator("#role-communications")).to_contain_text(lead.name)

    expect(mine.locator("#role-communications")).to_contain_text(lead.name, timeout=POLLED)
    expect(thought).to_be_focused()
    expect(thought).to_have_value("the switch")
    expect(mine.get_by_label("What is happening now?")).to_have_value("Half a sentence")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_room_is_for_everybody(visit, agent, lead, incident, room, scheme) -> None:
    majors.declare(incident, by=agent, reason="All three sites are down.", call_url="https://meet.example/1")
    majors.hand_over(incident, by=agent, to=lead, note="Tried: relay 1.\nPromised: news at half past.")
    parking.park(incident, by=agent, kind="hypothesis", text="the switch")
    factories.restored(incident, agent)

    assert inspect(visit(agent.email, color_scheme=scheme), [room, f"{room}?do=downgrade"]) == {}
