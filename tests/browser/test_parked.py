"""Parking and the question, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from problems.models import Problem
from tests import factories
from tests.faults.stack import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(visit, agent, incident) -> Page:
    factories.answered(incident, agent, "We look at it.")
    page = visit(agent.email)
    page.goto(f"/desk/incidents/{incident.reference}/")
    return page


def test_a_file_that_is_too_large_is_said_before_it_is_sent_and_no_word_is_lost(page, incident) -> None:
    parking = page.locator("#parking")
    parking.get_by_text("Park something").click()
    parking.get_by_label("What do you think").fill("the whole log")
    parking.get_by_text("File, link, how sure").click()
    file = parking.locator("input[type=file]")
    file.set_input_files({"name": "all.log", "mimeType": "text/plain", "buffer": b"x" * 11 * 1024**2})

    said = parking.locator("[data-upload-large]")
    expect(said).to_have_text("all.log: This file is too large: at most 10 MB can be kept.")
    expect(parking.get_by_label("What do you think")).to_have_value("the whole log")

    file.set_input_files({"name": "end.log", "mimeType": "text/plain", "buffer": b"10:01 expired"})
    expect(said).to_be_hidden()
    parking.get_by_role("button", name="Evidence").click()
    expect(parking).to_contain_text("SHA-256")
    assert incident.parked_notes.get().attachment.name == "end.log"


def test_a_new_problem_asks_and_is_parked(page, incident) -> None:
    panel = page.locator("#problems")
    panel.get_by_text("New problem").click()
    expect(panel).to_contain_text("Service is still down. Park it, or does it serve restoration?")
    panel.get_by_role("textbox").fill("the certificate on relay 1")
    panel.get_by_role("button", name="Park it").click()

    expect(page.locator("#problems")).to_contain_text("Parked")
    wait_for(lambda: incident.parked_notes.exists())
    assert Problem.objects.get().status == "parked"
