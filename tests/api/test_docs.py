"""The API describes itself: a schema without warnings, and a page that loads nothing from outside."""

import re

import pytest
from django.core.management import call_command
from django.test import Client


def test_the_schema_is_valid_and_without_warnings(tmp_path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))

    assert "/api/v1/incidents/{reference}/restore/" in (tmp_path / "schema.yml").read_text()


@pytest.mark.parametrize("person", ["reporter", "agent"])
def test_the_page_lists_the_verbs(as_user, person, request) -> None:
    page = as_user(request.getfixturevalue(person)).get("/api/v1/docs/").content.decode()

    for verb in ("take", "update", "note", "ask", "restore", "resolve", "still-broken", "add", "attach"):
        assert f"/api/v1/incidents/{{reference}}/{verb}/" in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page) == []


def test_both_need_a_log_in() -> None:
    assert Client().get("/api/v1/docs/").status_code == 302
    assert Client().get("/api/v1/schema/").status_code == 401
