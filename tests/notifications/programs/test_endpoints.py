"""Endpoints: who may be added, what is kept of them, who hears of what, and in which order calls go out."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from customers.models import CustomerEvent
from incidents import conversation, lifecycle
from incidents.models import IncidentEvent
from itsm.refusal import Refused
from notifications import endpoints, seal
from notifications.models import Delivery, Endpoint
from tests import factories

State = Delivery.State
GOOD = {"kind": "webhook", "name": "Ticket system"}


@pytest.fixture
def made(add):
    return add()


@pytest.fixture
def three(made, incident, agent):
    """Three events of one incident, waiting for the same program."""
    factories.answered(incident, agent, "First.")
    factories.answered(incident, agent, "Second.")
    rows = [row for event in incident.events.order_by("pk") for row in endpoints.deliveries_for(event)]
    return Delivery.objects.bulk_create(rows)


def may_go() -> list[int]:
    return list(Delivery.objects.waiting().not_overtaking().order_by("pk").values_list("pk", flat=True))


# --- verbs


def test_add_seals_what_is_secret_and_writes_it_down(made, town, contact, receiver) -> None:
    row = Endpoint.objects.get()

    assert made.secret.startswith("whsec_")
    for secret in (made.secret, made.secret.removeprefix("whsec_"), "/hook", "127.0.0.1"):
        assert secret not in row.secret + row.url
    assert (endpoints.address(row), endpoints.signing_secrets(row)) == (receiver.url("/hook"), [made.secret])
    event = CustomerEvent.objects.get(kind="endpoint_added")
    assert (event.customer, event.actor, event.data["name"], event.data["host"]) == (
        town, contact, row.name, "127.0.0.1"
    )  # fmt: skip
    assert made.secret.removeprefix("whsec_") not in str(event.data)


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_a_room_has_no_secret_but_its_address(add, contact, kind) -> None:
    made = add(kind)

    assert made.secret == ""
    with pytest.raises(Refused, match="address"):
        endpoints.rotate(made.endpoint, by=contact)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "pigeon"}, {"name": "  "}, {"name": "x" * 81}, {"up_to_priority": 0}, {"up_to_priority": 5},
     {"url": "http://example.com/"}, {"url": "https://10.0.0.1/"}, {"url": "https://u:p@example.com/"},
     {"url": "nonsense"}, {"url": ""}, {"url": "https://192.168.0.1.nip-does-not-exist.invalid/"}],
)  # fmt: skip
def test_add_refuses_with_a_sentence(town, contact, wrong) -> None:
    values = GOOD | {"url": "https://example.com/"} | wrong

    with pytest.raises(Refused) as refused:
        endpoints.add(town, by=contact, **values)

    assert refused.value.sentence.endswith(".")
    assert not Endpoint.objects.exists()


def test_add_refuses_the_same_name_and_more_than_anybody_keeps(town, contact, receiver, monkeypatch) -> None:
    monkeypatch.setattr(endpoints, "MOST", 1)
    endpoints.add(town, by=contact, url=receiver.url(), **GOOD)

    with pytest.raises(Refused, match="already"):
        endpoints.add(town, by=contact, url=receiver.url(), **GOOD | {"name": "ticket SYSTEM"})
    with pytest.raises(Refused, match="More"):
        endpoints.add(town, by=contact, url=receiver.url(), **GOOD | {"name": "Another"})


def test_a_long_address_fits(town, contact, receiver) -> None:
    url = receiver.url("/" + "a" * 450)

    made = endpoints.add(town, by=contact, url=url, **GOOD)

    assert endpoints.address(Endpoint.objects.get(pk=made.endpoint.pk)) == url


def test_switch_off_and_on(made, contact, incident) -> None:
    Endpoint.objects.update(failing_since=Now(), rest_until=Now(), switched_off_at=Now())

    off = endpoints.switch(made.endpoint, by=contact, on=False)
    assert (off.is_active, endpoints.deliveries_for(incident.events.latest("pk"))) == (False, [])
    with pytest.raises(Refused, match="switched off"):
        endpoints.test(off, by=contact)

    on = endpoints.switch(off, by=contact, on=True)
    endpoints.switch(on, by=contact, on=True)
    assert (on.is_active, on.failing_since, on.rest_until, on.switched_off_at) == (True, None, None, None)
    assert [e.data["did"] for e in CustomerEvent.objects.filter(kind="endpoint_changed").order_by("pk")] == [
        "off", "on"
    ]  # fmt: skip


def test_a_test_is_a_delivery_of_its_own_and_only_once(made, contact, add) -> None:
    add()
    endpoints.test(made.endpoint, by=contact)
    event = CustomerEvent.objects.get(kind="endpoint_tested")

    (delivery,) = endpoints.deliveries_for(event)
    delivery.save()

    assert (delivery.endpoint, delivery.kind, delivery.channel) == (made.endpoint, "endpoint.test", "webhook")
    assert endpoints.deliveries_for(event) == []


@pytest.mark.parametrize("state", ["sent", "bounced", "dead", "skipped"])
def test_deliver_again_keeps_the_id(made, incident, contact, told, state) -> None:
    delivery = told()
    Delivery.objects.update(state=state, attempts=7, last_error="x", sent_at=Now() if state == "sent" else None)

    endpoints.deliver_again(Delivery.objects.get(), by=contact)

    again = Delivery.objects.get()
    assert (again.state, again.attempts, again.public_id) == ("queued", 0, delivery.public_id)
    assert may_go() == [again.pk]
    assert CustomerEvent.objects.latest("pk").data["did"] == "again"


@pytest.mark.parametrize("state", ["queued", "leased"])
def test_deliver_again_is_not_for_what_is_on_its_way(made, incident, contact, told, state) -> None:
    told()
    Delivery.objects.update(state=state, lease_until=Now())

    with pytest.raises(Refused, match="on its way"):
        endpoints.deliver_again(Delivery.objects.get(), by=contact)


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/services/T000/B000/XXXXabcd", "/…abcd"), ("/hook", "/…"), ("/", "/…"), ("/a?token=1234567890", "/…7890")],
)
def test_the_address_is_shown_by_its_host_and_its_end(add, receiver, path, shown) -> None:
    assert endpoints.shown(add(path=path).endpoint) == receiver.url("") + shown


def test_a_sealed_secret_that_was_changed_or_whose_key_is_lost_is_unreadable(settings) -> None:
    sealed, before = seal.seal("ü secret"), settings.SECRET_KEY
    assert seal.unseal(sealed) == "ü secret"
    for broken in ("", "x", sealed[:-6] + "AAAA==", "ü"):
        with pytest.raises(seal.Unreadable):
            seal.unseal(broken)

    settings.SECRET_KEY = "another"
    with pytest.raises(seal.Unreadable):
        seal.unseal(sealed)

    settings.SECRET_KEY_FALLBACKS = [before]
    assert seal.unseal(sealed) == "ü secret"


# --- who hears of what


def test_who_is_told_of_what(made, add, incident, stranger, contact, receiver) -> None:
    only_urgent = add("slack", up_to_priority=2).endpoint
    off = add().endpoint
    endpoints.switch(off, by=contact, on=False)
    endpoints.add(stranger.customer, by=contact, url=receiver.url(), **GOOD)
    event = incident.events.get()

    assert [d.endpoint for d in endpoints.deliveries_for(event)] == [made.endpoint]

    incident.priority, event.incident = 2, incident
    both = endpoints.deliveries_for(event)
    assert [(d.endpoint, d.channel, d.rank) for d in both] == [
        (made.endpoint, "webhook", Delivery.Rank.URGENT), (only_urgent, "chat", Delivery.Rank.URGENT),
    ]  # fmt: skip
    Delivery.objects.bulk_create(both)  # fits the constraints
    Delivery.objects.bulk_create(endpoints.deliveries_for(event), ignore_conflicts=True)
    assert Delivery.objects.count() == 2


def test_only_public_events_have_a_type(made, incident, agent) -> None:
    conversation.note(incident, by=agent, text="internal")
    lifecycle.prioritise(incident, by=agent, impact=1, urgency=1)

    told = {e.kind for e in incident.events.all() if endpoints.deliveries_for(e)}

    assert told == {"opened"}
    assert set(endpoints.TYPES) == set(IncidentEvent.PUBLIC_KINDS)


# --- in which order


def test_a_later_one_waits_until_the_earlier_one_is_settled(three) -> None:
    first, second, third = three
    assert may_go() == [first.pk]

    later = {"lease_until": Now() + timedelta(minutes=1), "next_try_at": Now() + timedelta(hours=1)}
    for state in ("leased", "held", "queued"):
        Delivery.objects.filter(pk=first.pk).update(state=state, held_for="often", **later)
        assert may_go() == []

    for state, (settled, following) in zip(("sent", "bounced"), ((first, second), (second, third)), strict=True):
        Delivery.objects.filter(pk=settled.pk).update(state=state, sent_at=Now())
        assert may_go() == [following.pk]


def test_other_incidents_other_programs_and_people_do_not_wait(three, add, colleague, told, incident) -> None:
    add()
    other = factories.open_incident(colleague)
    rows = Delivery.objects.bulk_create(endpoints.deliveries_for(other.events.get()))
    person = Delivery.objects.create(
        event=incident.events.first(), incident=incident, customer=incident.customer, recipient=colleague,
        address="x@example.com", kind="update", reason="reporter",
    )  # fmt: skip

    assert may_go() == [three[0].pk, *[row.pk for row in rows], person.pk]


def test_who_rests_is_not_called(three) -> None:
    Endpoint.objects.update(rest_until=Now() + timedelta(minutes=1))
    assert may_go() == []

    Endpoint.objects.update(rest_until=Now() - timedelta(seconds=1))
    assert may_go() == [three[0].pk]


def test_who_failed_is_called_one_at_a_time(made, incident, colleague) -> None:
    other = factories.open_incident(colleague)
    events = [incident.events.get(), other.events.get()]
    first, second = Delivery.objects.bulk_create([d for e in events for d in endpoints.deliveries_for(e)])
    assert may_go() == [first.pk, second.pk]

    Endpoint.objects.update(failing_since=Now())
    assert may_go() == [first.pk]

    Delivery.objects.filter(pk=first.pk).update(state="leased", lease_until=Now() + timedelta(minutes=1))
    assert may_go() == []

    later = Now() + timedelta(hours=1)
    Delivery.objects.filter(pk=first.pk).update(state="queued", lease_until=None, next_try_at=later)
    assert may_go() == [second.pk]


def test_what_waits_for_one_that_was_switched_off_is_claimed_and_dropped(three, contact, made) -> None:
    Endpoint.objects.update(rest_until=Now() + timedelta(hours=1), failing_since=Now(), is_active=False)

    assert may_go() == [three[0].pk]
    assert endpoints.why_not_wanted(three[0])


def test_the_claim_can_lock_the_rows(three) -> None:
    with transaction.atomic():
        rows = Delivery.objects.waiting().not_overtaking().select_for_update(skip_locked=True, no_key=True)
        assert [row.pk for row in rows] == [three[0].pk]


def test_the_order_is_asked_by_indexes(three) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Delivery.objects.waiting().not_overtaking().explain()

    assert "Seq Scan on notifications_delivery" not in plan


def test_a_strangers_endpoint_is_not_there(made, stranger, other_agent, reporter, contact, agent) -> None:
    for person, number in ((stranger, 0), (other_agent, 0), (reporter, 0), (contact, 1), (agent, 1)):
        assert Endpoint.objects.visible_to(person).count() == number


def test_each_delivery_has_an_id_that_cannot_be_guessed(three) -> None:
    assert {uuid.UUID(str(row.public_id)).version for row in three} == {4}
