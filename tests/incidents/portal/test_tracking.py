"""The same page behind a signed link."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents import conversation, lifecycle, links
from incidents.views import tracking
from tests import factories
from tests.htmx import assert_swap_equals_reload
from tests.incidents.portal.test_report import PNG


@pytest.fixture
def page(incident, reporter) -> str:
    return f"/t/{links.make(incident, reporter)}/"


@pytest.fixture
def time_machine_in():
    """time_machine_in(later) -> the clock of the signatures stands at that much later."""
    return lambda later: time_machine.travel(timezone.now() + later, tick=False)


def test_the_link_opens_the_page_without_a_log_in(incident, page) -> None:
    answer = Client().get(page)

    assert answer.status_code == 200
    assert incident.reference in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin", "no other site sees the key, and forms keep their origin"


def test_one_can_add_attach_and_say_no(incident, reporter, agent, page) -> None:
    client = Client()
    factories.restored(incident, agent)

    client.post(page + "add/", {"text": "From my phone"})
    client.post(page + "attach/", {"file": SimpleUploadedFile("jam.png", PNG)})
    client.post(page + "still-broken/", {"text": "No"})

    assert {event.actor for event in incident.events.filter(kind__in=["added", "attached", "relapsed"])} == {reporter}
    incident.refresh_from_db()
    assert incident.status == "in_progress"


def test_the_swap_shows_what_a_reload_shows(page) -> None:
    assert_swap_equals_reload(Client(), page, page + "add/", {"text": "More"}, "incident")


def test_files_open_by_the_link_of_their_incident_only(incident, reporter, agent, page) -> None:
    own = conversation.attach(incident, by=reporter, upload=SimpleUploadedFile("jam.png", PNG))
    other = factories.open_incident(reporter, text="Another")
    foreign = conversation.attach(other, by=reporter, upload=SimpleUploadedFile("jam.png", PNG))

    answer = Client().get(f"{page}files/{own.token}/")
    assert b"".join(answer.streaming_content) == PNG
    assert Client().get(f"{page}files/{foreign.token}/").status_code == 404


@pytest.mark.parametrize("token", ["x", "1.1.0:abc:def", "%20", "a" * 3000])
def test_an_invented_link_gives_nothing_away(token, incident) -> None:
    answer = Client().get(f"/t/{token}/")

    assert answer.status_code == 404
    assert incident.title not in answer.content.decode()


def test_a_revoked_link_has_ended(incident, agent, page) -> None:
    lifecycle.revoke_links(incident, by=agent)

    answer = Client().get(page)

    assert answer.status_code == 404
    assert "This link does not work any more" in answer.content.decode()


def test_somebody_who_left_cannot_use_the_link(reporter, page) -> None:
    reporter.is_active = False
    reporter.save()

    assert Client().get(page).status_code == 404


def test_a_link_cannot_be_used_as_a_machine(page, monkeypatch) -> None:
    monkeypatch.setattr(tracking, "POSTS", 2)

    answers = [Client().post(page + "add/", {"text": str(number)}).status_code for number in range(3)]

    assert answers == [302, 302, 429]


def test_the_limit_is_for_one_link_and_for_writing(page, incident, contact, monkeypatch) -> None:
    monkeypatch.setattr(tracking, "POSTS", 0)

    refused = Client().post(page + "add/", {"text": "One"})

    assert refused.status_code == 429
    assert "Please wait ten minutes" in refused.content.decode()
    assert Client().get(page).status_code == 200
    assert not incident.messages.filter(body="One").exists()


def test_the_link_speaks_its_persons_language_and_clock(incident, reporter, page) -> None:
    due = incident.clocks.get(kind="response").due_at
    reporter.language, reporter.time_zone = "de", "Asia/Tokyo"
    reporter.save()

    text = Client().get(page).content.decode()

    assert '<html lang="de"' in text
    assert f"{due.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" in text


def test_the_link_shows_the_customer_and_no_account(page, town) -> None:
    text = Client().get(page).content.decode()

    assert town.name in text
    assert town.hotline in text
    assert "Sign out" not in text


def test_the_link_shows_no_internal_words_or_files(incident, agent, page) -> None:
    conversation.note(incident, by=agent, text="canary among agents")
    upload = SimpleUploadedFile("canary.txt", b"canary")
    internal = conversation.attach(incident, by=agent, upload=upload, is_public=False)

    assert "canary" not in Client().get(page).content.decode()
    assert Client().get(f"{page}files/{internal.token}/").status_code == 404


def test_a_link_is_for_one_incident(incident, reporter, agent, contact) -> None:
    """Who signs in while holding somebody's link still acts as the person of the link."""
    client = Client()
    client.force_login(contact)

    client.post(f"/t/{links.make(incident, reporter)}/add/", {"text": "By link"})

    assert incident.messages.get(body="By link").author == reporter


def test_an_old_link_has_ended(incident, page, time_machine_in) -> None:
    with time_machine_in(links.LIFETIME + timedelta(days=1)):
        assert Client().get(page).status_code == 404
        assert Client().post(page + "add/", {"text": "Late"}).status_code == 404

    assert not incident.messages.filter(body="Late").exists()


def test_a_form_of_the_link_opened_as_a_page_leads_back(page) -> None:
    for verb in ("add", "attach", "still-broken"):
        assert Client().get(f"{page}{verb}/").url == page


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_link_asks_a_fixed_number_of_questions(incident, reporter, page, django_assert_num_queries, count) -> None:
    for number in range(count):
        conversation.add(incident, by=reporter, text=f"Word {number}")

    with django_assert_num_queries(5):  # person, incident, the same with clocks, history
        assert Client().get(page).status_code == 200
