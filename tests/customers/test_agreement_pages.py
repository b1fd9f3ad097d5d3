"""The pages of an agreement: what they say, who may do what, and what happens to bad input."""

import re

import pytest

from customers import agreements, policy
from customers.models import ContractClass, Customer
from tests import factories
from tests.customers.test_knob_forms import posted

SOONER = {"restore": ["2 h", "8 h", "3 bd", "5 bd"]}
LATER = {"restore": ["5 h", "8 h", "3 bd", "5 bd"]}


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def administrator(team):
    """One who is in a team that serves the town: `visible_to` is their door as well."""
    return factories.UserFactory(name="Ada Admin", administrator=True, member_of=team)


@pytest.fixture
def counter(town):
    return factories.ServiceFactory(customer=town, name="Registry counter")


@pytest.fixture
def contract():
    return ContractClass.objects.create(name="Hospital 24x7", meaning="Day and night.", knobs={"review": "standard"})


def page(customer: Customer) -> str:
    return f"/desk/customers/{customer.pk}/agreement/"


def written(answer, **values) -> dict:
    """What a browser sends of the form it was shown, with these controls written over."""
    form = answer.context["form"]
    data = {"version": form.said["version"].value()}
    for knob_form in form.forms:
        data |= posted(knob_form)
    return data | {name.replace("__", "-"): value for name, value in values.items()}


def test_each_knob_is_said_in_words_with_the_layer_that_decided(as_user, agent, town, counter, contract) -> None:
    Customer.objects.update(contract=contract, agreement=SOONER)
    counter.agreement = {"response": ["10 min", "30 min", "2 h", "8 h"]}
    counter.save()

    general = text(as_user(agent).get(page(town)))
    of_counter = text(as_user(agent).get(f"{page(town)}?service={counter.pk}"))

    assert (
        "P1 2 h, P2 8 h, P3 3 business days, P4 5 business days from what is agreed with Town of Ostermoor" in general
    )
    assert "standard post-incident review from the contract class Hospital 24x7" in general
    assert "P1 15 min, P2 30 min, P3 2 h, P4 8 h from the level Guided, as shipped" in general
    assert "P1 10 min, P2 30 min, P3 2 h, P4 8 h from what is agreed for Registry counter" in of_counter
    assert "until a person has it and has said so" in general


@pytest.mark.parametrize("query", ["?service=999999", "?service=x", "?service=" + "9" * 400])
def test_a_service_that_is_not_there_shows_the_customer(as_user, agent, town, query) -> None:
    assert "All that holds" in text(as_user(agent).get(page(town) + query))


def test_agents_read_and_do_not_change(as_user, agent, town, counter) -> None:
    client = as_user(agent)

    assert "Change what is agreed" not in text(client.get(page(town)))
    for address in ("change/", "contract/", f"services/{counter.pk}/"):
        assert client.post(page(town) + address, {}).status_code == 404


@pytest.mark.parametrize("role", ["reporter", "contact"])
def test_the_customers_side_has_no_desk_page(as_user, role, request, town) -> None:
    assert as_user(request.getfixturevalue(role)).get(page(town)).status_code == 404


def test_a_lead_sets_one_knob_and_only_that_is_stored(as_user, lead, town) -> None:
    client = as_user(lead)
    form = client.get(f"{page(town)}change/")

    answer = client.post(f"{page(town)}change/", written(form, restore__how="here", restore__p1="2 hours"))

    assert answer["Location"] == page(town)
    town.refresh_from_db()
    assert town.agreement == SOONER
    after = text(client.get(page(town)))
    assert "Saved. Open incidents keep what was agreed when they were reported." in after
    assert "Works again: as inherited, then P1 2 h, P2 8 h, P3 3 business days, P4 5 business days" in after
    assert f'action="/desk/calendars/agreement/{town.pk}/"' in client.get(page(town)).content.decode()


def test_giving_a_knob_back_to_the_layers_before(as_user, lead, town) -> None:
    Customer.objects.update(agreement=SOONER)
    client = as_user(lead)

    client.post(f"{page(town)}change/", written(client.get(f"{page(town)}change/"), restore__how="inherited"))

    town.refresh_from_db()
    assert town.agreement == {}


def test_bad_input_comes_back_with_a_sentence_and_nothing_lost(as_user, lead, town) -> None:
    client = as_user(lead)
    values = {"restore__how": "here", "restore__p1": "soonish", "tone__how": "here", "tone__one": "technical"}

    answer = client.post(f"{page(town)}change/", written(client.get(f"{page(town)}change/"), **values))

    assert answer.status_code == 422
    assert "P1: “soonish” cannot be read; a target looks like 30 min, 4 h or 3 bd." in text(answer)
    assert "Please look at: Works again." in text(answer)
    assert 'value="soonish"' in answer.content.decode()
    assert 'value="technical" selected' in answer.content.decode()
    town.refresh_from_db()
    assert town.agreement == {}


@pytest.mark.parametrize(
    "data", [{}, {"version": "x"}, {"version": "-1"}, {"version": "9" * 40}, {"restore-how": "maybe"}]
)
def test_nonsense_is_refused_and_never_breaks(as_user, lead, town, data) -> None:
    assert as_user(lead).post(f"{page(town)}change/", data).status_code == 422
    assert as_user(lead).post(f"{page(town)}contract/", data | {"contract": "x"}).status_code == 422


def test_below_the_floor_a_lead_reads_why_not_and_who_could(as_user, lead, town) -> None:
    client = as_user(lead)
    values = {"restore__how": "here", "restore__p1": "5 h", "reason": "I want to"}

    answer = client.post(f"{page(town)}change/", written(client.get(f"{page(town)}change/"), **values))

    assert answer.status_code == 422
    assert "Rule 3: P1 would be restored later than the floor of 4 h allows." in text(answer)
    assert "An administrator of this team may let it through with a reason." in text(answer)
    assert 'value="5 h"' in answer.content.decode()
    assert 'name="reason"' not in answer.content.decode()


