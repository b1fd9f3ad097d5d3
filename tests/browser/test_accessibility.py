"""axe finds nothing serious on any page, light and dark; nothing overflows a narrow phone; the keyboard is enough."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from customers import agreements
from incidents import lifecycle, links, recalculation
from tests import factories
from tests.customers.assessed import TOWN, proposed

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
SERIOUS = {"serious", "critical"}


def findings(page: Page) -> list[str]:
    """What axe calls serious or worse; read from the page's own origin, since the policy allows no other script."""
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{found['id']}: {found['nodes'][0]['html'][:200]}"
        for found in result["violations"]
        if found["impact"] in SERIOUS
    ]


def overflows(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")


def inspect(page: Page, paths: list[str]) -> dict[str, object]:
    """Per page what is wrong with it; nothing where nothing is."""
    wrong: dict[str, object] = {}
    for path in paths:
        page.goto(path)
        if found := findings(page):
            wrong[path] = found
        page.set_viewport_size({"width": 320, "height": 640})
        if overflows(page):
            wrong[f"{path} at 320 px"] = "overflows"
        page.set_viewport_size({"width": 1280, "height": 800})
    return wrong


@pytest.fixture
def story(reporter, agent, lead, team):
    """An incident in each state that looks different."""
    waiting = factories.open_incident(reporter, text="Waiting for an answer")
    lifecycle.ask(waiting, by=agent, question="Which printer is it?")
    restored = factories.restored(factories.open_incident(reporter, text="Works again"), agent)
    fresh = factories.answered(factories.open_incident(reporter, text="Documents won't print"), agent)
    return {"waiting": waiting, "restored": restored, "fresh": fresh, "link": links.make(restored, reporter)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_portal_is_for_everybody(visit, story, reporter, scheme) -> None:
    references = [story[name].reference for name in ("waiting", "restored", "fresh")]
    paths = ["/", "/account/profile/", "/account/2fa/", *(f"/incidents/{reference}/" for reference in references)]

    assert inspect(visit(reporter.email, color_scheme=scheme), paths) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_pages_are_for_everybody(visit, story, scheme) -> None:
    paths = ["/account/login/", "/account/password/reset/", f"/t/{story['link']}/", "/components/", "/dev/mail/"]

    assert inspect(visit(color_scheme=scheme), paths) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_for_everybody(visit, story, lead, scheme) -> None:
    one = f"/desk/incidents/{story['fresh'].reference}/"
    paths = [
        "/desk/",
        f"/desk/?incident={story['fresh'].reference}",
        one,
        f"{one}?do=update",
        f"{one}?do=restore",
        "/desk/log/",
        "/desk/later/",
    ]
    paths += ["/desk/problems/", "/dashboards/", "/dashboards/clocks/?kind=restore", "/api/v1/docs/"]
    paths += [f"{one}?do=wait", f"{one}?do=merge", f"{one}clocks/", "/dashboards/restored/", "/desk/calendars/"]
    job = recalculation.propose_agreement(story["fresh"].customer, by=lead)
    paths += [f"/desk/calendars/{story['fresh'].customer.calendar_id}/", f"/desk/recalculations/{job.pk}/"]

    customer = f"/desk/customers/{story['fresh'].customer_id}/"
    paths += [f"{customer}people/", f"{customer}people/{story['fresh'].reporter_id}/"]
    paths += ["/desk/customers/", customer, f"{customer}profile/contacts/", f"{customer}profile/services/"]

    assert inspect(visit(lead.email, color_scheme=scheme), paths) == {}


def test_the_administrators_area_is_for_everybody(visit, story, team) -> None:
    admin = factories.UserFactory(administrator=True)
    rows = {"customer": story["fresh"].customer, "team": team, "calendar": story["fresh"].customer.calendar}
    rows["user"] = admin
    paths = [f"/admin/customers/{kind}/{row.pk}/change/" for kind, row in rows.items()]
    paths += [
        "/admin/",
        "/admin/customers/user/",
        "/admin/customers/user/add/",
        f"/admin/customers/user/{admin.pk}/password/",
    ]

    # axe itself writes a style where sheets import others; tests/customers/test_admin.py holds that the pages do not.
    assert inspect(visit(admin.email, bypass_csp=True), paths) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_keeping_people_is_for_everybody(visit, contact, manager, reporter, team, scheme) -> None:
    own = ["/organisation/people/", f"/organisation/people/{reporter.pk}/"]
    assert inspect(visit(contact.email, color_scheme=scheme), own) == {}

    staff = ["/desk/people/", f"/desk/people/{manager.pk}/", f"/desk/teams/{team.pk}/"]
    assert inspect(visit(manager.email, color_scheme=scheme), staff) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_agreements_are_for_everybody(visit, town, lead, manager, contact, scheme) -> None:
    agreements.change_customer_agreement(town, by=lead, knobs={"restore": ["2 h", "8 h", "3 bd", "5 bd"]}, version=1)
    administrator = factories.UserFactory(administrator=True)
    page = f"/desk/customers/{town.pk}/agreement/"

    assert inspect(visit(lead.email, color_scheme=scheme), [page, f"{page}change/", "/desk/levels/1/"]) == {}
    of_boss = ["/desk/levels/", "/desk/levels/1/change/", "/desk/contracts/new/"]
    assert inspect(visit(administrator.email, color_scheme=scheme), of_boss) == {}
    assert inspect(visit(contact.email, color_scheme=scheme), ["/organisation/agreement/"]) == {}


def test_a_knob_is_set_by_the_keyboard_and_shows_its_controls_only_then(visit, town, lead) -> None:
    page = visit(lead.email)
    page.goto(f"/desk/customers/{town.pk}/agreement/change/")
    first = page.locator("#id_restore-p1")

    expect(first).to_be_hidden()
    page.locator("summary", has_text="Works again").first.focus()
    page.keyboard.press("Enter")
    expect(first).to_be_hidden()
    page.locator("#id_restore-how_0").focus()
    page.keyboard.press("ArrowDown")
    first.fill("2 h")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    town.refresh_from_db()
    assert town.agreement["restore"][0] == "2 h"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_organisation_is_for_everybody(visit, story, contact, scheme) -> None:
    paths = ["/organisation/", "/organisation/profile/clocks/", "/organisation/profile/quiet/"]

    assert inspect(visit(contact.email, color_scheme=scheme), paths) == {}


def test_a_part_of_the_profile_is_changed_in_its_place(visit, story, contact) -> None:
    page = visit(contact.email)
    page.goto("/organisation/")
    expect(page.get_by_role("heading", name="We cannot reach you when mail and network fail")).to_be_visible()

    page.locator("#contacts").get_by_role("link", name="Add").click()
    page.get_by_label("Name, if they have no log-in").fill("Karl")
    page.get_by_label("Phone", exact=False).first.fill("call me")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Please write a telephone number")).to_be_visible()
    expect(page.get_by_label("Name, if they have no log-in")).to_have_value("Karl")

    page.get_by_label("Phone", exact=False).first.fill("555 0199")
    page.get_by_role("textbox", name="Number for when mail and network fail").fill("555 0160")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Whom we reach at your place")).to_be_focused()
    expect(page.get_by_role("link", name="555 0160")).to_be_visible()
    expect(page.get_by_text("We cannot reach you when mail and network fail")).to_have_count(0)
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_a_report_needs_no_mouse(visit, reporter, team) -> None:
    page = visit(reporter.email)
    page.goto("/")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.get_by_label("What is not working?").focus()
    page.keyboard.type("Typed without a mouse")
    while page.evaluate("document.activeElement.textContent.trim()") != "Send now":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Typed without a mouse")


def test_who_goes_back_after_sending_finds_an_empty_box(visit, reporter, team) -> None:
    page = visit(reporter.email)
    page.goto("/")
    page.get_by_label("What is not working?").fill("The door opener hums")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Your report is with us.")).to_be_visible()

    page.go_back()

    expect(page.get_by_label("What is not working?")).to_have_value("")


def test_what_was_answered_is_not_written_into_the_form_again(visit, contact, lead, town) -> None:
    proposed(town, lead, TOWN)
    page = visit(contact.email)
    page.goto("/organisation/maturity/")
    page.get_by_text("Not yet", exact=True).click()
    page.get_by_label("What should come first?").fill("The phones first")
    page.get_by_role("button", name="Say not yet").click()
    expect(page.get_by_text("The phones first")).to_be_visible()

    expect(page.get_by_label("What should come first?")).to_be_hidden()
    expect(page.get_by_label("What should come first?")).to_have_value("")
