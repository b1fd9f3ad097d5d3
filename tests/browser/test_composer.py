"""The composer in a real browser: open, one sentence, send; taken back in time; previewed while one types."""

import re

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Outgoing
from tests import factories
from tests.browser.test_accessibility import findings
from tests.faults.stack import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _four_seconds(monkeypatch) -> None:
    """For the processes of the stack: long enough to press a button, short enough to wait for."""
    monkeypatch.setenv("EVENKEEL_UNDO_SECONDS", "4")


@pytest.fixture
def page(visit, agent, incident) -> Page:
    factories.answered(incident, agent, "We look at it.")
    page = visit(agent.email)
    page.goto(f"/desk/incidents/{incident.reference}/")
    return page


def said(incident) -> list[str]:
    return list(incident.messages.filter(is_public=True).order_by("pk").values_list("body", flat=True))[2:]


def test_a_routine_update_is_one_key_one_sentence_and_send(page, incident) -> None:
    page.keyboard.press("r")
    expect(page.get_by_label("What is happening now?")).to_be_focused()
    page.keyboard.type("A new toner comes at two.")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#outgoing")).to_contain_text("Goes out at")
    expect(page.locator("#timeline")).to_contain_text("A new toner comes at two.", timeout=15_000)
    expect(page.locator("#outgoing")).not_to_contain_text("Goes out at")
    assert said(incident) == ["Documents at counter 2 won't print\nOne person is affected.\nA new toner comes at two."]


def test_undo_brings_the_words_back_and_nobody_reads_them(page, incident) -> None:
    page.get_by_label("What is happening now?").fill("It is all your fault.")
    page.get_by_role("button", name="Send update").click()
    page.get_by_role("button", name="Undo").click()

    box = page.get_by_label("What is happening now?")
    expect(box).to_have_value("It is all your fault.")
    expect(page.locator("#outgoing")).not_to_contain_text("Goes out at")
    wait_for(lambda: Outgoing.objects.filter(state="taken_back").exists())
    box.fill("We are sorry for the trouble.")
    page.get_by_role("button", name="Send update").click()
    page.get_by_role("button", name="Send now").click()

    expect(page.locator("#timeline")).to_contain_text("We are sorry for the trouble.")
    assert [words.splitlines()[-1] for words in said(incident)] == ["We are sorry for the trouble."]


def test_restored_is_still_two_clicks_and_a_sentence(page, incident) -> None:
    page.get_by_role("link", name="Restored").click()
    page.get_by_label(re.compile("What works again")).fill("Print with printer 2.")
    page.get_by_role("button", name="Works by a workaround").click()

    expect(page.locator("#timeline")).to_contain_text("Print with printer 2.", timeout=15_000)
    expect(page.locator("#deeds").get_by_role("link", name="Resolved")).to_be_visible()
    incident.refresh_from_db()
    assert incident.status == "restored"


def test_the_preview_follows_what_is_typed(page) -> None:
    box = page.get_by_label("What is happening now?")
    box.fill("We found the cable.")
    page.get_by_role("button", name="As they read it").click()
    expect(page.locator("#preview")).to_contain_text("We found the cable.")
    assert not findings(page)

    box.press_sequentially(" It is being changed.")

    expect(page.locator("#preview")).to_contain_text("We found the cable. It is being changed.")
    expect(page.locator("#preview")).to_contain_text("of 300 characters")
    expect(page.locator("#outgoing")).not_to_contain_text("Goes out at")


def test_a_note_typed_meanwhile_is_not_lost_when_the_words_go_out(page, incident) -> None:
    page.get_by_label("What is happening now?").fill("A new toner comes at two.")
    page.get_by_role("button", name="Send update").click()
    expect(page.locator("#outgoing")).to_contain_text("Goes out at")
    page.get_by_label("What is happening now?").fill("And another sentence")

    expect(page.locator("#timeline")).to_contain_text("A new toner comes at two.", timeout=15_000)
    expect(page.get_by_label("What is happening now?")).to_have_value("And another sentence")
    page.get_by_role("button", name="Send update").click()
    expect(page.locator("#timeline")).to_contain_text("And another sentence", timeout=15_000)


def test_without_script_it_is_previewed_sent_and_taken_back_by_buttons(visit, agent, incident) -> None:
    page = visit(agent.email, java_script_enabled=False)
    page.goto(f"/desk/incidents/{incident.reference}/?do=update")
    page.get_by_label("What is happening now?").fill("We found the cable.")
    page.get_by_role("button", name="As they read it").click()
    expect(page.locator("#preview")).to_contain_text("We found the cable.")
    page.get_by_role("button", name="Send update").click()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_label("What is happening now?")).to_have_value("We found the cable.")
