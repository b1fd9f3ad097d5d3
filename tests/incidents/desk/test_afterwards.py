"""What comes after: what is to be written down, and calls, on the page of the incident and on their own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents import calls, lifecycle
from incidents.models import CallTask
from itsm import moment
from tests import factories
from tests.incidents.desk.pages import HX, attribute, elements, fields, region, text

LATER = reverse("incidents:desk_later")
QUEUE = reverse("incidents:desk_queue")
P2 = {"impact": 1, "urgency": 2}


@pytest.fixture
def structured(town, team):
    town.level = 3
    town.save()
    return town


@pytest.fixture
def solved(structured, incident, agent):
    """Solved by the agent; what was done, the service and the cause are still to be written down."""
    return factories.resolved(factories.taken(incident, agent), agent)


@pytest.fixture
def call(incident, agent):
    calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(hours=1), number="555 0101")
    return incident.calls.get()


def do_write_off(desk, debt, **fields):
    address = reverse("incidents:desk_write_off", kwargs={"reference": debt.incident.reference, "debt": debt.pk})
    return desk.post(address, {"reason": "no_value"} | fields)


def record(desk, call, **fields):
    address = reverse("incidents:desk_call", kwargs={"reference": call.incident.reference, "call": call.pk})
    return desk.post(address, {"outcome": "reached", "tries": call.tries} | fields)


def test_the_page_says_what_is_wanted_for_whom_and_until_when(desk, solved, address) -> None:
    shown = text(region(desk.get(address()).content.decode(), "afterwards"))

    assert "What was done (for the monthly look at what helps), by" in shown
    assert "Why it happened (to see which causes come back)" in shown
    assert "The part that failed" not in shown


def test_before_it_works_again_the_page_asks_for_nothing(desk, structured, incident, address) -> None:
    html = desk.get(address()).content.decode()

    assert "to be written down" not in text(region(html, "afterwards"))


def test_writing_it_down_takes_it_off_the_list(desk, solved, address, still) -> None:
    form = fields(desk.get(address() + "?do=complete").content.decode(), address("complete"))
    assert {"resolution_code", "outcome", "service", "cause_category"} < form.keys()
    assert form["outcome"] == "Printing works over printer 2."
    assert "detection" not in form

    form |= {"resolution_code": "replaced", "cause_category": "hardware"}
    swapped = desk.post(address("complete"), form, headers=HX).content.decode()

    assert region(swapped, "afterwards") == region(desk.get(address()).content.decode(), "afterwards")
    assert "The service" in text(region(swapped, "afterwards"))
    assert "What was done (" not in text(region(swapped, "afterwards"))
    assert "What was done Replaced" in text(region(swapped, "facts"))


def test_the_form_keeps_what_was_typed_when_something_cannot_be_kept(desk, solved, address) -> None:
    typed = {"resolution_code": "replaced", "cause_category": "ghosts", "outcome": "The fuser was replaced."}

    answer = desk.post(address("complete"), typed)

    assert answer.status_code == 422
    assert "ghosts is not one of the available choices" in answer.content.decode()
    assert fields(answer.content.decode(), address("complete"))["outcome"] == "The fuser was replaced."


def test_too_early_is_a_sentence(desk, structured, incident, address) -> None:
    answer = desk.post(address("complete"), {"cause_category": "hardware"})

    assert answer.status_code == 409
    assert f"Not possible now: {incident.reference} is" in answer.content.decode()


def test_written_off_on_the_page(desk, solved, address) -> None:
    debt = solved.debts.get(rule="cause_category")

    assert do_write_off(desk, debt, reason="not_knowable").url == address()

    assert "Why it happened (" not in text(region(desk.get(address()).content.decode(), "afterwards"))
    assert "Written off: Why it happened" in text(region(desk.get(address()).content.decode(), "timeline"))


@pytest.mark.parametrize("where", [{}, {"list": "1"}])
def test_written_off_without_a_reason_is_refused_with_a_sentence(desk, solved, where) -> None:
    answer = do_write_off(desk, solved.debts.all()[0], reason="because", **where)

    assert answer.status_code == 422
    assert "Please say why it is written off." in answer.content.decode()


def test_the_list_shows_ones_own_and_goes_on_after_each(desk, solved, agent) -> None:
    html = desk.get(LATER).content.decode()
    assert "Mine 3" in text(region(html, "main"))
    assert solved.reference in html

    answer = do_write_off(desk, solved.debts.get(rule="service"), list="1")

    assert answer.url == LATER
    assert "Mine 2" in text(region(desk.get(LATER).content.decode(), "main"))


def test_the_list_of_a_team_names_its_agents(as_user, mate, solved, team, agent) -> None:
    browser = as_user(mate)
    assert "Nothing is owed here" in browser.get(LATER).content.decode()

    html = browser.get(LATER, {"team": team.pk}).content.decode()
    assert "Town desk 3" in text(region(html, "main"))
    assert f"{agent.name} 3" in text(region(html, "main"))

    one = do_write_off(browser, solved.debts.get(rule="service"), list="1", team=team.pk, owner=agent.pk)
    assert one.url == f"{LATER}?team={team.pk}&owner={agent.pk}"
    assert f"{agent.name} 2" in text(region(browser.get(one.url).content.decode(), "main"))


@pytest.mark.parametrize("query", ["team=x", "team=-1", "owner=99999999999999", "team=1&owner=", "team=²"])
def test_a_list_nobody_has_is_empty_or_ones_own(desk, solved, query) -> None:
    assert desk.get(f"{LATER}?{query}").status_code == 200


def test_the_list_is_for_the_desk_and_its_own_customers(as_user, solved, team, reporter, contact, other_agent) -> None:
    assert [as_user(person).get(LATER).status_code for person in (reporter, contact)] == [404, 404]
    assert solved.reference not in as_user(other_agent).get(LATER, {"team": team.pk}).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    desk, structured, reporter, agent, team, django_assert_num_queries, number
) -> None:
    for _ in range(number):
        factories.resolved(factories.open_incident(reporter), agent)

    with django_assert_num_queries(4):
        desk.get(LATER, {"team": team.pk})


def test_calls_stand_above_the_queue_and_on_the_incident(desk, call, address) -> None:
    queue, page = desk.get(QUEUE).content.decode(), desk.get(address()).content.decode()

    for shown in (text(region(queue, "calls")), text(region(page, "afterwards"))):
        assert f"{call.called} 555 0101" in shown
        assert "call back" in shown
        assert "Reached" in shown


def test_without_calls_the_strip_is_away(desk, incident) -> None:
    strip = region(desk.get(QUEUE).content.decode(), "calls")

    assert "hidden" in dict(strip.attributes)
    assert text(strip) == ""


def test_calls_of_others_are_not_shown(as_user, other_agent, call) -> None:
    assert "555 0101" not in as_user(other_agent).get(QUEUE).content.decode()
    assert record(as_user(other_agent), call).status_code == 404


def test_one_click_keeps_what_came_of_it(desk, call, address, agent) -> None:
    assert record(desk, call).url == address()

    call.refresh_from_db()
    assert (call.outcome, call.done_by) == ("reached", agent)
    history = text(region(desk.get(address()).content.decode(), "timeline"))
    assert f"Call: {call.called} , reached" in history or f"Call: {call.called}, reached" in history


def test_one_click_in_the_pane_swaps_pane_and_strip(desk, call, still) -> None:
    answer = reverse("incidents:desk_call", kwargs={"reference": call.incident.reference, "call": call.pk})
    swapped = desk.post(answer, {"outcome": "reached", "tries": 0, "view": "open"}, headers=HX).content.decode()

    assert "hidden" in dict(region(swapped, "calls").attributes)
    assert "555 0101" not in text(region(swapped, "pane"))


def test_a_double_click_counts_once(desk, call) -> None:
    record(desk, call, outcome="no_answer")

    answer = record(desk, call, outcome="no_answer")

    assert answer.status_code == 409
    assert "Somebody has recorded this call meanwhile." in answer.content.decode()
    assert CallTask.objects.get().tries == 1


def test_after_two_tries_another_way_is_offered(desk, call, address) -> None:
    record(desk, call, outcome="no_answer")
    call.refresh_from_db()
    record(desk, call, outcome="voicemail")

    shown = text(region(desk.get(address()).content.decode(), "afterwards"))

    assert "tried 2 times: left a message" in shown
    assert "Twice not reached. A message went to them by itself." in shown
    assert "Told another way" in shown


def test_a_call_is_promised_on_the_page(desk, incident, address) -> None:
    at = timezone.localtime(moment.now() + timedelta(hours=2))

    desk.post(address("promise_call"), {"due_at": f"{at:%Y-%m-%dT%H:%M}", "number": "555 0111"})

    call = incident.calls.get()
    assert (call.why, call.person, call.number) == ("call_back", incident.reporter, "555 0111")
    assert call.due_at == at.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [("", "Please say when we call."), ("soon", "Please give a day"), ("2020-01-01T10:00", "has passed")],
)
def test_a_promise_that_cannot_be_kept_says_so_and_keeps_the_words(desk, incident, address, when, sentence) -> None:
    answer = desk.post(address("promise_call"), {"due_at": when, "name": "The porter"})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert fields(html, address("promise_call"))["name"] == "The porter"


def test_the_strip_leaves_the_queue_in_sight(desk, reporter, agent, team) -> None:
    for _ in range(5):
        factories.restored(factories.open_incident(reporter, **P2), agent)

    strip = region(desk.get(QUEUE).content.decode(), "calls")

    assert text(strip).count("ask whether it works") == 2
    assert "There are more; they follow when these are made." in text(strip)


@pytest.mark.parametrize("number", [1, 3])
def test_the_strip_asks_one_question(desk, reporter, agent, team, django_assert_num_queries, number) -> None:
    for _ in range(number):
        lifecycle.take(factories.restored(factories.open_incident(reporter, **P2), agent), by=agent)
    html = desk.get(QUEUE).content.decode()
    assert len([one for one in elements(region(html, "calls")) if one.name == "li"]) == number
    assert attribute(region(html, "calls"), "hidden") is None

    with django_assert_num_queries(8):
        desk.get(QUEUE)
