"""Running an assessment on a shared screen: autosaved, resumable, two people at once, nothing lost."""

import pytest
from django.urls import reverse

from customers import assessment
from customers.assessment import Given
from tests.customers.assessed import TOWN, answered, at, proposed
from tests.htmx import element, settled
from tests.incidents.desk.pages import HX, fields, region, text

FIRST = "q1-level"


@pytest.fixture
def draft(town, lead):
    return assessment.begin(town, by=lead)


@pytest.fixture
def page(town, draft):
    return reverse("customers:desk_assessment", args=[town.pk, draft.pk])


@pytest.fixture
def desk(as_user, lead):
    return as_user(lead)


@pytest.fixture
def sent(desk, page):
    """sent(q1_level="3") -> what a browser without script sends of the page as it stands, with these changed."""

    def fill(**changes):
        html = desk.get(page).content.decode().replace('<form method="post" class', f'<form action="{page}" class')
        return fields(html, page) | {name.replace("_", "-"): value for name, value in changes.items()}

    return fill


def question(page, number):
    return f"{page}questions/{number}/"


def test_it_is_read_by_agents_and_answered_by_leads(as_user, lead, manager, agent, reporter, contact, page, draft):
    answers = {p.name: as_user(p).get(page).status_code for p in (lead, manager, agent, reporter, contact)}

    assert list(answers.values()) == [200, 200, 200, 404, 404]
    assert "<form method" not in element(as_user(agent).get(page).content.decode(), "main")
    for address in (page, question(page, 1), f"{page}context/stakes/"):
        assert as_user(agent).post(address, {FIRST: "3"}).status_code == 404
    draft.refresh_from_db()
    assert draft.answers == [None] * 15


def test_an_answer_is_kept_as_it_is_chosen(desk, page, draft):
    answer = desk.post(question(page, 1), {FIRST: "3", "q1-evidence": "shown", "q1-version": "0"}, headers=HX)

    draft.refresh_from_db()
    html = answer.content.decode()
    assert answer.status_code == 200
    assert draft.answers[0] == {"level": 3, "evidence": "shown", "by": "Lena Lund", "version": 1}
    assert "Kept, Lena Lund" in text(region(html, "saved-1"))
    assert "1 of 15 answered" in text(region(html, "progress"))


def test_what_the_swap_shows_is_what_a_reload_shows(desk, page):
    html = desk.post(question(page, 5), {"q5-level": "na", "q5-version": "0"}, headers=HX).content.decode()
    reloaded = desk.get(page).content.decode()

    assert settled(element(html, "saved-5")) == settled(element(reloaded, "saved-5"))
    assert settled(element(html, "progress").replace(' hx-swap-oob="true"', "")) == settled(
        element(reloaded, "progress")
    )


def test_two_people_at_one_question_see_both_answers(desk, as_user, manager, page, draft):
    typed = {FIRST: "2", "q1-evidence": "told", "q1-version": "0", "q1-was": ""}
    as_user(manager).post(question(page, 1), typed | {FIRST: "4"}, headers=HX)

    answer = desk.post(question(page, 1), typed, headers=HX)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Mona Mayer: A contact per service, reachable out of hours" in text(region(html, "saved-1"))
    draft.refresh_from_db()
    assert draft.answers[0]["level"] == 4
    again = desk.post(question(page, 1), typed | {"q1-version": "1", "q1-was": "4.told"}, headers=HX)
    draft.refresh_from_db()
    assert (again.status_code, draft.answers[0]["level"]) == (200, 2)


def test_two_people_at_two_questions_do_not_meet(desk, as_user, manager, sent, page, draft):
    mine, theirs = sent(q1_level="2"), sent(q2_level="4", q2_evidence="shown")

    assert as_user(manager).post(page, theirs).status_code == 302
    assert desk.post(page, mine).status_code == 302

    draft.refresh_from_db()
    assert [each["level"] for each in draft.answers[:2]] == [2, 4]


def test_without_script_a_collision_keeps_everything_else(desk, as_user, manager, sent, page, draft):
    mine = sent(q1_level="2", q3_level="3", stakes_text="The registry")
    as_user(manager).post(page, sent(q1_level="4", stakes_text="Printing"))

    answer = desk.post(page, mine)

    html = answer.content.decode()
    draft.refresh_from_db()
    assert answer.status_code == 409
    assert (draft.answers[0]["level"], draft.answers[2]["level"], draft.stakes) == (4, 3, "Printing")
    assert "Mona Mayer: A contact per service" in text(region(html, "saved-1"))
    assert "Printing" in text(region(html, "saved-topic-stakes"))
    assert text(region(html, "id_stakes-text")) == "The registry"
    assert 'value="2" id="id_q1-level_1" checked' in html
    html = html.replace('<form method="post" class', f'<form action="{page}" class')
    assert desk.post(page, fields(html, page)).status_code == 302
    draft.refresh_from_db()
    assert (draft.answers[0]["level"], draft.stakes) == (2, "The registry")


