"""While people cannot work, work at causes is parked or serves restoration; never refused, and nobody is asked."""

import re
from datetime import timedelta

import pytest

from incidents import parking
from itsm import events, moment
from problems import actions, candidates, holding, lifecycle, reviews, tasks, worksheet
from problems.models import Action, Problem, Review
from problems.moves import MoveRefused
from tests import factories

QUESTION = "Service is still down. Park it, or does it serve restoration?"


@pytest.fixture
def down(problem, break_again) -> Problem:
    """A problem whose incident is down again."""
    break_again(problem.opened_by)
    problem.refresh_from_db()
    return problem


@pytest.fixture
def client(as_user, lead):
    return as_user(lead)


def url(problem: Problem, *parts: object) -> str:
    return "/".join([f"/desk/problems/{problem.reference}", *map(str, parts), ""])


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("investigate", {}),
        ("fix", {}),
        ("know", {"cause": "The relay's certificate"}),
        ("resolve", {"text": "We have renewed the certificate."}),
        ("worksheet", {"why1": "It had expired.", "why2": "Nobody watches it.", "factors": "No calendar"}),
        ("add_action", {"text": "Watch certificates", "kind": "detect"}),
    ],
)
def test_work_asks_and_keeps_what_was_typed(client, down, verb, typed) -> None:
    page = client.post(url(down, "do", verb), typed)

    assert page.status_code == 409
    assert QUESTION in text(page)
    for words in (words for name, words in typed.items() if name != "kind"):
        assert words.replace("'", "&#x27;") in text(page)
    down.refresh_from_db()
    assert down.status == "parked"


def test_an_action_of_before_asks_too(client, problem, lead, break_again) -> None:
    action = actions.add(problem, by=lead, kind="prevent", text="Renew it", owner=lead, due_on=moment.now().date())
    break_again(problem.opened_by)

    page = client.post(url(problem, "actions", action.pk, "finish"))

    assert (page.status_code, QUESTION in text(page)) == (409, True)
    assert Action.objects.get().done_at is None


def test_the_page_of_a_parked_problem_has_the_question(client, down) -> None:
    page = text(client.get(url(down)))

    assert QUESTION in page
    ways = re.findall(r'<button type="submit" class="btn btn-(\w+)" name="way" value="(\w+)"', page)
    assert ways == [("primary", "park"), ("plain", "serve")]


def test_parked_from_the_problem_it_is_a_card_there_and_here(client, down, lead) -> None:
    fields = {"text": "the relay again", "incident": down.opened_by.pk, "way": "park"}
    assert client.post(url(down, "do", "hold"), fields).status_code == 302
    events.relay()

    card = down.opened_by.parked_notes.get()
    assert (card.kind, card.text, card.by) == ("hypothesis", "the relay again", lead)
    assert [one.text for one in down.findings.all()] == ["the relay again"]
    assert not down.opened_by.investigations.exists()


def test_without_a_button_it_is_parked(client, down) -> None:
    client.post(url(down, "do", "hold"), {"text": "the relay again", "incident": down.opened_by.pk})

    assert down.opened_by.parked_notes.exists()


def test_what_serves_restoration_has_an_owner_an_aim_and_half_an_hour(client, down, lead, agent) -> None:
    fields = {"text": "find a way to print until noon", "incident": down.opened_by.pk, "way": "serve"}
    assert client.post(url(down, "do", "hold"), fields | {"owner": agent.pk}).status_code == 302

    begun = down.opened_by.investigations.get()
    assert (begun.owner, begun.begun_by, begun.aim) == (agent, lead, "find a way to print until noon")
    assert begun.ends_at - begun.begun_at == timedelta(minutes=30)
    assert down.opened_by.events.filter(kind="investigation", data__did="begun").exists()
    parking.prolong(begun, by=agent)
    begun.refresh_from_db()
    assert (begun.ends_at - begun.begun_at, begun.extended) == (timedelta(minutes=60), 1)
    down.refresh_from_db()
    assert down.status == "parked"


@pytest.mark.parametrize("bad", [{"text": ""}, {"text": "x" * 301, "way": "serve"}, {"text": "x", "incident": "0"}])
def test_a_bad_answer_says_why_and_loses_nothing(client, down, bad) -> None:
    page = client.post(url(down, "do", "hold"), {"text": "a", "incident": down.opened_by.pk, "way": "park"} | bad)

    assert page.status_code == 422
    assert bad["text"] in text(page)
    assert not down.opened_by.parked_notes.exists()


def test_of_several_that_are_down_one_is_chosen(client, down, reporter, agent) -> None:
    other = factories.open_incident(reporter)
    candidates.link(down, other)
    assert f'<option value="{other.pk}"' in text(client.get(url(down)))

    client.post(url(down, "do", "hold"), {"text": "the tray", "incident": other.pk})

    assert other.parked_notes.get().text == "the tray"


