"""Improvement goals: the catalogue, what is suggested, what is reached."""

from datetime import date, timedelta

import pytest

from customers import aims, goals
from customers.models import CustomerEvent, ImprovementGoal, MaturityAssessment
from incidents import goal_measures
from itsm import moment
from itsm.refusal import Refused
from tests import factories

State = ImprovementGoal.State


@pytest.fixture
def page(town):
    return f"/desk/customers/{town.pk}/goals/"


def assessed(town, lead, *dimensions) -> MaturityAssessment:
    return MaturityAssessment.objects.create(
        customer=town, state="proposed", started_by=lead, finished_at=moment.now(), dimensions=list(dimensions)
    )


def test_each_entry_of_the_catalogue_can_be_read_and_its_measure_exists() -> None:
    assert len(aims.CATALOGUE) == 11
    for aim in aims.CATALOGUE.values():
        assert (aim.level in range(1, 5), aim.dimension in range(1, 6), bool(aim.name and aim.done_when)) == (True,) * 3
        assert not aim.measure or aim.measure in goal_measures.MEASURES


def test_the_weakest_dimension_comes_first_and_no_more_than_the_level_takes_at_once(town, lead) -> None:
    assessed(town, lead, 2, 2, 1, 2, 2)

    (first,) = goals.suggested(town, [])  # level 1: one at a time

    assert first.key == "one_place_to_report"
    goals.agree(town, by=lead, key="one_place_to_report")
    assert goals.suggested(town, goals.progress(town)) == []


def test_what_the_result_names_is_suggested_first(as_user, town, lead, page) -> None:
    assessed(town, lead, 3, 2, 2, 2, 2)

    (first,) = goals.suggested(town, [])

    assert first == aims.suggested([3, 2, 2, 2, 2])
    assert first.name in as_user(lead).get(page).content.decode()


def test_a_stronger_customer_takes_more_at_once(lead) -> None:
    strong = factories.CustomerFactory(level=3)

    assert [aim.level for aim in goals.suggested(strong, [])] == [3, 3, 3]


def test_agreed_measured_and_reached(town, lead) -> None:
    goal = goals.agree(town, by=lead, key="contact_and_deputy")
    assert goal.due_on == (moment.now() + goals.A_QUARTER).date()

    for kind, phone in (("named_contact", "555 0101"), ("deputy", "")):
        town.contact_roles.create(kind=kind, name="B. Brandt", phone=phone)
    goal_measures.measure_goals()
    (found,) = goals.progress(town)
    assert (found.goal.measured, found.is_reached, found.percent) == (1, False, 50)

    town.contact_roles.update(out_of_band="555 0102")
    goal_measures.measure_goals()
    (found,) = goals.progress(town)
    assert found.is_reached

    goals.end(goal, by=lead, reached=True, evidence="Both were reached in the test call.")
    assert list(CustomerEvent.objects.order_by("pk").values_list("kind", flat=True)) == ["goal_opened", "goal_ended"]
    goal.refresh_from_db()
    assert (goal.state, goal.ended_by, goal.evidence) == (State.DONE, lead, "Both were reached in the test call.")


def test_shares_are_counted_out_of_ninety_days(town, reporter, team, agent) -> None:
    service = factories.ServiceFactory(customer=town)
    now = moment.now()
    with moment.travel(now - timedelta(days=120)):
        factories.open_incident(reporter)
    for number in range(5):
        incident = factories.open_incident(reporter, service=service if number else None, origin="portal")
    assert goal_measures.share_with_service(town, now + timedelta(seconds=9)) == 80
    assert goal_measures.share_by_hotline_or_portal(town, now + timedelta(seconds=9)) == 100
    assert goal_measures.share_priority_corrected(town, now + timedelta(seconds=9)) == 0
    assert incident.customer == town


