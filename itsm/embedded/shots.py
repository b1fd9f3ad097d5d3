"""`portal.py shot`: pictures of the main pages of the running portal, for the README and for looking at."""

import json
import os
import sys
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from itsm.embedded import browser
from itsm.embedded.places import Trouble, places

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
PASSWORD = "calm-seas-ahead"  # noqa: S105  (the demo's, printed at each start)
# Who looks -> the pages they look at.
PAGES = {
    "": {"log-in": "/account/login/"},
    "rosa.winter@ostermoor.example": {"portal": "/"},
    "ines.keller@evenkeel.example": {"desk": "/desk/", "problems": "/desk/problems/"},
    "tomas.lund@evenkeel.example": {"dashboard": "/dashboards/"},
}


def take() -> int:
    """Phone and desktop, light and dark, into var/shots/."""
    where = places()
    try:
        base = json.loads((where.run / "services.json").read_text())["base_url"]
    except (OSError, ValueError):
        raise Trouble("The portal does not run. Please start it first: python3 portal.py run") from None
    found = browser.find(where.var)
    if not found:
        raise Trouble("No Chromium could be had for the pictures.")
    folder = where.var / "shots"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**launch_options(found))
        for person, pages in PAGES.items():
            for size in SIZES:
                for scheme in ("light", "dark"):
                    _take(chromium, base, person, pages, size, scheme, str(folder))
        chromium.close()
    print(f"The pictures are in {folder}")
    return 0


def launch_options(found: dict[str, str]) -> dict[str, Any]:
    """How Chromium is started, here and in the tests: without looking for anything outside."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    environment = dict(os.environ)
    if libraries := found.get("PORTAL_CHROMIUM_LIBRARIES"):
        environment["LD_LIBRARY_PATH"] = libraries
    if fonts := found.get("FONTCONFIG_PATH"):
        environment["FONTCONFIG_PATH"] = fonts
    sandbox = ["--no-sandbox"] if os.getuid() == 0 or libraries else []
    return {
        "executable_path": found["PORTAL_CHROMIUM"],
        "args": [*quiet, *sandbox, "--disable-gpu"],
        "env": environment,
    }


def _take(
    chromium: Browser, base: str, person: str, pages: dict[str, str], size: str, scheme: str, folder: str
) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    page = context.new_page()
    if person:
        page.goto(f"{base}/account/login/")
        page.fill("input[name=login]", person)
        page.fill("input[name=password]", PASSWORD)
        page.click("form button[type=submit]")
        page.wait_for_load_state()
    for name, path in pages.items():
        page.goto(base + path)
        page.screenshot(path=f"{folder}/{name}-{size}-{scheme}.png", full_page=True)
    context.close()


if __name__ == "__main__":
    try:
        sys.exit(take())
    except Trouble as trouble:
        sys.exit(str(trouble))
