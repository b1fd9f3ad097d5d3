"""A real Chromium: the machine's own, or the one `portal.py test` brought."""

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from itsm.embedded.shots import launch_options
from tests.faults.stack import Stack, live_stack

__all__ = ["live_stack"]
PASSWORD = "a-long-enough-password"
NAMES = ["PORTAL_CHROMIUM", "PORTAL_CHROMIUM_LIBRARIES", "FONTCONFIG_PATH"]


@pytest.fixture(autouse=True)
def _committed(transactional_db: None) -> None:
    """The browser sees only what is committed."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not os.environ.get("PORTAL_CHROMIUM"):
        pytest.skip("no Chromium: run `python3 portal.py test`, which finds or brings one")
    # Playwright runs an event loop in this thread; the tests' own database calls are not part of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options({n: os.environ[n] for n in NAMES if n in os.environ}))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, live_stack: Stack) -> Iterator:
    """visit(email) -> a page of somebody signed in; visit("") -> of nobody. Complaints of the browser fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(email: str = "", **options) -> Page:
        context = chromium.new_context(base_url=live_stack.base_url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if email:
            sign_in(page, email)
        return page

    yield open_page
    for context in contexts:
        context.close()
    expected = re.compile(r"status of 4(09|13|22)")  # the browser reports refused forms as errors; they are answers
    assert [words for words in complaints if not expected.search(words)] == []


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/(desk/)?$"))
