"""The desk's panel: whom our words reached."""

import pytest
from django.urls import reverse
from django.utils import timezone

from itsm import events
from notifications.models import Address, Delivery
from tests import factories


@pytest.fixture
def told(incident):
    """The receipt of a report, whose address does not exist."""
    events.relay()
    Delivery.objects.outside().update(state="bounced", attempts=1, last_error="550 no such <person>")
    return Delivery.objects.outside().get()


def panel(incident) -> str:
    return reverse("notifications:incident_panel", args=[incident.reference])


def again(delivery) -> str:
    return reverse("notifications:send_again", args=[delivery.incident.reference, delivery.pk])


def test_panel_says_to_whom_by_which_way_why_and_what_came_of_it(told, agent, as_user) -> None:
    page = as_user(agent).get(panel(told.incident), headers={"HX-Request": "true"}).content.decode()

    assert page.startswith('<section id="deliveries" aria-labelledby="deliveries-title">')
    assert '<h2 id="deliveries-title">Who was told</h2>' in page
    for words in ("Rosa Reporter", "E-mail", "refused by the receiver", "receipt", "because they reported it"):
        assert words in page
    assert "550 no such &lt;person&gt;" in page
    assert "Send again" in page


def test_panel_is_a_page_without_htmx(told, agent, as_user) -> None:
    page = as_user(agent).get(panel(told.incident)).content.decode()

    assert "<!doctype html>" in page
    assert "UNKNOWN_TEMPLATE_VARIABLE" not in page


def test_what_was_sent_is_not_sent_again(told, agent, as_user) -> None:
    Delivery.objects.outside().update(state="sent", sent_at=timezone.now())

    page = as_user(agent).get(panel(told.incident)).content.decode()
    as_user(agent).post(again(told))

    assert "Send again" not in page
    assert Delivery.objects.outside().get().state == "sent"


def test_an_empty_panel_says_so(incident, agent, as_user) -> None:
    assert "Nobody has been told yet." in as_user(agent).get(panel(incident)).content.decode()


def test_send_again_puts_it_back_in_line(told, agent, as_user) -> None:
    answer = as_user(agent).post(again(told))

    assert answer.status_code == 302
    assert (Delivery.objects.outside().get().state, Delivery.objects.outside().get().attempts) == ("queued", 0)


def test_send_again_with_htmx_shows_the_panel(told, agent, as_user) -> None:
    page = as_user(agent).post(again(told), headers={"HX-Request": "true"}).content.decode()

    assert "waiting" in page
    assert "Send again" not in page


@pytest.mark.parametrize("who", ["reporter", "contact", "stranger", "other_agent"])
def test_others_find_nothing(told, who, request, as_user) -> None:
    client = as_user(request.getfixturevalue(who))

    assert client.get(panel(told.incident)).status_code == 404
    assert client.post(again(told)).status_code == 404
    assert Delivery.objects.outside().get().state == "bounced"


def test_a_delivery_of_another_incident_is_not_there(told, reporter, agent, as_user) -> None:
    other = factories.open_incident(reporter)

    address = reverse("notifications:send_again", args=[other.reference, told.pk])

    assert as_user(agent).post(address).status_code == 404


def test_sending_again_is_no_matter_of_a_get(told, agent, as_user) -> None:
    assert as_user(agent).get(again(told)).status_code == 405


def test_panel_asks_a_fixed_number_of_questions(
    told, agent, as_user, django_assert_max_num_queries, hand_on, post
) -> None:
    client = as_user(agent)
    factories.restored(factories.answered(told.incident, agent), agent)
    for _ in range(3):
        hand_on()

    with django_assert_max_num_queries(8):
        client.get(panel(told.incident))

    assert Delivery.objects.outside().count() == 3


def desk_page(client, incident) -> str:
    page = client.get(reverse("incidents:desk_incident", args=[incident.reference])).content.decode()
    return " ".join(page.split())


def htmx(client, address: str, *, post: bool = False) -> str:
    ask = client.post if post else client.get
    return ask(address, headers={"HX-Request": "true"}).content.decode()


def test_each_try_stands_there_with_what_the_server_answered(incident, agent, as_user, post, hand_on) -> None:
    events.relay()
    post.refuse[incident.reporter.email] = "451 come back later"
    hand_on()
    post.refuse.clear()
    hand_on()

    page = htmx(as_user(agent), panel(incident))

    assert "2 tries" in page
    assert page.count("451 come back later") == 1
    assert "250 OK" in page


def test_a_message_instead_of_another_says_so(told, agent, as_user) -> None:
    Delivery.objects.create(
        event=told.event, incident=told.incident, customer=told.customer, recipient=told.recipient, channel="sms",
        address="+49 555 0100", kind="received", reason="reporter", instead_of=told,
    )  # fmt: skip

    assert "instead of E-mail (refused by the receiver)" in htmx(as_user(agent), panel(told.incident))


def test_who_has_no_log_in_is_named(told, agent, as_user) -> None:
    Delivery.objects.filter(pk=told.pk).update(recipient=None, name="The porter's lodge", channel="sms")

    assert "The porter&#x27;s lodge" in htmx(as_user(agent), panel(told.incident))


def test_what_is_kept_says_why_and_until_when(told, agent, as_user) -> None:
    Delivery.objects.update(state="held", held_for="quiet")

    assert "until the quiet hours end" in htmx(as_user(agent), panel(told.incident))


def test_an_address_that_refuses_is_shown_and_given_free_by_a_person(told, agent, as_user, post) -> None:
    Address.objects.create(channel="email", address=told.address, state="refuses", since=timezone.now())
    client = as_user(agent)
    address = reverse("notifications:works_again", args=[told.incident.reference, told.pk])

    before = htmx(client, panel(told.incident))
    after = htmx(client, address, post=True)

    assert "It works again: send again" in before
    assert "refuses what we send" in before
    assert "It works again" not in after
    assert (Address.objects.get().state, Delivery.objects.outside().get().state) == ("fine", "queued")
    said = told.incident.events.get(kind="reached_again")
    assert (said.actor, said.data["whom"], said.data["channel"]) == (agent, "Rosa Reporter", "email")
    assert told.address not in str(said.data), "histories keep no addresses"
    assert "Can be reached again: <bdi>Rosa Reporter</bdi>, E-mail" in desk_page(client, told.incident)


@pytest.mark.parametrize("who", ["reporter", "contact", "stranger", "other_agent"])
def test_only_the_desk_says_that_an_address_works(told, who, request, as_user) -> None:
    Address.objects.create(channel="email", address=told.address, state="refuses", since=timezone.now())
    address = reverse("notifications:works_again", args=[told.incident.reference, told.pk])

    assert as_user(request.getfixturevalue(who)).post(address).status_code == 404
    assert Address.objects.get().state == "refuses"


def test_of_many_a_few_are_shown_and_the_rest_is_counted(told, agent, as_user, django_assert_max_num_queries) -> None:
    common = {"event": told.event, "incident": told.incident, "customer": told.customer, "kind": "received"}
    Delivery.objects.bulk_create(
        Delivery(name="Somebody", address=f"p{n}@example.com", reason="reporter", **common) for n in range(120)
    )
    client = as_user(agent)

    with django_assert_max_num_queries(9):
        part = htmx(client, panel(told.incident))
    page = client.get(panel(told.incident) + "?page=2").content.decode()

    assert "All 122 messages" in part
    assert part.count("<li") == 20
    assert "Rosa Reporter" in part, "what needs somebody stands first, however old it is"
    assert "Page 2 of 3" in page
    assert "120 " in part
