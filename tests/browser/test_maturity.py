"""An assessment in a real browser: kept while one clicks, two people at once, accepted by both sides."""

import re

import pytest
from playwright.sync_api import expect

from customers import assessment
from customers.models import Customer, MaturityAssessment
from tests.browser.test_accessibility import inspect
from tests.customers.assessed import TOWN_LATER, answered, proposed

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def pages(town):
    return f"/desk/customers/{town.pk}/maturity/"


def test_answers_are_kept_as_they_are_clicked_and_shown_again(visit, lead, town, pages) -> None:
    page = visit(lead.email)
    page.goto(pages)
    page.get_by_role("button", name="Begin an assessment").click()

    page.locator("#id_q1-level_2").check()
    page.locator("#id_q1-evidence_1").check()  # at once, before the first was kept
    page.locator("#id_q2-level_1").check()
    page.locator("#id_stakes-text").fill("The registry counter")
    page.locator("#id_q3-level_5").check()

    expect(page.locator("#progress strong")).to_have_text("3 of 15 answered")
    expect(page.locator("#saved-topic-stakes")).to_contain_text("Kept")
    page.reload()
    expect(page.locator("#id_q1-level_2")).to_be_checked()
    expect(page.locator("#id_q1-evidence_1")).to_be_checked()
    expect(page.locator("#id_stakes-text")).to_have_value("The registry counter")


def test_two_people_at_one_question_see_both_answers(visit, lead, manager, town, pages) -> None:
    found = assessment.begin(town, by=lead)
    mine, theirs = visit(lead.email), visit(manager.email)
    for page in (mine, theirs):
        page.goto(f"{pages}{found.pk}/")

    theirs.locator("#id_q3-level_3").check()
    expect(theirs.locator("#saved-3")).to_contain_text("Kept, Mona Mayer")
    mine.locator("#id_q3-level_0").check()

    expect(mine.locator("#saved-3")).to_contain_text("Mona Mayer: They are trained, with a deputy who practises")
    expect(mine.locator("#id_q3-level_0")).to_be_checked()
    mine.get_by_role("button", name="Put mine in its place").click()
    expect(mine.locator("#saved-3")).to_contain_text("Kept, Lena Lund")


def test_without_script_one_button_keeps_it_all_and_both_sides_accept(visit, lead, contact, town, pages) -> None:
    found = answered(assessment.begin(town, by=lead), lead, TOWN_LATER)
    page = visit(lead.email, java_script_enabled=False)
    page.goto(f"{pages}{found.pk}/")
    page.locator("#id_q5-level_2").check()
    page.get_by_role("button", name="Finish and see").click()
    expect(page.locator("#proposal")).to_have_text("From Guided to Supported (level 2)")
    page.get_by_role("button", name="Accept for us").click()
    expect(page.locator("#messages")).to_contain_text("Now it is the customer's turn")

    theirs = visit(contact.email)
    theirs.goto("/organisation/maturity/")
    theirs.get_by_role("button", name="Accept").click()

    expect(theirs.locator("#proposal")).to_have_text("From Guided to Supported")
    expect(theirs.get_by_text(re.compile("Both sides have accepted. It begins on Monday"))).to_be_visible()
    kept = MaturityAssessment.objects.get()
    assert (kept.state, kept.answers[4]["level"]) == ("agreed", 3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_for_everybody(visit, lead, contact, town, pages, scheme) -> None:
    other = Customer.objects.create(name="Another", calendar=town.calendar)
    other.teams.add(town.teams.get())
    draft, found = assessment.begin(other, by=lead), proposed(town, lead, TOWN_LATER)
    theirs = f"/desk/customers/{other.pk}/maturity/"

    paths = [pages, f"{pages}{found.pk}/", theirs, f"{theirs}{draft.pk}/", f"{theirs}{draft.pk}/?sheet"]

    assert inspect(visit(lead.email, color_scheme=scheme), paths) == {}
    assert inspect(visit(contact.email, color_scheme=scheme), ["/organisation/maturity/"]) == {}