def test_too_few_say_nothing(town, reporter, team) -> None:
    factories.open_incident(reporter)

    assert goal_measures.share_with_service(town, moment.now()) is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"key": "no_such"}, "There is no such goal."), ({"key": "five_services", "due_on": date(2020, 1, 1)}, "future")],
)
def test_what_cannot_be_agreed_is_refused(town, lead, values, sentence) -> None:
    with pytest.raises(Refused, match=sentence):
        goals.agree(town, by=lead, **values)


def test_a_goal_is_agreed_once_and_ends_once_with_a_word(town, lead) -> None:
    goal = goals.agree(town, by=lead, key="five_services")
    with pytest.raises(Refused, match="under way already"):
        goals.agree(town, by=lead, key="five_services")
    with pytest.raises(Refused, match="what shows it"):
        goals.end(goal, by=lead, reached=True, evidence=" ")
    goals.end(goal, by=lead, reached=False, evidence="No time this year.")
    with pytest.raises(Refused, match="ended already"):
        goals.end(goal, by=lead, reached=True, evidence="It was.")


def test_agents_read_leads_decide_and_customers_have_their_own_page(
    as_user, page, agent, lead, reporter, contact, town
):
    goals.agree(town, by=lead, key="five_services")

    assert [as_user(who).get(page).status_code for who in (agent, lead, reporter)] == [200, 200, 404]
    assert as_user(agent).post(f"{page}agree/", {"key": "one_place_to_report"}).status_code == 404
    mine = as_user(contact).get("/organisation/goals/").content.decode()
    assert "List your five services in your words" in mine
    assert as_user(reporter).get("/organisation/goals/").status_code == 404


def test_from_the_page(as_user, page, lead, town) -> None:
    board = as_user(lead)
    (first,) = goals.suggested(town, [])

    late = board.post(f"{page}agree/", {"key": first.key, "due_on": "2020-01-01"})
    assert (late.status_code, "Please choose a day in the future." in late.content.decode()) == (422, True)
    assert 'name="due_on" value="2020-01-01"' in late.content.decode()
    board.post(f"{page}agree/", {"key": "five_services", "due_on": ""})
    goal = ImprovementGoal.objects.get()
    refused = board.post(f"{page}{goal.pk}/end/", {"decision": "reached", "evidence": ""})
    assert refused.status_code == 422
    ended = board.post(f"{page}{goal.pk}/end/", {"decision": "dropped", "evidence": "Not <b>now</b>"}, follow=True)

    assert "It is dropped." in ended.content.decode()
    assert "Not &lt;b&gt;now&lt;/b&gt;" in board.get(page).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_number_of_questions(as_user, page, lead, town, number, django_assert_num_queries):
    for key in list(aims.CATALOGUE)[:number]:
        goals.agree(town, by=lead, key=key)
    board = as_user(lead)
    board.get(page)

    with django_assert_num_queries(7):
        board.get(page)


def test_maturity_over_time_is_a_picture_with_its_table(as_user, lead, town) -> None:
    address = f"/desk/customers/{town.pk}/maturity/series/"
    assert "No assessment has come into force yet." in as_user(lead).get(address).content.decode()
    now = moment.now()
    for months, values in ((7, [1, 1, 1, 1, 1]), (1, [3, 2, 2, None, 2])):
        at = now - timedelta(days=30 * months)
        MaturityAssessment.objects.create(
            customer=town, state="in_force", started_by=lead, finished_at=at, in_force_at=at, effective_on=at.date(),
            accepted_here_at=at, accepted_there_at=at, dimensions=values, level_proposed=max(1, min(2, values[1])),
        )  # fmt: skip

    html = as_user(lead).get(address).content.decode()

    assert html.count("<polyline") == 6
    assert html.count("<tr>") == 3
    assert "–" in html


def test_hints_say_what_ninety_days_say(as_user, agent, lead, reporter, team, town) -> None:
    address = f"/desk/customers/{town.pk}/maturity/hints/"
    for _ in range(5):
        factories.open_incident(reporter)

    html = as_user(agent).get(address).content.decode()

    assert 'id="hint-4" hx-swap-oob="true"' in html
    assert "0 % of the reports name a service." in html
    assert as_user(reporter).get(address).status_code == 404
