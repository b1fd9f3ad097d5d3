"""The page of all calls: whose they are, which are late, what to say, and one click for what came of each."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from incidents import calls, surveys
from incidents.models import Survey
from itsm import moment
from tests import factories
from tests.incidents.moments import at

PAGE = "/desk/calls/"


@pytest.fixture
def desk(as_user, agent):
    return as_user(agent)


@pytest.fixture
def promise(agent):
    """promise(incident, minutes) -> the call that is due then."""

    def make(incident, minutes: int = 30, **values):
        calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(minutes=minutes), **values)
        return incident.calls.to_make().get(why="call_back")

    return make


def shown(client, query: str = "") -> list[str]:
    """The references in their order."""
    page = client.get(PAGE + query).context["list"]
    return [line.call.incident.reference for line in page.lines]


def test_mine_the_teams_and_all_in_the_order_they_are_due(desk, team, reporter, agent, lead, promise) -> None:
    mine, nobodys, others = (factories.open_incident(reporter) for _number in range(3))
    factories.taken(mine, agent)
    factories.taken(others, lead)
    for incident, minutes in ((mine, 30), (nobodys, 10), (others, 20)):
        promise(incident, minutes)

    assert shown(desk) == [nobodys.reference, mine.reference]
    assert shown(desk, "?all=1") == [nobodys.reference, others.reference, mine.reference]
    assert shown(desk, f"?team={team.pk}") == shown(desk, "?all=1")
    assert shown(desk, "?team=0") == shown(desk)
    assert shown(desk, f"?team={team.pk + 999}") == []


def test_calls_of_others_customers_are_not_there(as_user, other_agent, incident, promise) -> None:
    promise(incident)

    assert shown(as_user(other_agent), "?all=1") == []


@pytest.mark.parametrize("query", ["?team=x", "?team=%00", "?team=9999999999999", "?all=", "?team=-1"])
def test_what_cannot_be_read_is_not_said(desk, query) -> None:
    assert desk.get(PAGE + query).status_code in (200, 400)


def test_it_is_for_agents(as_user, reporter, contact) -> None:
    assert {as_user(person).get(PAGE).status_code for person in (reporter, contact)} == {404}


def test_a_late_one_is_marked(desk, incident, promise) -> None:
    promise(incident)
    assert "1 is late" not in desk.get(PAGE).content.decode()

    with moment.travel(moment.now() + timedelta(hours=1)):
        assert "1 is late" in desk.get(PAGE).content.decode()


def press(client, call, outcome: str, **fields):
    address = f"/desk/incidents/{call.incident.reference}/calls/{call.pk}/"
    fields = {"list": "1", "outcome": outcome, "tries": str(call.tries)} | fields
    return client.post(address, fields, follow=True)


def test_one_click_records_it_and_the_list_goes_on(desk, incident, promise) -> None:
    answer = press(desk, promise(incident), "reached", all="1")

    assert answer.redirect_chain == [(PAGE + "?all=1", 302)]
    assert "reached" in answer.content.decode()
    assert not incident.calls.to_make().exists()


def test_after_two_tries_it_says_that_a_message_goes_out_by_itself(desk, incident, promise) -> None:
    call = promise(incident)
    press(desk, call, "voicemail")
    call.refresh_from_db()
    answer = press(desk, call, "no_answer")

    assert escape(f"A message goes to {incident.reporter.name} by itself now.") in answer.content.decode()
    assert "A message went to them by itself." in answer.content.decode()
    assert incident.events.filter(kind="called").order_by("-pk")[0].data["writes"] is True


def test_to_somebody_without_a_log_in_it_says_what_may_help(desk, incident, promise) -> None:
    call = promise(incident, name="The gatehouse", number="555 0166")
    for outcome in ("voicemail", "no_answer"):
        call.refresh_from_db()
        answer = press(desk, call, outcome)

    assert "A message in writing may reach The gatehouse sooner." in answer.content.decode()


def test_somebody_was_faster(desk, incident, promise, lead) -> None:
    call = promise(incident)
    calls.record_call(call, by=lead, outcome="no_answer")

    answer = press(desk, call, "reached")

    assert answer.status_code == 409
    assert "Somebody has recorded this call meanwhile." in answer.content.decode()
    assert shown(desk, "?all=1") == [incident.reference]


def script(client, query: str = "?all=1") -> list[str]:
    (line,) = client.get(PAGE + query).context["list"].lines
    return line.script


def test_the_script_is_filled_in_from_the_last_update(desk, monday, reporter, agent, town, promise) -> None:
    service = factories.ServiceFactory(customer=town, name="Printing at the counter")
    incident = factories.answered(factories.open_incident(reporter, service=service), agent, "We reset the server now.")
    promise(incident)
    with moment.travel(at("Mon 10:05")):
        said = script(desk)

    assert said[:4] == [
        "Hello, this is Ines Keller from your service desk.",
        f"I know about it: “{incident.title}”.",
        "Affected: Printing at the counter.",
        "How it stands: “We reset the server now.”",
    ]
    assert said[-1] == "Is anything urgent that stops because of this?"
    assert said[-2].startswith("You hear from me again by ")


def test_the_script_to_confirm_asks_whether_it_works(desk, reporter, agent) -> None:
    factories.restored(factories.open_incident(reporter, impact=1, urgency=2), agent)

    assert "What was done: “Printing works over printer 2.”" in script(desk)
    assert "Does it work for you again? If not, I open it again right now." in script(desk)


def test_the_script_to_the_unhappy_says_what_they_wrote(desk, reporter, agent) -> None:
    with moment.travel(moment.now() - timedelta(hours=3)):
        factories.resolved(factories.open_incident(reporter), agent)
    surveys.ask_due()
    said = {"satisfaction": 1, "by_way": "page", "comment": "Nobody called me."}
    surveys.answer(Survey.objects.get(), by=reporter, **said)

    assert "You wrote: “Nobody called me.”" in script(desk)


def test_only_guided_customers_have_a_script(desk, town, reporter, promise) -> None:
    town.level = 3
    town.save()
    promise(factories.open_incident(reporter))

    assert script(desk) == []


def test_as_many_queries_for_many_calls_as_for_one(desk, reporter, agent, promise) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(PAGE + "?all=1").status_code == 200
        return len(captured)

    promise(factories.answered(factories.open_incident(reporter), agent))
    one = count()
    for _number in range(5):
        promise(factories.answered(factories.open_incident(reporter), agent))

    assert count() == one