def test_it_works_again_meanwhile(client, down, agent) -> None:
    factories.restored(down.opened_by, agent)
    events.relay()

    page = client.post(url(down, "do", "hold"), {"text": "the relay", "incident": down.opened_by.pk})

    assert "the relay" in text(page)
    assert page.status_code in (409, 422)


def test_a_new_problem_from_the_incident_asks(as_user, agent, incident) -> None:
    client, panel = as_user(agent), f"/desk/incidents/{incident.reference}/problems/"
    page = text(client.get(panel))
    assert "<html" in page  # a page of its own for whoever has no scripts
    assert QUESTION in page

    sent = client.post(f"{panel}propose/", {"text": "certificate expired on relay 1", "way": "park"})

    assert sent.status_code == 302
    problem = Problem.objects.get()
    assert (problem.status, [one.text for one in problem.findings.all()]) == (
        "parked",
        ["certificate expired on relay 1"],
    )


def test_a_new_problem_that_serves_is_parked_with_an_investigation(as_user, agent, incident) -> None:
    panel = f"/desk/incidents/{incident.reference}/problems/"
    without = as_user(agent).post(f"{panel}propose/", {"way": "serve"})
    assert (without.status_code, Problem.objects.exists()) == (422, False)

    as_user(agent).post(f"{panel}propose/", {"way": "serve", "text": "a temporary route"})

    assert Problem.objects.get().status == "parked"
    assert incident.investigations.get().aim == "a temporary route"


def test_the_review_asks_too_and_keeps_its_words(client, problem, lead, break_again) -> None:
    reviews.begin(problem, by=lead)
    break_again(problem.opened_by)

    assert QUESTION in text(client.get(url(problem, "review")))
    page = client.post(url(problem, "review"), {"what_happened": "The relay stood still.", "version": "1"})
    assert page.status_code == 409
    assert QUESTION in text(page)
    assert "The relay stood still." in text(page)
    assert Review.objects.get().words["what_happened"] != "The relay stood still."


def test_nothing_of_a_parked_problem_is_due_or_asked(down, lead, client) -> None:
    """R1, everywhere: rows, pages, the API, and each periodic task in a year's time."""
    assert (down.review_due_at, down.report_due_at, down.preliminary_due_at) == (None, None, None)
    seen = client.get(f"/api/v1/problems/{down.reference}/").json()
    assert (seen["status"], seen["review_due_at"], seen["report_due_at"], seen["actions"]) == ("parked", None, None, [])
    before = down.events.count()
    with moment.travel(moment.now() + timedelta(days=365)):
        for task in (tasks.ask_untouched, tasks.propose_recurring, tasks.go_on_telling, tasks.settle_uses):
            task()
        events.relay()

    down.refresh_from_db()
    assert down.events.count() == before
    assert (down.status, down.asked_at, Action.objects.count()) == ("parked", None, 0)
    for begin in (lifecycle.investigate, reviews.begin):
        with pytest.raises(MoveRefused, match="first it works again"):
            begin(down, by=lead)


def test_dates_begin_anew_when_it_works_again(down, agent) -> None:
    factories.restored(down.opened_by, agent)
    events.relay()

    down.refresh_from_db()
    assert down.status == "open"
    assert down.review_due_at is not None


def test_a_card_is_promoted_at_any_time_after_it_works_again(as_user, reporter, agent) -> None:
    incident = factories.open_incident(reporter)
    card = parking.park(incident, by=agent, kind="hypothesis", text="the tray of printer 1")
    panel = f"/desk/incidents/{incident.reference}/problems/"
    with pytest.raises(MoveRefused, match="First it works again"):
        holding.promote(card, onto=incident, by=agent)
    factories.restored(incident, agent, "fix")
    events.relay()
    assert not Problem.objects.exists()
    assert "the tray of printer 1" in text(as_user(agent).get(panel))

    assert as_user(agent).post(f"{panel}promote/", {"card": card.pk}).status_code == 302

    problem = Problem.objects.get()
    assert (problem.status, problem.owner, [one.note for one in problem.findings.all()]) == (
        "candidate",
        incident.team.coordinator(),
        [card],
    )
    assert as_user(agent).post(f"{panel}promote/", {"card": "x"}).status_code == 404


def test_a_card_brings_a_dismissed_candidate_back(candidate, agent, lead) -> None:
    card = parking.park(candidate.opened_by, by=agent, kind="hypothesis", text="It is the tray after all.")
    lifecycle.dismiss(candidate, by=lead, reason="Once only.")

    holding.promote(card, onto=candidate.opened_by, by=agent)

    candidate.refresh_from_db()
    assert candidate.status == "investigating"
    assert [one.text for one in candidate.findings.all()] == ["It is the tray after all."]


def test_notes_are_taken_at_any_time(client, down) -> None:
    client.post(url(down, "do", "find"), {"kind": "evidence", "text": "4,000 mails wait"})

    assert worksheet.Finding.objects.get().text == "4,000 mails wait"
