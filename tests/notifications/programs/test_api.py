"""Programs that are told, kept by programs."""

import pytest
from knox.models import AuthToken

from notifications import endpoints
from notifications.models import Attempt, Delivery, Endpoint

URL = "/api/v1/endpoints/"


@pytest.fixture
def api(client):
    """api(person).post(address, {...}): by token."""

    def as_person(person):
        token = AuthToken.objects.create(person)[1]

        class Caller:
            def get(self, address: str):
                return client.get(address, headers={"Authorization": f"Token {token}"})

            def post(self, address: str, body: dict | None = None):
                auth = {"Authorization": f"Token {token}"}
                return client.post(address, body or {}, content_type="application/json", headers=auth)

        return Caller()

    return as_person


def test_a_contact_adds_one_and_gets_its_secret_once(api, contact, receiver) -> None:
    answer = api(contact).post(URL, {"name": "Ours", "url": receiver.url("/secret-path")})

    row = Endpoint.objects.get()
    assert answer.status_code == 201
    assert [answer.json()["secret"]] == endpoints.signing_secrets(row)
    assert (row.customer, row.kind, row.up_to_priority) == (contact.customer, "webhook", 4)
    listed = api(contact).get(URL)
    assert [each["id"] for each in listed.json()["results"]] == [row.pk]
    for shown in (listed, api(contact).get(f"{URL}{row.pk}/")):
        assert "secret" not in shown.content.decode()


def test_the_desk_says_for_whom(api, agent, town, stranger, receiver) -> None:
    said = {"name": "Ours", "url": receiver.url()}

    assert api(agent).post(URL, said).status_code == 400
    assert api(agent).post(URL, said | {"customer": stranger.customer_id}).status_code == 400
    assert api(agent).post(URL, said | {"customer": town.pk}).status_code == 201


def test_end_users_keep_none(api, add, reporter, receiver) -> None:
    made = add()

    assert api(reporter).get(URL).json()["results"] == []
    assert api(reporter).get(f"{URL}{made.endpoint.pk}/").status_code == 404
    assert api(reporter).post(URL, {"name": "x", "url": receiver.url()}).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"url": "https://10.0.0.1/"}, 422), ({"url": "ftp://x/"}, 422), ({"url": 7}, 422), ({"name": ""}, 400),
     ({"kind": "pigeon"}, 400), ({"up_to_priority": 9}, 400), ({"name": ["x"]}, 400), ({"customer": "x"}, 400)],
)  # fmt: skip
def test_what_is_wrong_is_said(api, contact, receiver, wrong, status) -> None:
    answer = api(contact).post(URL, {"name": "Ours", "url": receiver.url()} | wrong)

    assert answer.status_code == status
    assert not Endpoint.objects.exists()


def test_the_verbs(api, add, contact) -> None:
    made, caller = add(), api(contact)
    address = f"{URL}{made.endpoint.pk}/"

    assert caller.post(f"{address}switch-off/").json()["is_active"] is False
    assert caller.post(f"{address}test/").status_code == 422
    assert caller.post(f"{address}switch-on/").json()["is_active"] is True
    assert caller.post(f"{address}test/").status_code == 200
    assert caller.post(f"{address}rotate/").json()["secret"] not in ("", made.secret)


def test_the_log(api, add, incident, told, contact) -> None:
    add()
    delivery = told()
    Delivery.objects.update(state="sent", sent_at="2026-11-25T08:00Z")
    Attempt.objects.create(
        delivery=delivery, customer=delivery.customer, number=1, outcome="taken", code=200, took_ms=37, answer="ok"
    )

    (line,) = api(contact).get(f"{URL}{delivery.endpoint_id}/deliveries/").json()["results"]

    assert (line["id"], line["type"], line["incident"]) == (
        str(delivery.public_id), "incident.opened", incident.reference
    )  # fmt: skip
    assert [(each["code"], each["answer"], each["took_ms"]) for each in line["attempts"]] == [(200, "ok", 37)]


def test_a_token_is_needed(client) -> None:
    assert client.get(URL).status_code == 401