def test_an_administrator_of_the_team_lets_it_through_and_the_page_says_so(as_user, administrator, agent, town) -> None:
    client = as_user(administrator)
    values = {"restore__how": "here", "restore__p1": "5 h", "reason": "The line is being replaced."}

    answer = client.post(f"{page(town)}change/", written(client.get(f"{page(town)}change/"), **values))

    assert answer.status_code == 302
    seen = text(as_user(agent).get(page(town)))
    assert "let through Rule 3: P1 would be restored later than the floor of 4 h allows. The line is being repl" in seen


@pytest.mark.parametrize(("who", "tabs"), [("administrator", 1), ("agent", 7)])
def test_the_head_leads_nobody_astray(as_user, request, town, who, tabs) -> None:
    client = as_user(request.getfixturevalue(who))

    head = client.get(page(town)).content.decode().split('<div id="head"')[1].split("</nav>")[0]

    assert [client.get(each).status_code for each in re.findall(r'href="([^"]+)"', head)] == [200] * tabs


def test_an_administrator_of_no_team_of_theirs_does_not_get_there(as_user, town) -> None:
    assert as_user(factories.UserFactory(administrator=True)).get(page(town)).status_code == 404


def test_of_two_people_the_slower_sees_both_texts(as_user, lead, manager, town) -> None:
    client = as_user(lead)
    slow = written(client.get(f"{page(town)}change/"), restore__how="here", restore__p1="1 h")
    agreements.change_customer_agreement(town, by=manager, knobs=SOONER, version=1)

    answer = client.post(f"{page(town)}change/", slow)

    assert answer.status_code == 409
    assert "now P1 2 h, P2 8 h, P3 3 business days, P4 5 business days; you wrote P1 1 h," in text(answer)
    again = written(answer) | {"version": re.search(r'name="version" value="(\d+)"', answer.content.decode())[1]}
    again |= {"restore-p1": "1 h", "restore-how": "here"}
    assert client.post(f"{page(town)}change/", again).status_code == 302
    town.refresh_from_db()
    assert town.agreement["restore"][0] == "1 h"


def test_one_service_has_its_own(as_user, lead, town, counter) -> None:
    client = as_user(lead)
    address = f"{page(town)}services/{counter.pk}/"

    client.post(address, written(client.get(address), restore__how="here", restore__p1="1 h"))

    counter.refresh_from_db()
    assert counter.agreement == {"restore": ["1 h", "8 h", "3 bd", "5 bd"]}
    assert policy.resolve(town).content["restore"][0] == "4 h"
    elsewhere = factories.ServiceFactory()
    assert client.get(f"{page(town)}services/{elsewhere.pk}/").status_code == 404


def test_choosing_a_contract_class(as_user, lead, town, contract) -> None:
    client = as_user(lead)

    assert client.post(f"{page(town)}contract/", {"version": 1, "contract": contract.pk}).status_code == 302
    town.refresh_from_db()
    assert town.contract == contract
    assert "Contract class: none, then Hospital 24x7" in text(client.get(page(town)))
    assert client.post(f"{page(town)}contract/", {"version": 1, "contract": ""}).status_code == 409
    unfair = ContractClass.objects.create(name="Cheap", knobs=LATER)
    refused = client.post(f"{page(town)}contract/", {"version": 2, "contract": unfair.pk})
    assert (refused.status_code, "Rule 3" in text(refused)) == (422, True)


def test_the_history_shows_only_what_concerns_the_customer(as_user, agent, lead, town, administrator, stranger) -> None:
    agreements.change_customer_agreement(stranger.customer, by=lead, knobs={"tone": "plain_line"}, version=1)
    agreements.change_level_template(1, by=administrator, knobs={"update_words": 60}, version=0)
    agreements.change_level_template(5, by=administrator, knobs={"update_words": 300}, version=0)

    seen = text(as_user(agent).get(page(town)))

    assert "Length of updates: as inherited, then up to 60 words" in seen
    assert "up to 300 words" not in seen
    assert "Quillpay" not in seen


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_number_of_questions(as_user, lead, town, number, django_assert_num_queries) -> None:
    for n in range(number):
        factories.ServiceFactory(customer=town, agreement={"restore": [f"{n + 1} h", "8 h", "3 bd", "5 bd"]})
        fresh = Customer.objects.get(pk=town.pk)
        agreements.change_customer_agreement(fresh, by=lead, knobs={"update_words": 60 + n}, version=fresh.version)
    client = as_user(lead)
    client.get(page(town))

    with django_assert_num_queries(7):  # session, user, customer, services, layers, history, contract classes
        client.get(page(town))


def test_the_contact_reads_the_same_in_plain_words(as_user, contact, reporter, agent, town, counter, contract) -> None:
    Customer.objects.update(contract=contract, agreement=SOONER)
    counter.agreement = {"restore": ["1 h", "8 h", "3 bd", "5 bd"]}
    counter.save()

    seen = text(as_user(contact).get("/organisation/agreement/"))

    assert "You work with us as Guided" in seen
    assert "P1 2 h, P2 8 h, P3 3 business days, P4 5 business days agreed with you" in seen
    assert "from your contract Hospital 24x7" in seen
    assert "Registry counter : Works again P1 1 h" in seen
    assert not re.search(r"\blevel\b|Length of updates|Escalation ladder|Close-out|of the customer", seen)
    for person in (reporter, agent):
        assert as_user(person).get("/organisation/agreement/").status_code == 404
