"""Whatever is typed while one assesses or decides: a clear answer, never a server error, and no answer by accident."""

import pytest
from django.test import Client

from customers import assessment
from tests.customers.assessed import TOWN_LATER, proposed
from tests.test_bad_input import EVIL

FIELDS = [
    "q1-level", "q1-evidence", "q1-version", "q1-was", "stakes-text", "stakes-seen", "then", "effective_on", "reason",
    "word", "seen",
]  # fmt: skip


@pytest.fixture
def desk(lead):
    client = Client(raise_request_exception=False)
    client.force_login(lead)
    return client


def test_no_form_breaks(desk, town, lead) -> None:
    found = assessment.begin(town, by=lead)
    page = f"/desk/customers/{town.pk}/maturity/{found.pk}/"

    for value in EVIL:
        for address in (page, f"{page}questions/1/", f"{page}context/stakes/", f"{page}accept/"):
            status = desk.post(address, dict.fromkeys(FIELDS, value)).status_code
            assert status in {200, 302, 409, 422}, f"{address} with {value[:30]!r}: {status}"

    found.refresh_from_db()
    assert (found.state, found.answers) == ("draft", [None] * 15)


def test_no_answer_of_the_contact_breaks(town, lead, contact) -> None:
    found = proposed(town, lead, TOWN_LATER)
    client = Client(raise_request_exception=False)
    client.force_login(contact)

    for value in EVIL:
        for verb in ("accept", "not-yet"):
            status = client.post(f"/organisation/maturity/{verb}/", dict.fromkeys(FIELDS, value)).status_code
            assert status in {302, 409, 422}, f"{verb} with {value[:30]!r}: {status}"

    found.refresh_from_db()
    assert (found.state, found.accepted_there_at) == ("proposed", None)


@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_numbers_of_nothing_are_not_there(desk, town, lead, number) -> None:
    found = assessment.begin(town, by=lead)
    page = f"/desk/customers/{town.pk}/maturity/{found.pk}/"

    for address in (
        f"/desk/customers/{number}/maturity/",
        f"/desk/customers/{town.pk}/maturity/{number}/",
        f"/desk/customers/{number}/maturity/{found.pk}/",
    ):
        assert desk.get(address).status_code == 404
    assert desk.post(f"{page}questions/{number}/").status_code == 404
