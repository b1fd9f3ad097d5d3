"""Beside the incident: what looks like it, with link and not similar; above the queue: bursts, calmly."""

import pytest
from django.urls import reverse

from incidents.models import Burst, Pairing
from itsm import events
from notifications.models import Delivery
from tests import factories

SILENT = "The printer at counter 2 is silent"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def two(reporter, team):
    made = [factories.open_incident(reporter, text=SILENT) for _ in range(2)]
    events.relay()
    return made


def address(incident) -> str:
    return reverse("incidents:desk_similar", args=[incident.reference])


def pair_address(one, other) -> str:
    return reverse("incidents:desk_pair", args=[one.reference, other.reference])


def test_the_page_fetches_it_apart(as_user, agent, two) -> None:
    page = as_user(agent).get(reverse("incidents:desk_incident", args=[two[0].reference])).content.decode()

    assert f'hx-get="{address(two[0])}?view="' in page
    assert two[1].reference not in page


def test_it_looks_like_one_other(as_user, agent, two) -> None:
    fragment = as_user(agent).get(address(two[0]), **HTMX).content.decode()

    assert fragment.lstrip().startswith('<section id="similar"')
    assert "Looks like 1 other" in fragment
    assert two[1].reference in fragment


def test_without_script_it_is_a_page(as_user, agent, two, reporter) -> None:
    lonely = factories.open_incident(reporter, text="Nobody can log in to the register")

    assert two[1].reference in as_user(agent).get(address(two[0])).content.decode()
    assert "Nothing of the last 30 days" in as_user(agent).get(address(lonely)).content.decode()


@pytest.mark.parametrize("verdict", ["related", "not_similar"])
def test_link_and_not_similar(as_user, agent, two, verdict) -> None:
    answer = as_user(agent).post(pair_address(*two), {"verdict": verdict}, **HTMX)

    assert Pairing.objects.get().verdict == verdict
    assert "Looks like" not in answer.content.decode()
    assert ("Belongs together with" in answer.content.decode()) is (verdict == "related")
    assert answer.headers.get("HX-Trigger") == ("incident-changed" if verdict == "related" else None)


def test_without_script_it_comes_back_to_the_page(as_user, agent, two) -> None:
    answer = as_user(agent).post(pair_address(*two), {"verdict": "related"}, follow=True)

    assert "Belongs together with" in answer.content.decode()


@pytest.mark.parametrize(("verdict", "itself"), [("", False), ("perhaps", False), ("related", True)])
def test_what_makes_no_sense_is_said(as_user, agent, two, verdict, itself) -> None:
    answer = as_user(agent).post(pair_address(two[0], two[0] if itself else two[1]), {"verdict": verdict}, **HTMX)

    assert answer.status_code == 422
    assert 'class="notice attention"' in answer.content.decode()
    assert not Pairing.objects.exists()


@pytest.mark.parametrize("person", ["reporter", "contact", "stranger", "other_agent"])
def test_others_see_and_say_nothing(as_user, two, request, person) -> None:
    client = as_user(request.getfixturevalue(person))

    assert client.get(address(two[0])).status_code == 404
    assert client.post(pair_address(*two), {"verdict": "related"}).status_code == 404


@pytest.fixture
def burst(town, team):
    mail = factories.ServiceFactory(customer=town, name="E-mail")
    for _ in range(3):
        last = factories.open_incident(factories.UserFactory(customer=town), text="No mail arrives", service=mail)
    events.relay()
    return last


def test_a_burst_is_suggested_with_its_reason(as_user, agent, burst) -> None:
    for page in (address(burst), reverse("incidents:desk_bursts")):
        text = as_user(agent).get(page, **HTMX).content.decode()
        assert "3 people in 1 min: <bdi>E-mail</bdi>" in text
        assert "Perhaps it is one major incident." in text
    assert reverse("incidents:desk_bursts") in as_user(agent).get(reverse("incidents:desk_queue")).content.decode()


def test_somebody_says_no(as_user, agent, burst) -> None:
    found = Burst.objects.get()

    answer = as_user(agent).post(reverse("incidents:desk_dismiss_burst", args=[found.pk]), **HTMX)

    found.refresh_from_db()
    assert found.ended_by == agent
    assert "E-mail" not in answer.content.decode()
    assert "Perhaps" not in as_user(agent).get(address(burst)).content.decode()


def test_the_lead_gets_one_letter(lead, burst, agent) -> None:
    for _ in range(2):
        factories.open_incident(factories.UserFactory(customer=burst.customer), service=burst.service)
    events.relay()

    (letter,) = Delivery.objects.outside().filter(kind="burst")
    assert letter.recipient == lead


@pytest.mark.parametrize("number", [1, 20])
def test_a_fixed_number_of_questions(as_user, agent, reporter, team, django_assert_num_queries, number) -> None:
    for _ in range(number + 1):
        incident = factories.open_incident(reporter, text=SILENT)
    events.relay()
    client = as_user(agent)

    with django_assert_num_queries(8):
        client.get(address(incident), **HTMX)
