"""What one does on the problem pages, with and without scripts."""

import pytest

from incidents import lifecycle as incidents
from itsm import events, moment
from problems import actions, lifecycle, worksheet
from problems.models import Action, Problem
from tests import factories

HTMX = {"HX-Request": "true"}


def url(problem: Problem, *parts: object) -> str:
    return "/".join([f"/desk/problems/{problem.reference}", *map(str, parts), ""])


@pytest.fixture
def desk(as_user, lead):
    """desk(problem, verb, **fields) -> the answer to that button."""
    client = as_user(lead)

    def press(problem, verb, **fields):
        return client.post(url(problem, "do", verb), fields)

    return press


def text(answer) -> str:
    return answer.content.decode()


def test_a_button_leads_back_to_the_page(desk, problem) -> None:
    assert desk(problem, "investigate").status_code == 302

    problem.refresh_from_db()
    assert problem.status == "investigating"


def test_with_scripts_the_fragment_comes_back(as_user, lead, problem) -> None:
    answer = as_user(lead).post(url(problem, "do", "investigate"), headers=HTMX)

    assert text(answer).lstrip().startswith('<article id="problem"')
    assert answer["HX-Trigger"] == "problem-changed"


def test_what_was_typed_stays_when_it_is_refused(desk, problem) -> None:
    answer = desk(problem, "close", code="", reason="Because of the relay")

    assert answer.status_code == 422
    assert "Because of the relay" in text(answer)
    assert desk(problem, "nonsense").status_code == 404


def test_a_parked_page_is_calm_and_offers_no_work(as_user, lead, problem, break_again) -> None:
    break_again(problem.opened_by)

    page = text(as_user(lead).get(url(problem)))

    assert "Parked: first it works again" in page
    assert problem.opened_by.reference in page
    for work in ("do/investigate", "do/worksheet", "do/add_action", "do/close", "/review/", "Review due", "overdue"):
        assert work not in page
    assert "do/find" in page
    refused = as_user(lead).post(url(problem, "do", "investigate"))
    assert refused.status_code == 409
    assert "first it works again" in text(refused)


def test_the_sixth_asks_on_the_page(desk, worked_around, candidate, lead) -> None:
    five = [worked_around().problems.get() for _ in range(5)]

    asked = desk(candidate, "accept")
    assert asked.status_code == 409
    assert all(each.reference in text(asked) for each in five)

    assert desk(candidate, "accept", defer=five[0].reference).status_code == 302
    candidate.refresh_from_db()
    assert candidate.status == "open"


def test_two_who_write_the_worksheet_see_each_other(desk, problem, agent) -> None:
    worksheet.write(problem, by=agent, whys=["Theirs."])

    answer = desk(problem, "worksheet", why1="Mine.", version="1")
    assert answer.status_code == 409
    assert "Mine." in text(answer)
    assert "Theirs." in text(answer)
    assert 'name="version" value="2"' in text(answer)

    assert desk(problem, "worksheet", why1="Ours.", version="2").status_code == 302
    problem.refresh_from_db()
    assert problem.whys == ["Ours."]


@pytest.mark.parametrize(
    ("verb", "fields", "says"),
    [
        ("merge", {"into": "PRB-99999"}, "no such problem"),
        ("link", {"incident": "INC-99999999"}, "no such incident"),
        ("link", {"incident": ""}, "required"),
        ("add_action", {"kind": "prevent", "text": "x", "owner": "1", "due_on": "soon"}, "Please give a day"),
        ("resolve", {"text": " "}, "at least one sentence"),
        ("know", {"cause": "x" * 600}, "500"),
    ],
)
def test_bad_input_is_said_beside_the_field(desk, problem, verb, fields, says) -> None:
    answer = desk(problem, verb, **fields)

    assert answer.status_code == 422
    assert says in text(answer)


def test_merging_into_itself_is_said(desk, problem) -> None:
    answer = desk(problem, "merge", into=problem.reference)

    assert answer.status_code == 422
    assert "cannot be merged into itself" in text(answer)


def test_a_strangers_incident_is_not_there_to_link(desk, problem, stranger) -> None:
    theirs = factories.open_incident(stranger)

    assert "no such incident" in text(desk(problem, "link", incident=theirs.reference))


def test_an_action_from_agreed_to_helped(as_user, lead, problem) -> None:
    client = as_user(lead)
    fields = {"kind": "detect", "text": "Watch the dates", "owner": lead.pk, "due_on": moment.now().date().isoformat()}
    client.post(url(problem, "do", "add_action"), fields)
    action = Action.objects.get()

    for verb, more in (
        ("move", {"owner": lead.pk, "due_on": "2999-01-01"}),
        ("finish", {}),
        ("check", {"effect": "yes"}),
    ):
        assert client.post(url(problem, "actions", action.pk, verb), more).status_code == 302
    action.refresh_from_db()
    assert (action.state, str(action.due_on)) == ("checked", "2999-01-01")

    refused = client.post(url(problem, "actions", action.pk, "check"), {"effect": "no", "note": ""})
    assert refused.status_code == 422
    assert "did not help" in text(refused)
    assert client.post(url(problem, "actions", action.pk, "explode")).status_code == 404