@pytest.mark.parametrize(
    "typed",
    [{FIRST: "9"}, {FIRST: "x"}, {FIRST: "3", "q1-evidence": "guessed"}, {FIRST: "3", "q1-version": "-4"},
     {FIRST: "3", "q1-version": "9" * 400}, {FIRST: "\x00"}, {FIRST: "3", "q1-was": "x" * 50}],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_changes_nothing(desk, sent, page, draft, typed):
    one = desk.post(question(page, 1), typed, headers=HX)
    whole = desk.post(page, sent(q4_level="3", needs_text="By phone") | typed)

    draft.refresh_from_db()
    html = whole.content.decode()
    assert (one.status_code, whole.status_code) == (422, 422)
    assert draft.answers == [None] * 15
    assert 'value="3" id="id_q4-level_2" checked' in html
    assert text(region(html, "id_needs-text")) == "By phone"


def test_words_are_kept_as_they_are_written(desk, page, draft):
    address = f"{page}context/stakes/"
    kept = desk.post(address, {"stakes-text": "The registry\r\ncounter", "stakes-seen": ""}, headers=HX)
    stale = desk.post(address, {"stakes-text": "Printing", "stakes-seen": ""}, headers=HX)
    long = desk.post(address, {"stakes-text": "x" * 5001, "stakes-seen": "The registry\r\ncounter"}, headers=HX)

    draft.refresh_from_db()
    assert [kept.status_code, stale.status_code, long.status_code] == [200, 409, 422]
    assert draft.stakes == "The registry\ncounter"
    assert "The registry counter" in text(region(stale.content.decode(), "saved-topic-stakes"))
    assert "below 5000 letters" in text(region(long.content.decode(), "saved-topic-stakes"))


@pytest.mark.parametrize("path", ["questions/0/", "questions/16/", "context/other/"])
def test_questions_that_are_not_asked_are_not_there(desk, page, path):
    assert desk.post(page + path, {}).status_code == 404


def test_one_goes_on_another_day_where_one_was(desk, page, draft, lead):
    answered(draft, lead, TOWN)

    html = desk.get(page).content.decode()

    assert "15 of 15 answered" in text(region(html, "progress"))
    assert 'value="2" id="id_q1-level_1" checked' in html
    assert 'value="shown" id="id_q1-evidence_1" checked' in html


def test_finish_keeps_what_was_chosen_last_and_shows_the_result(desk, sent, page, draft, town, lead):
    answered(draft, lead, TOWN)

    answer = desk.post(page, sent(q1_level="3") | {"then": "finish"}, follow=True)

    draft.refresh_from_db()
    assert answer.redirect_chain[-1][0] == reverse("customers:desk_maturity", args=[town.pk])
    assert (draft.state, draft.answers[0]["level"], draft.level_proposed) == ("proposed", 3, 1)


def test_finish_with_too_little_stays_and_says_so(desk, sent, page, draft):
    answer = desk.post(page, sent(q1_level="3") | {"then": "finish"})

    draft.refresh_from_db()
    assert answer.status_code == 422
    assert "too little to go by" in answer.content.decode()
    assert (draft.state, draft.answers[0]["level"]) == ("draft", 3)


def test_what_is_finished_is_read_only(desk, town, lead, reporter):
    found = proposed(town, lead, TOWN)
    page = reverse("customers:desk_assessment", args=[town.pk, found.pk])

    html = desk.get(page).content.decode()
    late = desk.post(question(page, 1), {FIRST: "5", "q1-version": "1", "q1-was": "2.shown"}, headers=HX)
    whole = desk.post(page, {FIRST: "5", "q1-version": "1", "q1-was": "2.shown"})

    assert "One person, informally" in html
    assert "<form method" not in element(html, "main")
    assert (late.status_code, whole.status_code) == (422, 422)
    assert "answers stay as they are" in late.content.decode()
    found.refresh_from_db()
    assert found.answers[0]["level"] == 2


def test_a_sheet_to_print_shows_all_answers_with_the_chosen_one(desk, page, draft, lead):
    assessment.answer(draft, by=lead, number=1, given=Given(2, "told"))

    html = desk.get(f"{page}?sheet").content.decode()

    assert "One person, informally told, Lena Lund" in text(region(html, "main"))
    assert "A rota with backup, tested each quarter" in html
    assert "data-print" in html


def test_somebody_elses_assessment_is_not_under_this_customer(desk, town, other_agent, stranger, draft):
    other = assessment.begin(stranger.customer, by=other_agent)

    assert desk.get(reverse("customers:desk_assessment", args=[town.pk, other.pk])).status_code == 404
    assert at("2026-03-02 10:00") < other.started_at


def test_the_page_costs_the_same_with_and_without_answers(desk, page, draft, lead, django_assert_num_queries):
    with django_assert_num_queries(4):
        desk.get(page)
    answered(draft, lead, TOWN)
    with django_assert_num_queries(4):
        desk.get(page)
