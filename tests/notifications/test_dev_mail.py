"""What the demo's mail server caught."""

import importlib
import os
import sys

import pytest
from django.test import Client, override_settings
from django.urls import clear_url_caches, reverse

import notifications.urls
from incidents.models import Incident
from itsm import events
from notifications import letters
from notifications.models import Delivery


@pytest.fixture
def maildir(tmp_path, settings):
    (tmp_path / "new").mkdir()
    (tmp_path / "secret").write_text("not a mail")
    settings.MAILDIR = str(tmp_path)
    return tmp_path


@pytest.fixture
def put(maildir):
    """put("name", b"content", age=3): a mail that arrived three seconds ago."""

    def keep(name: str, content: bytes, age: int = 0) -> None:
        file = maildir / "new" / name
        file.write_bytes(content)
        os.utime(file, (1_790_000_000 - age, 1_790_000_000 - age))

    return keep


@pytest.fixture
def receipt(incident, put) -> Incident:
    events.relay()
    put("1.receipt", letters.write(Delivery.objects.outside().get()).message().as_bytes())
    return incident


def get(name: str, *args: str, **query: str):
    return Client().get(reverse(f"notifications:{name}", args=args), query)


def test_inbox_shows_the_newest_first(put) -> None:
    for age, name in enumerate(["new", "middle", "old"]):
        put(f"{age}.m", f"Subject: {name} mail\nTo: a@example.com\n\nx".encode(), age)

    page = get("dev_mail").content.decode()

    assert page.index("new mail") < page.index("middle mail") < page.index("old mail")


def test_inbox_says_whose_times_it_shows(maildir) -> None:
    assert "Times are in UTC." in get("dev_mail").content.decode()


def test_inbox_filters_by_recipient(put) -> None:
    put("1", b"Subject: for rosa\nTo: Rosa@example.com\n\nx")
    put("2", b"Subject: for carl\nTo: carl@example.com\n\nx")

    page = get("dev_mail", to="rosa@").content.decode()

    assert "for rosa" in page
    assert "for carl" not in page


@pytest.mark.parametrize("where", ["", "/nowhere"])
def test_inbox_without_mails_says_what_to_do(settings, where) -> None:
    settings.MAILDIR = where

    assert "No mail yet" in get("dev_mail").content.decode()


def test_a_mail_shows_its_text_and_its_thread(receipt, reporter) -> None:
    page = get("dev_mail_one", "1.receipt").content.decode()

    assert f"[{receipt.reference}] Documents at counter 2 won&#x27;t print" in page
    assert "We have your report." in page
    assert f"received.{receipt.reference.lower()}." in page
    assert '<a href="http://localhost:8000/t/' in page


def test_the_html_part_is_shut_in(receipt) -> None:
    answer = get("dev_mail_html", "1.receipt")

    assert "We have your report." in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in policy


def test_the_page_around_it_keeps_the_strict_policy(receipt) -> None:
    assert "unsafe-inline" not in get("dev_mail_one", "1.receipt")["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["nothing", "..", "..%2Fsecret", "secret", "new", ".", "1\u202e", "a" * 3000])
@pytest.mark.parametrize("page", ["dev_mail_one", "dev_mail_html"])
def test_what_is_no_mail_is_not_there(receipt, page, name) -> None:
    assert get(page, name).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff\xfe" * 500,
        b"Subject: =?x-nothing?q?a?=\nTo: <<>>\nContent-Type: text/html; charset=klingon\n\n\xff",
        b"Content-Type: multipart/alternative; boundary=x\n\n--x\n",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"From: " + b"a," * 500 + b"\n\nx",
    ],
)
def test_no_mail_breaks_the_pages(put, content) -> None:
    put("odd", content)

    assert get("dev_mail").status_code == 200
    assert get("dev_mail_one", "odd").status_code == 200
    assert get("dev_mail_html", "odd").status_code in {200, 404}


def test_outside_the_demo_there_are_no_such_pages() -> None:
    try:
        with override_settings(DEMO=False):
            importlib.reload(sys.modules["notifications.urls"])
            names = {getattr(pattern, "name", None) for pattern in notifications.urls.urlpatterns}
    finally:
        importlib.reload(sys.modules["notifications.urls"])
        clear_url_caches()

    assert {"incident_panel", "send_again", "tray"} <= names
    assert not [name for name in names if name and name.startswith("dev_")]
