"""The list of customers: whom one serves, what is open, what somebody should see to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers import profile_queries
from customers.models import ContactRole, ContractClass, Customer, MaturityAssessment
from tests import factories
from tests.incidents.desk.pages import HX, elements, region, text

LIST = "/desk/customers/"


@pytest.fixture
def desk(as_user, agent):
    return as_user(agent)


def rows(browser, query: str = "", **headers) -> list[str]:
    html = browser.get(LIST + query, headers=headers or None).content.decode()
    return [
        text(one).replace(" at Town of Ostermoor", "") for one in elements(region(html, "list")) if one.name == "tr"
    ][1:]


def assessed(customer: Customer, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    person = factories.UserFactory(customer=customer)
    MaturityAssessment.objects.create(
        customer=customer, state="in_force", started_by=person, finished_at=then, accepted_here_at=then,
        accepted_there_at=then, effective_on=then.date(), in_force_at=then,
    )  # fmt: skip


def test_it_shows_whom_one_serves(desk, as_user, town, incident, stranger, other_agent, reporter) -> None:
    town.contract = ContractClass.objects.create(name="Bronze")
    town.save()
    factories.open_incident(reporter)
    factories.resolved(factories.open_incident(reporter), factories.UserFactory(agent=True, member_of=incident.team))

    assert rows(desk) == [
        "Town of Ostermoor Guided Bronze 2 no named contact, no out-of-band number, no assessment on record"
    ]
    assert [row[:8] for row in rows(as_user(other_agent))] == ["Quillpay"]
    assert as_user(reporter).get(LIST).status_code == 404


@pytest.mark.parametrize(
    ("level", "days", "needs"),
    [
        (None, None, "not assessed yet"),
        (1, None, "no assessment on record"),
        (2, 182, ""),
        (2, 184, "assessment due"),
        (3, 184, ""),
        (3, 364, ""),
        (3, 366, "assessment due"),
    ],
)
def test_what_needs_attention_is_said_and_found(desk, town, team, level, days, needs) -> None:
    town.level = level
    town.save()
    ContactRole.objects.create(customer=town, kind="named_contact", name="Birte", out_of_band="555 0160")
    if days:
        assessed(town, days)

    (row,) = rows(desk)

    assert row.endswith(f"none 0 {needs}".strip())
    assert rows(desk, "?show=needing") == ([row] if needs else [])


@pytest.mark.parametrize(
    ("state", "needs"), [("draft", ""), ("proposed", "a support model waits for an answer"), ("agreed", "")]
)
def test_while_an_assessment_is_under_way_none_is_due(desk, town, team, lead, state, needs) -> None:
    ContactRole.objects.create(customer=town, kind="named_contact", name="Birte", out_of_band="555 0160")
    assessed(town, 400)
    then = timezone.now()
    both = {"accepted_here_at": then, "accepted_there_at": then, "effective_on": then.date()}
    MaturityAssessment.objects.create(
        customer=town, state=state, started_by=lead, finished_at=None if state == "draft" else then,
        **(both if state == "agreed" else {}),
    )  # fmt: skip

    (row,) = rows(desk)

    assert row.endswith(f"none 0 {needs}".strip())
    assert rows(desk, "?show=needing") == ([row] if needs else [])


def test_the_number_leads_to_the_incidents(desk, town, incident, stranger) -> None:
    html = desk.get(LIST).content.decode()

    address = "/desk/?q=Town%20of%20Ostermoor"
    assert f'href="{address}"' in html
    assert incident.reference in desk.get(address).content.decode()


def test_search_is_by_name_and_htmx_gets_the_list(desk, team, town) -> None:
    other = factories.CustomerFactory(name="Älmhult <b>")
    team.customers.add(other)

    assert [row.split(" Guided")[0] for row in rows(desk, "?q=OSTER")] == ["Town of Ostermoor"]
    answer = desk.get(f"{LIST}?q=älm", headers=HX).content.decode()
    assert "<html" not in answer
    assert "&lt;b&gt;" in answer
    assert "No customer fits" in desk.get(f"{LIST}?q=%25").content.decode()


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=x", f"?page={10**30}", "?q=%07", "?q=" + "x" * 3000])
def test_odd_questions_get_an_answer(desk, town, query) -> None:
    assert desk.get(LIST + query).status_code == 200


def test_pages_carry_the_question_along(desk, team) -> None:
    names = [f"Firm & Co {n:03}" for n in range(profile_queries.PAGE + 1)]
    calendar = factories.CalendarFactory()
    team.customers.add(*Customer.objects.bulk_create(Customer(name=name, calendar=calendar) for name in names))

    first = desk.get(f"{LIST}?q=firm+%26&show=needing").content.decode()

    assert "51 customers" in first
    assert 'href="?page=2&amp;q=firm+%26&amp;show=needing"' in first
    assert [row.split(" Guided")[0] for row in rows(desk, "?q=firm&page=2")] == ["Firm & Co 050"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions(desk, team, number, django_assert_num_queries) -> None:
    for _n in range(number):
        person = factories.UserFactory(customer=factories.CustomerFactory())
        team.customers.add(person.customer)
        factories.open_incident(person)
    with django_assert_num_queries(5):  # session, user, how many, the page, what is open
        desk.get(LIST)
