"""Levels and contract classes: who reads them, who changes them, and what is refused."""

import re

import pytest

from customers import policy
from customers.models import ContractClass, LevelTemplate, PolicyChange
from tests import factories
from tests.customers.test_agreement_pages import text, written

ADDRESSES = ["/desk/levels/", "/desk/levels/1/", "/desk/levels/1/change/", "/desk/contracts/new/"]


@pytest.fixture
def boss(as_user):
    return as_user(factories.UserFactory(administrator=True, name="Ada Admin"))


@pytest.fixture
def contract():
    return ContractClass.objects.create(name="Hospital 24x7", meaning="Day and night.", knobs={"review": "standard"})


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("reporter", 0), ("contact", 0), ("agent", 0), ("lead", 2), ("manager", 2), ("administrator", 4)],
)
def test_who_reads_and_who_changes(as_user, request, role, allowed) -> None:
    person = factories.UserFactory(administrator=True) if role == "administrator" else request.getfixturevalue(role)

    found = [as_user(person).get(address).status_code for address in ADDRESSES]

    assert found == [200] * allowed + [404] * (4 - allowed)


def test_an_administrator_finds_the_page_from_the_first_page_and_no_dead_ends(boss) -> None:
    answer = boss.get("/", follow=True)

    links = set(re.findall(r'href="(/[^"#]*)"', answer.content.decode()))
    assert answer.request["PATH_INFO"] == "/desk/levels/"
    assert "/admin/" in links
    assert {link: boss.get(link).status_code for link in links if not link.startswith("/static")} == {
        link: 200 if link != "/" else 302 for link in links if not link.startswith("/static")
    }


def test_a_level_is_changed_and_everybody_sees_what_we_changed(boss, as_user, lead) -> None:
    page = boss.get("/desk/levels/4/change/")

    answer = boss.post("/desk/levels/4/change/", written(page, restore__how="here", restore__p1="90 min"))

    assert answer["Location"] == "/desk/levels/4/"
    assert LevelTemplate.objects.get().knobs == {"restore": ["90 min", "6 h", "2 bd", "5 bd"]}
    seen = text(as_user(lead).get("/desk/levels/4/"))
    assert (
        "P1 90 min, P2 6 h, P3 2 business days, P4 5 business days from the level Partnered, as we changed it" in seen
    )
    assert "We changed 1 thing." in seen
    assert "Ada Admin" in seen
    assert "Change this level" not in seen


def test_an_unfair_level_is_refused_until_there_is_a_reason(boss) -> None:
    values = {"response__how": "here", "response__p2": "20 min"}
    page = boss.get("/desk/levels/5/change/")

    refused = boss.post("/desk/levels/5/change/", written(page, **values))
    assert refused.status_code == 422
    assert "Rule 1: level 1 would wait longer than level 5 for the first answer to a P1 or P2." in text(refused)
    assert not LevelTemplate.objects.exists()

    kept = boss.post("/desk/levels/5/change/", written(page, **values, reason="A pilot for a month."))
    assert kept.status_code == 302
    assert len(PolicyChange.objects.get().broken) == 4


@pytest.mark.parametrize("level", [0, 6, 99999])
def test_there_are_five(boss, level) -> None:
    assert boss.get(f"/desk/levels/{level}/").status_code == 404
    assert boss.post(f"/desk/levels/{level}/change/", {}).status_code == 404


def test_a_contract_class_is_made_and_changed(boss, town) -> None:
    page = boss.get("/desk/contracts/new/")
    values = {"name": "Night", "meaning": "Day and night", "coverage__how": "here"}
    values |= {f"coverage__p{number}": "always" for number in (1, 2, 3, 4)}

    assert boss.post("/desk/contracts/new/", written(page, **values)).status_code == 302
    made = ContractClass.objects.get()
    assert (made.name, made.knobs) == ("Night", {"coverage": ["always"] * 4})

    address = f"/desk/contracts/{made.pk}/change/"
    changed = written(boss.get(address), name="Night shift", meaning="", coverage__how="inherited")
    assert boss.post(address, changed)["Location"] == f"/desk/contracts/{made.pk}/"
    made.refresh_from_db()
    assert (made.name, made.knobs, made.version) == ("Night shift", {}, 2)
    assert boss.post(address, changed).status_code == 409


@pytest.mark.parametrize(("name", "sentence"), [("", "required"), ("Hospital 24x7", "has this name"), ("x" * 90, "80")])
def test_a_contract_class_needs_a_name_of_its_own(boss, contract, name, sentence) -> None:
    answer = boss.post(
        "/desk/contracts/new/", written(boss.get("/desk/contracts/new/"), name=name, meaning="kept words")
    )

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="kept words"' in answer.content.decode()


def test_a_contract_that_harms_a_customer_names_the_rule_and_not_the_customer(boss, contract, town) -> None:
    town.contract = contract
    town.save()
    address = f"/desk/contracts/{contract.pk}/change/"
    values = {"name": "Hospital 24x7", "meaning": "", "auto_close_bd__how": "here", "auto_close_bd__number": "2"}

    answer = boss.post(address, written(boss.get(address), **values))

    assert answer.status_code == 422
    assert "Rule 5: level 1 would have less time" in text(answer)
    assert "Ostermoor" not in text(answer)


def test_one_sees_which_of_ones_own_customers_have_it(as_user, lead, town, contract, stranger) -> None:
    for customer in (town, stranger.customer):
        customer.contract = contract
        customer.save()

    seen = text(as_user(lead).get(f"/desk/contracts/{contract.pk}/")) + text(as_user(lead).get("/desk/levels/1/"))

    assert "Town of Ostermoor" in seen
    assert "Quillpay" not in seen
    row = as_user(lead).get("/desk/levels/").context["contracts"][0]
    assert row["customers"] == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions(as_user, lead, number, django_assert_num_queries) -> None:
    for n in range(number):
        ContractClass.objects.create(name=f"Contract {n}", knobs={})
    client = as_user(lead)

    with django_assert_num_queries(6):  # session, user, templates, customers by level and by contract, classes
        client.get("/desk/levels/")


def test_what_is_stored_of_levels_that_nobody_changed_is_nothing(boss) -> None:
    boss.post("/desk/levels/2/change/", written(boss.get("/desk/levels/2/change/")))

    assert not LevelTemplate.objects.exists()
    assert policy.level_knobs()[2] == policy.level_defaults(2)
