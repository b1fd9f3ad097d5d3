"""The worked cases of docs/sla.md, as far as ledgers alone can tell; the product runs the whole file elsewhere."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from customers.working_hours import NO_WORKING_TIME, HoursError, parse
from tests.incidents.sla.interpreter import compare, play

CASES = json.loads(Path(__file__).with_name("sla_cases.json").read_text())
NOT_OF_A_CLOCK = {"breach_alerts_sent"}  # what was sent to whom is not the core's to know
REFUSED = [case for case in CASES if "error" in case["expect"]]


@pytest.mark.parametrize("case", [case for case in CASES if case not in REFUSED], ids=lambda case: case["id"])
def test_case_comes_out_as_expected(case):
    now = datetime.fromisoformat(case["evaluate_at"])
    tickets = play(case)
    for name, expected in (case["expect"].get("tickets") or {None: case["expect"]}).items():
        of_clocks = {metric: value for metric, value in expected.items() if metric not in NOT_OF_A_CLOCK}
        actual = {metric: tickets[name].answer(metric, now) for metric in of_clocks}

        assert compare(of_clocks, actual) == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_case_is_refused(case):
    with pytest.raises(HoursError) as refused:
        parse(case["calendar"])

    assert refused.value.code == case["expect"]["error"] == NO_WORKING_TIME


def test_all_cases_are_there():
    assert len(CASES) == len({case["id"] for case in CASES}) == 63
