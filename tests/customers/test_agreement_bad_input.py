"""Whatever is sent to the forms of a layer: a sentence or a 404, never a server error, and nothing is kept of it."""

import pytest

from customers.models import ContractClass, Customer, LevelTemplate
from tests import factories
from tests.customers.test_agreement_pages import page, written
from tests.test_bad_input import EVIL


@pytest.fixture
def boss(as_user, team):
    return as_user(factories.UserFactory(administrator=True, member_of=team))


@pytest.fixture
def addresses(town):
    service = factories.ServiceFactory(customer=town)
    contract = ContractClass.objects.create(name="Hospital", knobs={})
    return [
        f"{page(town)}change/", f"{page(town)}services/{service.pk}/", "/desk/levels/3/change/", "/desk/contracts/new/",
        f"/desk/contracts/{contract.pk}/change/",
    ]  # fmt: skip


@pytest.mark.parametrize("value", EVIL, ids=range(len(EVIL)))
def test_no_value_breaks_a_form_and_none_is_kept(boss, town, addresses, value) -> None:
    names = written(boss.get(addresses[-1]))
    evil = dict.fromkeys(names, value) | {name: "here" for name in names if name.endswith("-how")}
    evil |= {"version": "1", "reason": value, "told_on": value, "name": value}

    for address in addresses:
        assert (
            boss.post(
                address, evil | {"version": boss.get(address).context["form"].said["version"].value()}
            ).status_code
            == 422
        )
    assert boss.post(f"{page(town)}contract/", {"version": "1", "contract": value, "told_on": ""}).status_code in (
        302,
        422,
    )

    town.refresh_from_db()
    assert (town.agreement, town.contract, LevelTemplate.objects.count()) == ({}, None, 0)


def test_numbers_no_table_has_are_not_found(boss, town) -> None:
    big = "9" * 30
    for address in (
        f"/desk/customers/{big}/agreement/",
        f"{page(town)}services/{big}/",
        f"/desk/contracts/{big}/",
        f"/desk/levels/{big}/",
    ):
        assert boss.get(address).status_code == 404, address


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "1.5", None])
def test_without_a_version_nothing_is_saved(boss, town, version) -> None:
    data = written(boss.get(f"{page(town)}change/"), restore__how="here", restore__p1="1 h")
    data = {name: value for name, value in data.items() if name != "version"} | (
        {"version": version} if version else {}
    )

    assert boss.post(f"{page(town)}change/", data).status_code == 422
    assert Customer.objects.get(pk=town.pk).agreement == {}


def test_words_for_people_are_shown_as_words(boss, town) -> None:
    ContractClass.objects.create(name="<b>Bold</b>", meaning="<script>alert(1)</script>", knobs={})

    shown = boss.get("/desk/levels/").content.decode()

    assert "<script>alert" not in shown
    assert "&lt;b&gt;Bold" in shown
