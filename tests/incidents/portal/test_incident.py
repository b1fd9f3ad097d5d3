"""The tracking page: how it stands, what one can do, what has happened."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import conversation, lifecycle
from incidents.models import Incident
from itsm import moment
from tests import factories
from tests.htmx import assert_swap_equals_reload, element
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


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("new", "Received"),
        ("assigned", "We have it"),
        ("in_progress", "Working on it"),
        ("pending", "Waiting for your answer"),
        ("restored", "Works again, for now"),
        ("resolved", "Solved"),
        ("closed", "Closed"),
        ("cancelled", "Withdrawn"),
    ],
)
def test_each_state_is_said_in_the_customers_words(as_user, reporter, in_state, status, words) -> None:
    incident = in_state(status)

    box = element(read(as_user(reporter), f"/incidents/{incident.reference}/"), "standing")

    assert words in box
    assert ("Next news by" in box) == incident.is_open
    assert ("Ines has it." in box) == (status in ("assigned", "in_progress", "pending", "restored"))


def test_a_fix_is_not_said_to_be_for_now(as_user, reporter, incident, agent, page) -> None:
    factories.restored(incident, agent, restored_by="fix")

    text = read(as_user(reporter), page)

    assert "Works again" in element(text, "standing")
    assert "for now" not in text


def test_the_next_news_is_told_by_the_readers_own_clock(as_user, reporter, incident, page) -> None:
    due = incident.clocks.get(kind="response").due_at
    reporter.time_zone = "Asia/Tokyo"
    reporter.save()

    text = read(as_user(reporter), page)

    assert f"{due.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" in element(text, "standing")


@pytest.mark.parametrize(("level", "shown"), [(None, False), (1, False), (2, False), (3, True), (4, True), (5, True)])
def test_the_time_to_restore_is_told_from_level_3(as_user, reporter, team, town, level, shown) -> None:
    town.level = level
    town.save()
    incident = factories.open_incident(reporter)

    text = read(as_user(reporter), f"/incidents/{incident.reference}/")

    assert ("It should work again by" in text) == shown


def test_somebody_else_reads_who_reported_it(as_user, contact, page) -> None:
    assert "by Rosa Reporter" in read(as_user(contact), page)


def test_a_report_by_phone_is_said_to_be_written_down(as_user, reporter, agent) -> None:
    incident = lifecycle.open_incident(by=agent, reporter=reporter, text="It does not print", origin="phone")

    assert "We wrote down:" in read(as_user(reporter), f"/incidents/{incident.reference}/")


def test_a_late_promise_is_said_to_be_late(as_user, reporter, incident, page) -> None:
    due = incident.clocks.get(kind="response").due_at

    with moment.travel(due + (due - incident.opened_at)):
        text = read(as_user(reporter), page)

    assert "An update was due" in text
    assert "We are late with it. Your report is not forgotten." in text, "nobody has been told yet, so nobody says so"


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


def test_after_the_window_it_is_reported_anew(as_user, reporter, incident, agent, page) -> None:
    lifecycle.close(factories.resolved(incident, agent))
    client = as_user(reporter)
    assert "Still not working" in read(client, page)

    with moment.travel(moment.now() + timedelta(days=60)):
        assert "Still not working" in read(client, page)
        answer = client.post(page + "still-broken/", {"text": "Broken again"})

    anew = Incident.objects.get(follows=incident)
    assert answer.url == f"/incidents/{anew.reference}/"
    assert (anew.title, anew.reporter, anew.status) == ("Broken again", reporter, Incident.Status.NEW)
    incident.refresh_from_db()
    assert incident.status == Incident.Status.CLOSED


def test_after_the_window_the_script_leads_to_the_new_one(as_user, reporter, incident, agent, page) -> None:
    lifecycle.close(factories.resolved(incident, agent))
    with moment.travel(moment.now() + timedelta(days=60)):
        answer = as_user(reporter).post(page + "still-broken/", {"text": ""}, headers={"HX-Request": "true"})

    anew = Incident.objects.get(follows=incident)
    assert answer["HX-Redirect"] == f"/incidents/{anew.reference}/"
    assert anew.title == incident.title


def test_the_veto_said_twice_is_heard_once(as_user, reporter, incident, agent, page) -> None:
    factories.restored(incident, agent)
    client = as_user(reporter)
    form = {"text": "No", "client_token": str(uuid.uuid4())}

    answers = [client.post(page + "still-broken/", form).status_code for _ in range(2)]

    incident.refresh_from_db()
    assert answers == [302, 302]
    assert (incident.reopened, incident.messages.filter(body="No").count()) == (1, 1)


def test_a_solved_one_says_when_it_closes(as_user, reporter, incident, agent, page) -> None:
    solved = factories.resolved(incident, agent)
    client = as_user(reporter)
    assert "If we hear nothing from you, we close it" in read(client, page)

    with moment.travel(lifecycle.close_at(solved) + timedelta(minutes=1)):
        assert "we close it" not in read(client, page)


def test_a_message_sent_twice_is_one(as_user, reporter, incident, page) -> None:
    form = {"text": "More to say", "client_token": str(uuid.uuid4())}
    client = as_user(reporter)

    client.post(page + "add/", form)
    client.post(page + "add/", form)

    assert incident.messages.filter(body="More to say").count() == 1


@pytest.mark.parametrize("person", ["reporter", "contact"])
def test_own_people_get_in_and_may_write(as_user, incident, page, person, request) -> None:
    client = as_user(request.getfixturevalue(person))

    assert client.get(page).status_code == 200
    assert client.post(page + "add/", {"text": "More"}).url == page
    assert incident.messages.get(body="More").author == request.getfixturevalue(person)


def test_a_colleague_gets_in_where_the_customer_shares(as_user, colleague, town, page) -> None:
    client = as_user(colleague)
    assert client.get(page).status_code == 404

    town.shares_incidents = True
    town.save()

    assert client.get(page).status_code == 200


@pytest.mark.parametrize("verb", ["add", "attach", "still-broken"])
def test_a_form_opened_as_a_page_leads_back(as_user, reporter, page, verb) -> None:
    """As after a log-in in between."""
    assert as_user(reporter).get(f"{page}{verb}/").url == page


@pytest.mark.parametrize("text", ["", " \n ", "x" * 100_000, "a\0b"], ids=["empty", "blank", "long", "nul"])
@pytest.mark.parametrize("status", ["new", "pending"])
def test_a_message_that_cannot_be_kept_is_refused_with_a_sentence(as_user, reporter, in_state, status, text) -> None:
    incident = in_state(status)

    answer = as_user(reporter).post(f"/incidents/{incident.reference}/add/", {"text": text})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="errorlist"' in page or 'class="errors"' in page
    assert text.strip() in page
    assert incident.messages.count() == (2 if status == "pending" else 1)


def test_markup_and_signs_of_direction_stay_text(as_user, reporter, incident, page) -> None:
    client = as_user(reporter)
    client.post(page + "add/", {"text": "<img src=x onerror=alert(1)> \u202efoo\u202c"})

    text = read(client, page)

    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt; \u202efoo\u202c" in text
    assert '<p class="said-text" dir="auto">' in text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("virus.exe", b"MZ", "cannot be kept"),
        ("page.png", b"<html>", "not what its name says"),
        ("empty.png", b"", "The file is empty"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "cannot be kept"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_with_a_sentence(
    as_user, reporter, incident, page, name, content, words
) -> None:
    answer = as_user(reporter).post(page + "attach/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not incident.attachments.exists()


def test_no_file_at_all_is_said(as_user, reporter, page) -> None:
    answer = as_user(reporter).post(page + "attach/")

    assert answer.status_code == 422
    assert "Please choose a file." in answer.content.decode()


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

    with django_assert_num_queries(9):  # the last two: what is known to be down, and what the bell says of it is read
        client.get(page)
