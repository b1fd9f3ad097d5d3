"""The same page behind a signed link."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import conversation, lifecycle, links
from incidents.views import tracking
from tests import factories
from tests.htmx import assert_swap_equals_reload
from tests.incidents.portal.test_report import PNG


@pytest.fixture
def page(incident, reporter) -> str:
    return f"/t/{links.make(incident, reporter)}/"


def test_the_link_opens_the_page_without_a_log_in(incident, page) -> None:
    answer = Client().get(page)

    assert answer.status_code == 200
    assert incident.reference in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"


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
