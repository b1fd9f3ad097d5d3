"""Whatever is typed or sent: a clear answer, never a server error."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from itsm import heart
from tests.isolation.routes import Route, routes

EVIL = [
    "",
    " ",
    "x" * 100_000,
    "\0",
    "a\0b",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "‮rtl‏ marks",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "'; DROP TABLE incidents_incident; --",
    "²",
    "-1",
    "0",
    "1e999999",
    "NaN",
    "9" * 400,
    "2026-02-31",
    "0001-01-01T00:00",
    "9999-12-31T23:59:59+14:00",
    "INC-1",
    "../../etc/passwd",
    "🧯" * 500,
    "Ω≈ç√",
]
FIELDS = [
    "text",
    "q",
    "view",
    "incident",
    "since",
    "page",
    "days",
    "kind",
    "verdict",
    "customer",
    "level",
    "priority",
    "service",
    "next_update_at",
    "version",
    "client_token",
    "restored_by",
    "outcome",
    "question",
    "note",
    "reason",
    "impact",
    "urgency",
    "name",
    "language",
    "time_zone",
    "theme",
    "next",
    "to",
    "ordering",
    "format",
    "reporter",
    "person",
    "search",
    "affected",
    "working",
    "evidence",
    "correlation_id",
    "phone",
    "number",
    "when",
]


def own_routes() -> list[Route]:
    return [r for r in routes() if not r.is_admin and r.parameters <= {"reference", "file", "key", "name", "token"}]


def address(route: Route, reference: str) -> str:
    known = {
        "reference": reference,
        "file": "00000000-0000-4000-8000-000000000000",
        "key": "x",
        "clock": "1",
        "pk": "1",
        "name": "x",
        "token": "x",
    }
    if route.is_of_a_problem:
        known["reference"] = "PRB-1"
    return reverse(route.name, kwargs={name: known[name] for name in route.parameters})


@pytest.fixture(autouse=True)
def _alive() -> None:
    """/readyz says 503 where nobody works."""
    for name in ("worker", "beat"):
        heart.beat(name)


@pytest.fixture(params=["reporter", "agent", "lead"])
def somebody(request, reporter, agent, lead):
    client = Client(raise_request_exception=False)
    client.force_login({"reporter": reporter, "agent": agent, "lead": lead}[request.param])
    return client


def test_no_query_string_breaks_a_page(somebody, incident) -> None:
    for route in own_routes():
        for value in EVIL:
            answer = somebody.get(address(route, incident.reference), dict.fromkeys(FIELDS, value[:4000]))
            assert answer.status_code < 500, f"{route.line} with {value[:30]!r}"


def test_no_form_breaks_a_page(somebody, incident) -> None:
    for route in own_routes():
        if route.is_account:
            continue
        for value in EVIL:
            answer = somebody.post(address(route, incident.reference), dict.fromkeys(FIELDS, value))
            assert answer.status_code < 500, f"{route.line} with {value[:30]!r}"


JSON_BODIES = [
    b"",
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"{",
    b'{"text": "\\u0000"}',
    b'{"text": "\\ud800"}',
    b'{"text": NaN}',
    b'{"text": 1e999999}',
    b'{"text": {"a": [1, 2]}}',
    b'{"text": ["x"]}',
    b'{"text": true}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"\xff\xfe",
    json.dumps(dict.fromkeys(FIELDS, "x" * 30000)).encode(),
    json.dumps({field: {"$gt": ""} for field in FIELDS}).encode(),
    json.dumps(dict.fromkeys(FIELDS, -1)).encode(),
]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=klingon", "text/plain", "application/xml"]
)
def test_no_body_breaks_the_api(somebody, incident, kind) -> None:
    for route in (route for route in own_routes() if route.is_api):
        for body in JSON_BODIES:
            for method in ("POST", "PUT", "PATCH"):
                answer = somebody.generic(method, address(route, incident.reference), body, content_type=kind)
                assert answer.status_code < 500, f"{route.line} {kind} {body[:40]!r}"


def test_paths_with_unreadable_characters_are_refused(somebody) -> None:
    assert somebody.get("/incidents/%00/").status_code == 400
    assert somebody.get("/?q=%00").status_code == 400
    assert somebody.get("/t/%ff%fe/").status_code == 404


def test_an_unknown_charset_is_refused_with_a_sentence(somebody) -> None:
    answer = somebody.generic(
        "POST", "/report/", b"text=x", content_type="application/x-www-form-urlencoded; charset=klingon"
    )

    assert answer.status_code == 400
    assert "alphabet" in answer.content.decode()
