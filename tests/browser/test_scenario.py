"""The portal's main job in a real browser: from a click to mail to restored, and back when it was not."""

import re

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Clock, Incident
from tests.faults.stack import Stack, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def report(page: Page, text: str) -> str:
    page.get_by_label("What is not working?").fill(text)
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    expect(page.locator(".promise")).to_contain_text("Next news by")
    return re.search(r"INC-\d+", page.url).group()


def link_in(mail) -> str:
    text = mail.get_body(("plain",)).get_content()
    return re.search(r"http\S+/t/\S+/", text).group()


def test_from_click_to_mail_to_restored_and_back(visit, live_stack: Stack, reporter, agent) -> None:
    person = visit(reporter.email)
    reference = report(person, "Documents at counter 2 won't print")
    received = live_stack.mail_to(reporter.email, reference)

    desk = visit(agent.email)
    take_and_update(desk, reference)
    live_stack.mail_to(reporter.email, reference)
    update = mail_saying(live_stack, reporter.email, "We look at the printer now.")

    restore(desk, reference)
    restored = mail_saying(live_stack, reporter.email, "Print with printer 2.")

    assert update["In-Reply-To"]
    assert received["Message-ID"] in restored["References"]
    say_no(visit, link_in(restored))
    incident = Incident.objects.get(reference=reference)
    assert (incident.status, incident.reopened) == (Incident.Status.IN_PROGRESS, 1)
    clock = incident.clocks.get(kind=Clock.Kind.RESTORE)
    assert clock.state == Clock.State.RUNNING
    assert [segment["state"] for segment in clock.ledger].count("running") == 2, "the time already used is kept"
    mail_saying(live_stack, agent.email, "Still not working")


def take_and_update(desk: Page, reference: str) -> None:
    desk.goto(f"/desk/incidents/{reference}/")
    desk.get_by_role("button", name="Take it").click()
    expect(desk.get_by_text("You have it now.")).to_be_visible()
    opener = desk.get_by_role("link", name=re.compile("Update")).first
    if opener.count():
        opener.click()
    desk.get_by_label("What is happening now?").fill("We look at the printer now.")
    desk.get_by_role("button", name="Send update").click()
    expect(desk.locator("#timeline").get_by_text("We look at the printer now.")).to_be_visible()


def restore(desk: Page, reference: str) -> None:
    """Two clicks and one sentence."""
    desk.goto(f"/desk/incidents/{reference}/")
    desk.get_by_role("link", name="Restored").or_(desk.get_by_role("button", name="Restored")).first.click()
    desk.get_by_label(re.compile("What works again")).fill("Print with printer 2.")
    desk.get_by_role("button", name="Works by a workaround").click()
    expect(desk.locator("#timeline").get_by_text("Print with printer 2.")).to_be_visible()


def say_no(visit, link: str) -> None:
    """By the link in the mail, without logging in."""
    page = visit()
    page.goto(link)
    page.locator("summary", has_text="Still not working").click()
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator(".promise")).to_contain_text("Working on it")
    expect(page.locator(".timeline")).to_contain_text("it is open again")


def mail_saying(live_stack: Stack, address: str, words: str):
    def found():
        mails = [m for m in live_stack.mails() if m["To"] == address]
        return next((m for m in mails if words in m.get_body(("plain",)).get_content() + str(m["Subject"])), None)

    return wait_for(found)
