"""One sentence becomes an incident, once, and nothing typed is lost."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from incidents import lifecycle
from incidents.models import Incident
from tests import factories
from tests.incidents.crowd import at_once

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.fixture
def client(as_user, reporter, team) -> Client:
    return as_user(reporter)


def test_one_sentence_becomes_an_incident(client, reporter) -> None:
    answer = client.post("/report/", {"text": "Documents won't print"})

    incident = Incident.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/incidents/{incident.reference}/?sent=1"
    assert (incident.title, incident.reporter, incident.service) == ("Documents won't print", reporter, None)


def test_the_service_is_kept(client, town) -> None:
    service = factories.ServiceFactory(customer=town, name="Printing")

    client.post("/report/", {"text": "Documents won't print", "service": service.pk})

    assert Incident.objects.get().service == service


def test_another_customers_service_is_refused_and_the_text_kept(client) -> None:
    service = factories.ServiceFactory(name="Of somebody else")

    answer = client.post("/report/", {"text": "Documents won't print", "service": service.pk})

    assert answer.status_code == 422
    assert "Documents won&#x27;t print" in answer.content.decode()
    assert not Incident.objects.exists()


def test_a_photo_comes_along(client) -> None:
    client.post("/report/", {"text": "See the photo", "photo": SimpleUploadedFile("jam.png", PNG)})

    assert Incident.objects.get().attachments.get().content_type == "image/png"


@pytest.mark.parametrize(("name", "content"), [("virus.exe", b"MZ"), ("page.png", b"<html>"), ("empty.png", b"")])
def test_a_photo_that_cannot_be_kept_does_not_stop_the_report(client, name, content) -> None:
    answer = client.post("/report/", {"text": "See the photo", "photo": SimpleUploadedFile(name, content)}, follow=True)

    assert "The photo could not be kept" in answer.content.decode()
    assert Incident.objects.get().attachments.count() == 0


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 100_000, "a\0b"])
def test_what_cannot_be_kept_is_refused_with_a_sentence(client, text) -> None:
    answer = client.post("/report/", {"text": text})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="errorlist"' in page
    assert text.strip() in page
    assert not Incident.objects.exists()


def test_signs_of_all_languages_are_kept(client) -> None:
    text = "‮Drucker‬ <b>kaputt</b> 🧯 \r\nzweite Zeile"

    answer = client.post("/report/", {"text": text}, follow=True)

    assert Incident.objects.get().messages.get().body == text.replace("\r\n", "\n")
    assert "<b>kaputt" not in answer.content.decode()
    assert "&lt;b&gt;kaputt" in answer.content.decode()


def test_the_same_form_sent_twice_is_one_incident(client) -> None:
    form = {"text": "Documents won't print", "client_token": str(uuid.uuid4())}

    first, second = client.post("/report/", form), client.post("/report/", form)

    assert first["Location"] == second["Location"]
    assert Incident.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_are_one_incident(as_user, reporter, team) -> None:
    client = as_user(reporter)
    cookies = client.cookies
    form = {"text": "Documents won't print", "client_token": str(uuid.uuid4())}

    def click() -> str:
        one = Client()
        one.cookies = cookies
        return one.post("/report/", form)["Location"]

    answers = at_once(*[click] * 10)

    assert len(answers) == 10
    assert len(set(answers)) == 1
    assert Incident.objects.count() == 1


def test_staff_do_not_report_here(as_user, agent) -> None:
    assert as_user(agent).post("/report/", {"text": "x"}).status_code == 404


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{ 7*7 }}", "\u202eback\u202c to front", "🧯 smoke", "'; DROP TABLE x; --"]
)  # fmt: skip
def test_anything_that_can_be_read_becomes_a_title_as_it_is(client, text) -> None:
    page = client.post("/report/", {"text": text}, follow=True).content.decode()

    assert Incident.objects.get().title == text
    assert f"<bdi>{escape(text)}</bdi>" in page


def test_what_was_chosen_is_kept_and_the_photo_asked_for_again(client, town) -> None:
    service = factories.ServiceFactory(customer=town, name="Printing")
    token = str(uuid.uuid4())
    photo = SimpleUploadedFile("jam.png", PNG)

    answer = client.post("/report/", {"text": "", "service": service.pk, "client_token": token, "photo": photo})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert token in page
    assert f'value="{service.pk}"' in page
    assert re.search(r"<input[^>]* checked", page)
    assert "Please choose the photo again" in page


def test_a_photo_too_large_does_not_stop_the_report(client, settings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10

    answer = client.post("/report/", {"text": "See it", "photo": SimpleUploadedFile("jam.png", PNG)}, follow=True)

    page = answer.content.decode()
    assert "The photo could not be kept: “jam.png” is too large" in page
    assert "Your report is with us." in page


def test_what_was_said_of_the_report_when_it_came_is_not_said_later(client, agent) -> None:
    address = client.post("/report/", {"text": "Documents won't print"})["Location"]
    lifecycle.take(Incident.objects.get(), by=agent)

    page = client.get(address).content.decode()

    assert re.search(r'<p [^>]*data-draft-done="report" hidden>', page), "seen by the script, which forgets the draft"


def test_the_same_form_with_its_photo_sent_twice_keeps_one_photo(client) -> None:
    token = str(uuid.uuid4())

    for _ in range(2):
        client.post("/report/", {"text": "See it", "client_token": token, "photo": SimpleUploadedFile("jam.png", PNG)})

    assert Incident.objects.get().attachments.count() == 1


@pytest.mark.parametrize("token", ["", "x", "00000000", "a\0b", "9" * 400], ids=repr)
def test_an_unreadable_form_token_does_not_stop_the_report(client, token) -> None:
    assert client.post("/report/", {"text": "It is broken", "client_token": token}).status_code == 302


@pytest.mark.parametrize("service", ["x", "0", "-1", "9" * 400, "\u00b2"], ids=repr)
def test_an_unknown_service_is_said_and_the_text_kept(client, town, service) -> None:
    factories.ServiceFactory(customer=town)

    answer = client.post("/report/", {"text": "It is broken", "service": service})

    assert answer.status_code == 422
    assert "It is broken" in answer.content.decode()
    assert "Please choose one of these" in answer.content.decode()


def test_a_report_opened_as_a_page_leads_to_the_box(client) -> None:
    """As after a log-in in between."""
    assert client.get("/report/").url == "/"


def test_a_customer_nobody_serves_yet_is_told_to_call(as_user, stranger) -> None:
    stranger.customer.teams.all().delete()

    answer = as_user(stranger).post("/report/", {"text": "It is broken"})

    assert answer.status_code == 422
    assert "Please call." in answer.content.decode()
