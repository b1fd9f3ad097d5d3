"""The desk's panel: whom our words reached."""

import pytest
from django.urls import reverse
from django.utils import timezone

from itsm import events
from notifications.models import Delivery
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

    with django_assert_max_num_queries(5):
        client.get(panel(told.incident))

    assert Delivery.objects.outside().count() == 3
