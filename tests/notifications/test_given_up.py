"""What reached nobody: a number above the leads' queue, and a page on which each is seen to."""

import pytest
from django.urls import reverse

from itsm import events
from notifications.models import Delivery

STRIP, PAGE = reverse("notifications:given_up_strip"), reverse("notifications:given_up")


@pytest.fixture
def lost(incident):
    events.relay()
    Delivery.objects.outside().update(state="dead", attempts=7, last_error="timed out")
    return Delivery.objects.outside().get()


def settle(client, delivery, do: str):
    return client.post(reverse("notifications:given_up_settle", args=[delivery.pk]), {"do": do})


def test_leads_see_it_above_the_queue(lost, lead, agent, as_user) -> None:
    assert f'hx-get="{STRIP}"' in as_user(lead).get(reverse("incidents:desk_queue")).content.decode()
    assert STRIP not in as_user(agent).get(reverse("incidents:desk_queue")).content.decode()
    assert "1 message reached nobody" in as_user(lead).get(STRIP).content.decode()


def test_where_there_is_none_nothing_is_shown(incident, lead, as_user) -> None:
    assert "hidden" in as_user(lead).get(STRIP).content.decode()


def test_the_page_says_whom_what_and_why(lost, lead, as_user) -> None:
    page = as_user(lead).get(PAGE).content.decode()

    for words in ("Rosa Reporter", "given up", "receipt", "timed out", lost.incident.reference):
        assert words in page


def test_it_is_sent_again_from_there(lost, lead, as_user) -> None:
    settle(as_user(lead), lost, "again")

    lost.refresh_from_db()
    assert (lost.state, lost.attempts) == ("queued", 0)


def test_it_is_left_and_counts_no_more(lost, lead, as_user) -> None:
    settle(as_user(lead), lost, "leave")

    lost.refresh_from_db()
    assert (lost.state, lost.last_error) == ("skipped", f"left by {lead.name}: timed out")
    assert "hidden" in as_user(lead).get(STRIP).content.decode()


def test_what_was_sent_meanwhile_stays_sent(lost, lead, as_user) -> None:
    Delivery.objects.filter(pk=lost.pk).update(state="queued")

    settle(as_user(lead), lost, "leave")

    lost.refresh_from_db()
    assert lost.state == "queued"


@pytest.mark.parametrize("who", ["agent", "reporter", "contact", "stranger"])
def test_it_is_the_leads_page(lost, who, request, as_user) -> None:
    client = as_user(request.getfixturevalue(who))

    assert {client.get(STRIP).status_code, client.get(PAGE).status_code, settle(client, lost, "leave").status_code} == {
        404
    }


def test_a_fixed_number_of_questions(lost, lead, as_user, django_assert_max_num_queries) -> None:
    common = {"event": lost.event, "incident": lost.incident, "customer": lost.customer, "kind": "received"}
    Delivery.objects.bulk_create(
        Delivery(name="X", address=f"p{n}@example.com", reason="reporter", state="dead", **common) for n in range(30)
    )
    client = as_user(lead)

    with django_assert_max_num_queries(8):
        client.get(PAGE)