def test_the_whole_way_on_the_page(desk, as_user, candidate, lead) -> None:
    for verb, fields in (
        ("accept", {}), ("investigate", {}), ("know", {"cause": "The driver."}), ("fix", {}),
        ("resolve", {"text": "Gone."}), ("fixed", {}),
    ):  # fmt: skip
        assert desk(candidate, verb, **fields).status_code == 302, verb
    candidate.refresh_from_db()
    assert (candidate.status, candidate.close_code) == ("closed", "fixed")
    assert "The cause is gone" in text(as_user(lead).get(url(candidate)))


def test_a_veto_stands_on_the_page(desk, as_user, lead, problem) -> None:
    desk(problem, "resolve", text="Gone.")
    incidents.still_broken(problem.opened_by, by=problem.opened_by.reporter)
    events.relay()

    page = text(as_user(lead).get(url(problem)))

    assert "Still broken, they say" in page
    assert "do/fixed" not in page


@pytest.mark.parametrize("view", ["open", "mine", "candidates", "parked", "overdue", "asked", "over", "nonsense"])
def test_the_lists(as_user, lead, problem, view) -> None:
    shown = {"open", "mine", "nonsense"}

    assert (problem.reference in text(as_user(lead).get(f"/desk/problems/?view={view}"))) == (view in shown)


def test_untouched_problems_ask_in_their_list_above_the_queue_and_on_their_page(as_user, lead, problem) -> None:
    Problem.objects.update(asked_at=moment.now())
    client = as_user(lead)

    assert "untouched for 60 days" in text(client.get("/desk/problems/strip/"))
    assert problem.reference in text(client.get("/desk/problems/?view=asked"))
    assert "Nobody has touched this for 60 days" in text(client.get(url(problem)))
    client.post(url(problem, "do", "go_on"))
    assert "untouched" not in text(client.get("/desk/problems/strip/"))


def test_an_agent_proposes_with_one_click(as_user, agent, incident) -> None:
    client = as_user(agent)
    assert "New problem" in text(client.get(f"/desk/incidents/{incident.reference}/problems/"))

    for _ in range(2):
        client.post(f"/desk/incidents/{incident.reference}/problems/propose/")

    problem = Problem.objects.get()
    assert (problem.status, problem.parked_from, problem.triggers) == ("parked", "candidate", ["new_kind"])


@pytest.mark.parametrize("count", [1, 8])
def test_a_problem_page_asks_a_fixed_number_of_questions(
    as_user, lead, problem, worked_around, django_assert_num_queries, count
) -> None:
    for number in range(count):
        worksheet.find(problem, by=lead, kind="hypothesis", text=f"Guess {number}")
        actions.add(problem, by=lead, kind="prevent", text=f"Do {number}", owner=lead, due_on=moment.now().date())
        problem.incidents.add(worked_around(impact=3, urgency=3))
    client = as_user(lead)

    with django_assert_num_queries(19):
        client.get(url(problem))


def test_the_review_from_draft_to_release(as_user, lead, problem, contact) -> None:
    client, address = as_user(lead), url(problem, "review")
    assert "Begin the review" in text(client.get(address))
    client.post(address, {"begin": "1"})
    page = client.get(address)
    assert "It worked again after" in text(page)

    client.post(address, {"what_happened": "The tray got lost.", "version": "1"})
    stale = client.post(address, {"what_happened": "Mine.", "version": "1"})
    assert (stale.status_code, "Mine." in text(stale)) == (409, True)
    empty = client.post(f"{address}release/", {"text": "", "version": "2"})
    assert (empty.status_code, "at least one sentence" in text(empty)) == (422, True)
    assert client.post(f"{address}release/", {"text": "Please read.", "version": "2"}).status_code == 302

    report = problem.reports.get()
    assert report.content["words"]["what_happened"] == "The tray got lost."
    assert "The tray got lost." in text(as_user(contact).get(f"/reports/{report.pk}/"))


def test_a_merged_one_says_where_it_goes_on(desk, as_user, lead, problem, worked_around) -> None:
    into = worked_around().problems.get()

    desk(problem, "merge", into=f"{into.reference.lower()} some words")

    page = text(as_user(lead).get(url(problem)))
    assert into.reference in page
    assert "do/reopen" not in page
    assert lifecycle.investigate(into, by=lead).status == "investigating"
