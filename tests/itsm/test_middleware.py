"""What each answer carries, and what each request is refused for."""

from django.test import Client, override_settings


def test_pages_say_what_browsers_may_do(as_user, reporter) -> None:
    answer = as_user(reporter).get("/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_nothing_is_inline(as_user, reporter) -> None:
    page = as_user(reporter).get("/").content.decode()

    assert "style=" not in page
    assert "<style" not in page
    assert " onclick" not in page


def test_a_forged_host_is_refused() -> None:
    assert Client().get("/healthz", headers={"host": "evil.example"}).status_code == 400


@override_settings(SECURE_PROXY_SSL_HEADER=None)
def test_headers_from_outside_change_nobody(as_user, reporter) -> None:
    answer = as_user(reporter).get("/", headers={"remote-user": "admin", "x-forwarded-user": "admin"})

    assert answer.context["user"] == reporter


def test_times_are_the_readers(as_user, reporter, incident) -> None:
    reporter.time_zone, reporter.language = "Asia/Kolkata", "en-gb"
    reporter.save()

    answer = as_user(reporter).get("/")

    assert answer.status_code == 200
    assert answer.context["request"].LANGUAGE_CODE == "en-gb"


def test_a_form_sent_after_the_session_ended_is_not_overwritten_by_the_log_in_page(incident) -> None:
    answer = Client().post(f"/incidents/{incident.reference}/add/", {"text": "More"}, headers={"hx-request": "true"})

    assert answer.status_code == 401
    assert "what you typed is kept" in answer.content.decode()
