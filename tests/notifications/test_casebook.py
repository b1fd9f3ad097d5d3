"""The worked cases of docs/sla.md, each one through the whole house."""

import json
from pathlib import Path

import pytest

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
