"""Attached files go to those who may see them, as downloads and never as pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import conversation
from tests.incidents.portal.test_report import PNG


@pytest.fixture
def keep(incident, agent):
    """keep(name, content) -> a public file of the desk's on the incident."""

    def attach(name: str = "jam.png", content: bytes = PNG, is_public: bool = True):
        upload = SimpleUploadedFile(name, content)
        return conversation.attach(incident, by=agent, upload=upload, is_public=is_public)

    return attach


def fetch(client: Client, file) -> tuple[int, bytes]:
    answer = client.get(f"/files/{file.token}/")
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else b""


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("reporter", 200),
        ("contact", 200),
        ("agent", 200),
        ("lead", 200),
        ("colleague", 404),
        ("stranger", 404),
        ("other_agent", 404),
    ],
)
def test_a_public_file_opens_for_those_who_see_its_incident(as_user, keep, person, status, request) -> None:
    got, content = fetch(as_user(request.getfixturevalue(person)), keep())

    assert got == status
    assert content == (PNG if status == 200 else b"")


@pytest.mark.parametrize(("person", "status"), [("reporter", 404), ("contact", 404), ("agent", 200), ("lead", 200)])
def test_an_internal_file_stays_at_the_desk(as_user, keep, person, status, request) -> None:
    assert fetch(as_user(request.getfixturevalue(person)), keep(is_public=False))[0] == status


def test_nobody_gets_a_file_without_a_log_in(keep) -> None:
    answer = Client().get(f"/files/{keep().token}/")

    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")


def test_the_name_is_handed_out_as_it_was_given(as_user, reporter, keep) -> None:
    file = keep(name='Zähler "2" \u202etxt.png')

    answer = as_user(reporter).get(f"/files/{file.token}/")
    answer.close()

    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Z%C3%A4hler%20%222%22")
    assert answer["Content-Type"] == "image/png"


def test_text_is_handed_out_as_the_kind_it_was_kept_with(as_user, reporter, keep) -> None:
    answer = as_user(reporter).get(f"/files/{keep(name='notes.log', content=b'plain words').token}/")
    answer.close()

    assert answer["Content-Type"] == "text/plain"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_the_desks_internal_file_is_not_named_on_the_portal(as_user, reporter, incident, keep) -> None:
    keep(name="canary.png", is_public=False)
    keep(name="shown.png")

    page = as_user(reporter).get(f"/incidents/{incident.reference}/").content.decode()

    assert "canary" not in page
    assert 'alt="shown.png"' in page
