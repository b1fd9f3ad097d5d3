"""The tracking page: how it stands, what one can do, what has happened."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import conversation, lifecycle
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.htmx import assert_swap_equals_reload
from tests.incidents.portal.test_report import PNG


@pytest.fixture
def page(incident) -> str:
    return f"/incidents/{incident.reference}/"


def read(client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_how_things_stand(as_user, reporter, incident, agent, page) -> None:
    assert "Received" in read(as_user(reporter), page)

    factories.answered(factories.taken(incident, agent), agent)

    text = read(as_user(reporter), page)
    assert "Ines has it." in text
    assert "Next news by" in text
    assert "We are looking at the printer." in text


def test_a_late_promise_is_said_to_be_late(as_user, reporter, incident, page) -> None:
    due = incident.clocks.get(kind="response").due_at

    with moment.travel(due + (due - incident.opened_at)):
        text = read(as_user(reporter), page)

    assert "News was due" in text
    assert "We are late with it" in text


def test_the_question_comes_with_its_answer_box(as_user, reporter, incident, agent, page) -> None:
    lifecycle.ask(incident, by=agent, question="Which printer is it?")
    client = as_user(reporter)
    assert "Which printer is it?" in read(client, page)

    client.post(page + "add/", {"text": "Number two"})

    incident.refresh_from_db()
    assert incident.status == Incident.Status.IN_PROGRESS


@pytest.mark.parametrize("make", [factories.restored, factories.resolved])
def test_still_not_working_opens_it_again(as_user, reporter, incident, agent, page, make) -> None:
    make(incident, agent)
    client = as_user(reporter)
    assert "Still not working" in read(client, page)

    answer = client.post(page + "still-broken/", {"text": ""}, follow=True)

    incident.refresh_from_db()
    assert incident.status == Incident.Status.IN_PROGRESS
    assert "it is open again" in answer.content.decode()


def test_internal_words_are_nowhere(as_user, reporter, contact, incident, agent, page) -> None:
    conversation.note(incident, by=agent, text="canary among agents")
    file = SimpleUploadedFile("canary.txt", b"canary")
    internal = conversation.attach(incident, by=agent, upload=file, is_public=False)

    for person in (reporter, contact):
        client = as_user(person)
        assert "canary" not in read(client, page) + read(client, "/")
        assert client.get(f"/files/{internal.token}/").status_code == 404


@pytest.mark.parametrize("person", ["colleague", "stranger", "agent", "other_agent"])
def test_others_do_not_get_in(as_user, incident, page, person, request) -> None:
    client = as_user(request.getfixturevalue(person))

    assert client.get(page).status_code == 404
    for verb in ("add", "attach", "still-broken"):
        assert client.post(f"{page}{verb}/", {"text": "x"}).status_code == 404


def test_a_refused_message_keeps_the_words(as_user, reporter, incident, agent, page) -> None:
    lifecycle.cancel(incident, by=agent, reason="Not an incident.")

    answer = as_user(reporter).post(page + "add/", {"text": "But I am still waiting"})

    assert answer.status_code == 409
    assert "Not possible now" in answer.content.decode()
    assert "But I am still waiting" in answer.content.decode()


def test_too_long_a_message_is_kept_in_the_form(as_user, reporter, page) -> None:
    answer = as_user(reporter).post(page + "add/", {"text": "y" * 30_000})

    assert answer.status_code == 422
    assert "y" * 30_000 in answer.content.decode()


def test_a_photo_is_shown_and_handed_out_safely(as_user, reporter, incident, page) -> None:
    client = as_user(reporter)
    client.post(page + "attach/", {"file": SimpleUploadedFile("jam.png", PNG)})
    file = incident.attachments.get()
    assert f"/files/{file.token}/" in read(client, page)

    answer = client.get(f"/files/{file.token}/")

    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"] == 'attachment; filename="jam.png"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_too_large_is_413(as_user, reporter, page, settings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10

    answer = as_user(reporter).post(page + "attach/", {"file": SimpleUploadedFile("jam.png", PNG)})

    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


@pytest.mark.parametrize(("verb", "data"), [("add", {"text": "More to say"}), ("still-broken", {"text": ""})])
def test_the_swap_shows_what_a_reload_shows(as_user, reporter, incident, agent, page, verb, data) -> None:
    factories.restored(incident, agent)

    assert_swap_equals_reload(as_user(reporter), page, f"{page}{verb}/", data, "incident")


@pytest.mark.parametrize("count", [1, 3, 100])
def test_it_asks_a_fixed_number_of_questions(
    as_user, reporter, incident, page, django_assert_num_queries, count
) -> None:
    for number in range(count):
        conversation.add(incident, by=reporter, text=f"Word {number}")
    client = as_user(reporter)

    with django_assert_num_queries(7):
        client.get(page)
