"""The pages of programs that are told: the same at the desk and in the portal."""

import re

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from customers.models import CustomerEvent
from notifications import endpoints
from notifications.models import Attempt, Delivery, Endpoint
from tests import factories


@pytest.fixture(params=["portal", "desk"])
def place(request, town, contact, agent, as_user):
    """place("endpoint", pk) -> an address; place.client: signed in as who may be there."""

    class Here:
        client = as_user(contact if request.param == "portal" else agent)
        person = contact if request.param == "portal" else agent

        def __call__(self, name: str = "endpoints", *arguments) -> str:
            own = [] if request.param == "portal" else [town.pk]
            return reverse(f"notifications:{request.param}_{name}", args=[*own, *arguments])

    return Here()


@pytest.fixture
def made(add):
    return add(name="Ticket system")


@pytest.fixture
def tried(made, incident, told):
    delivery = told()
    Delivery.objects.update(state="bounced", attempts=1)
    Attempt.objects.create(
        delivery=delivery, customer=delivery.customer, number=1, outcome="refused", code=422, took_ms=37,
        answer="no <b>such</b> room",
    )  # fmt: skip
    return delivery


def said(receiver, **values) -> dict:
    return {"kind": "webhook", "name": "Ours", "url": receiver.url("/T0/secret-path"), "up_to_priority": "2"} | values


def test_one_is_added_and_its_secret_is_shown_once(place, receiver) -> None:
    page = place.client.post(place(), said(receiver)).content.decode()

    row = Endpoint.objects.get()
    (secret,) = endpoints.signing_secrets(row)
    assert (row.created_by, row.up_to_priority) == (place.person, 2)
    assert secret in page
    for address in (place(), place("endpoint", row.pk)):
        page = place.client.get(address).content.decode()
        assert "Ours" in page
        assert secret not in page
        assert "secret-path" not in page


def test_a_room_has_no_secret_to_show(place, receiver) -> None:
    page = place.client.post(place(), said(receiver, kind="slack")).content.decode()

    assert "whsec_" not in page
    assert "Send a test to see whether it arrives." in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"url": "http://8.8.8.8/hook"}, "must begin with https"),
        ({"url": "https://10.0.0.1/hook"}, "not a server in the public Internet"),
        ({"url": "https://a:b@8.8.8.8/hook"}, "leave name and password out"),
        ({"url": "https://name-that-is-not.invalid/"}, "There is no server called"),
        ({"url": ""}, "required"),
        ({"name": ""}, "required"),
        ({"kind": "pigeon"}, "valid choice"),
        ({"up_to_priority": "9"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(place, receiver, wrong, sentence) -> None:
    answer = place.client.post(place(), said(receiver, name="My room") | wrong)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert escape((said(receiver, name="My room") | wrong)["url"]) in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_test_is_asked_for(place, made) -> None:
    answer = place.client.post(place("endpoint_act", made.endpoint.pk, "test"), follow=True)

    assert "The test is on its way" in answer.content.decode()
    assert CustomerEvent.objects.get(kind="endpoint_tested").actor == place.person


def test_off_and_on(place, made) -> None:
    page = place.client.post(place("endpoint_act", made.endpoint.pk, "off"), follow=True).content.decode()
    assert "Switch on" in page
    assert "Send a test" not in page

    refused = place.client.post(place("endpoint_act", made.endpoint.pk, "test"))
    assert (refused.status_code, "switch it on first" in refused.content.decode()) == (422, True)

    place.client.post(place("endpoint_act", made.endpoint.pk, "on"))
    assert Endpoint.objects.get().is_active


def test_a_new_secret_is_shown_once(place, made) -> None:
    page = place.client.post(place("endpoint_act", made.endpoint.pk, "rotate")).content.decode()

    new, old = endpoints.signing_secrets(Endpoint.objects.get())
    assert new in page
    assert old == made.secret
    assert new not in place.client.get(place("endpoint", made.endpoint.pk)).content.decode()


def test_the_log_shows_each_try(place, tried) -> None:
    page = place.client.get(place("endpoint", tried.endpoint_id)).content.decode()

    assert "Try 1: refused, 37 ms, 422" in re.sub(r"\s+", " ", page)
    assert "no &lt;b&gt;such&lt;/b&gt; room" in page
    assert tried.incident.reference in page


def test_it_goes_out_once_more(place, tried) -> None:
    address = place("endpoint_again", tried.endpoint_id, tried.pk)

    assert "It goes out once more." in place.client.post(address, follow=True).content.decode()
    assert Delivery.objects.get().state == "queued"
    assert place.client.post(address).status_code == 422


@pytest.mark.parametrize("verb", ["explode", "again", "Test"])
def test_other_verbs_are_not_there(place, made, verb) -> None:
    assert place.client.post(place("endpoint_act", made.endpoint.pk, verb)).status_code == 404


def test_how_it_is_doing_is_said(place, made, add) -> None:
    Endpoint.objects.update(failing_since=Now())
    gone = add(name="Gone").endpoint
    Endpoint.objects.filter(pk=gone.pk).update(is_active=False, switched_off_at=Now())

    page = place.client.get(place()).content.decode()

    assert "takes nothing at the moment" in page
    assert "switched off by us" in page


def test_a_lost_key_does_not_break_the_pages(place, made, settings) -> None:
    Endpoint.objects.update(url="garbage", secret="garbage")

    for address in (place(), place("endpoint", made.endpoint.pk)):
        assert "cannot be read any more" in place.client.get(address).content.decode()


def test_end_users_keep_none(made, reporter, as_user, town) -> None:
    for address in (
        reverse("notifications:portal_endpoints"),
        reverse("notifications:portal_endpoint", args=[made.endpoint.pk]),
        reverse("notifications:desk_endpoints", args=[town.pk]),
    ):
        assert as_user(reporter).get(address).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_ask_the_database_as_often_for_three_as_for_one(place, add, incident, agent, number) -> None:
    made, *_more = [add() for _ in range(number)]
    for _ in range(number):
        factories.answered(incident, agent)
    Delivery.objects.bulk_create(
        row for event in incident.events.all() for row in endpoints.deliveries_for(event)
    )  # fmt: skip
    for address, most in ((place(), 7), (place("endpoint", made.endpoint.pk), 11)):
        with CaptureQueriesContext(connection) as asked:
            assert place.client.get(address).status_code == 200
        assert len(asked) <= most, [query["sql"][:90] for query in asked]
