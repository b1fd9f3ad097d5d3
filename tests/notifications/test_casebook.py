"""The worked cases of docs/sla.md, each one through the whole house."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Incident
from notifications import casebook

CASES = json.loads((Path(__file__).parent.parent / "incidents" / "sla" / "sla_cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_house_answers_as_the_case_says(case) -> None:
    assert casebook.judge(case).differences == []


def test_a_case_leaves_nothing_behind() -> None:
    casebook.judge(CASES[0])

    assert not Incident.objects.exists()


def test_a_wrong_expectation_is_told_with_its_place() -> None:
    case = CASES[0] | {"expect": {"resolution": {"elapsed_s": -1}}}

    (line,) = casebook.judge(case).differences

    assert line.startswith("resolution.elapsed_s: expected -1, came ")


def test_an_event_nobody_knows_fails_its_case_and_no_other() -> None:
    case = CASES[0] | {"events": [{"at": "2026-06-01T07:00:00Z", "event": "eclipse"}]}

    assert casebook.judge(case).differences == ["ValueError: A case knows no event called “eclipse”."]


def told(tmp_path, content: str) -> list[str]:
    """What the command prints for a file with this content; a failure ends it with exit code 1."""
    file, out = tmp_path / "cases.json", io.StringIO()
    file.write_text(content)
    try:
        call_command("sla_cases", file, stdout=out)
    except SystemExit as ended:
        out.write(f"exit {ended.code}")
    return out.getvalue().splitlines()


def test_the_command_prints_a_line_a_case_and_the_sum(tmp_path) -> None:
    assert told(tmp_path, json.dumps(CASES[:2])) == [
        f"ok     {CASES[0]['id']}", f"ok     {CASES[1]['id']}", "2 passed, 0 failed",
    ]  # fmt: skip


def test_the_command_says_what_differs_and_fails(tmp_path) -> None:
    wrong = CASES[0] | {"id": "wrong", "expect": {"resolution": {"breached": "perhaps"}}}

    assert told(tmp_path, json.dumps([CASES[1], wrong])) == [
        f"ok     {CASES[1]['id']}",
        "FAILED wrong",
        "       resolution.breached: expected perhaps, came False",
        "1 passed, 1 failed",
        "exit 1",
    ]


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", '[{"id": "x"}]'])
def test_what_is_no_file_of_cases_is_refused_with_a_sentence(tmp_path, content) -> None:
    with pytest.raises(CommandError, match=r"cases.json .*\.$"):
        told(tmp_path, content)


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("sla_cases", tmp_path / "nowhere.json")
