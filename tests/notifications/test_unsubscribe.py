"""One click out of a mail, without a log-in (RFC 8058)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from incidents import following, links
from incidents.models import Follow
from itsm import events
from notifications import unsubscribe
from notifications.models import ChannelWish, Delivery
from tests import factories

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mail(town, team, reporter, colleague, contact, agent):
    """mail("follower") -> the mail of an update to somebody chosen by this rule."""
    town.level = 5
    town.save()
    incident = factories.open_incident(reporter, impact=1, urgency=1)
    following.join(incident, by=colleague, why="follows")
    factories.answered(incident, agent)
    events.relay()

    def find(reason: str) -> Delivery:
        return Delivery.objects.outside().get(reason=reason, kind="update")

    return find


@pytest.fixture
def post():
    """A mail program: no cookies, no token, and the checks of a browser's forms are on."""
    program = Client(enforce_csrf_checks=True)
    return lambda address, data: program.post(address, data)


def path(delivery: Delivery) -> str:
    address = unsubscribe.address_for(delivery)
    assert address.startswith("http://localhost:8000/unsubscribe/")
    return urlsplit(address).path


def test_asking_changes_nothing(mail, client) -> None:
    for reason in ("follower", "named_contact"):
        answer = client.get(path(mail(reason)))
        assert answer.status_code == 200
        assert "No more of these e-mails?" in answer.content.decode()
        assert answer["Referrer-Policy"] == "same-origin"
        assert client.head(path(mail(reason))).status_code == 200
    assert not ChannelWish.objects.exists()
    assert Follow.objects.get().mode == ""


def test_one_click_ends_mails_about_this_incident(mail, post, colleague, agent) -> None:
    row = mail("follower")

    assert post(path(row), ONE_CLICK).status_code == 200
    assert post(path(row), ONE_CLICK).status_code == 200  # mail programs may send it twice

    factories.answered(row.incident, agent, "Still on it.")
    events.relay()
    later = Delivery.objects.filter(recipient=colleague, event__message__body="Still on it.")
    assert [each.channel for each in later] == ["portal"]
    assert Follow.objects.get().ended_at is None  # it still hits them, and they still see it


def test_one_click_ends_mails_because_of_a_role(mail, post, contact, agent) -> None:
    row = mail("named_contact")

    assert post(path(row), ONE_CLICK).status_code == 200

    factories.answered(row.incident, agent, "Still on it.")
    events.relay()
    later = Delivery.objects.filter(recipient=contact, event__message__body="Still on it.")
    assert [each.channel for each in later] == ["portal"]


def test_calls_go_on(mail, post, contact, reporter, town) -> None:
    town.level = 1
    town.save()
    post(path(mail("named_contact")), ONE_CLICK)

    incident = factories.open_incident(reporter, impact=1, urgency=1)

    assert [call.person for call in incident.calls.to_make()] == [contact]


@pytest.mark.parametrize("reason", ["follower", "named_contact"])
def test_it_can_be_taken_back(mail, post, client, reason) -> None:
    address = path(mail(reason))
    post(address, ONE_CLICK)
    assert "I want them after all" in client.get(address).content.decode()

    assert post(address, {"again": "1"}).status_code == 200

    assert "No more of these e-mails?" in client.get(address).content.decode()
    assert not ChannelWish.objects.exists()
    assert Follow.objects.get().mode == ""


@pytest.mark.parametrize("data", [{}, {"List-Unsubscribe": "maybe"}, {"List-Unsubscribe": "\0"}])
def test_any_other_post_asks_again(mail, post, data) -> None:
    answer = post(path(mail("follower")), data)

    assert answer.status_code == 422
    assert "No more of these e-mails?" in answer.content.decode()
    assert Follow.objects.get().mode == ""


def test_ones_own_reports_and_log_in_mails_have_none(mail, incident, agent) -> None:
    assert unsubscribe.address_for(mail("reporter")) == ""
    for kind, reason in (("invitation", "themselves"), ("late", "owner"), ("we_tried_to_call", "called")):
        assert unsubscribe.address_for(Delivery(recipient=agent, kind=kind, reason=reason)) == ""
    assert unsubscribe.address_for(Delivery(name="Frank Ebert", kind="update", reason="deputy")) == ""
    assert unsubscribe.address_for(Delivery(recipient=agent, kind="how_did_it_go", reason="surveyed"))


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: "9" + token, lambda _token: "x"])
def test_what_was_not_signed_is_not_there(mail, client, post, change) -> None:
    good = path(mail("follower")).strip("/").split("/")[1]
    address = f"/unsubscribe/{change(good)}/"

    assert client.get(address).status_code == 404
    assert post(address, ONE_CLICK).status_code == 404
    assert Follow.objects.get().mode == ""


def test_a_link_to_an_incident_is_no_address_to_unsubscribe(mail, client, colleague) -> None:
    from_tracking = links.make(mail("follower").incident, colleague)

    assert client.get(f"/unsubscribe/{from_tracking}/").status_code == 404


def test_it_ends_after_a_year_and_with_the_person(mail, client, colleague, monkeypatch) -> None:
    address = path(mail("follower"))
    colleague.is_active = False
    colleague.save()
    assert client.get(address).status_code == 404

    colleague.is_active = True
    colleague.save()
    later = (timezone.now() + timedelta(days=401)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(address).status_code == 404


def test_it_speaks_the_readers_language(mail, client, colleague) -> None:
    colleague.language = "de"
    colleague.save()

    assert 'lang="de"' in client.get(path(mail("follower"))).content.decode()
