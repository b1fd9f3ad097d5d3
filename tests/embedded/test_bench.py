"""`portal.py bench` in small: the figures are there, and the work was done. No time is asserted."""

import json
import os
import subprocess
import sys

import pytest

from tests.embedded.portal import OVERRIDES, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def measured(tmp_path):
    """measured("clocks") -> what `portal.py bench clocks --small` printed, and kept in a file."""

    def measure(what: str) -> dict:
        environment = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
        done = subprocess.run(
            [sys.executable, "-m", "itsm.embedded", "bench", what, "--small"], cwd=ROOT, text=True,
            capture_output=True, env=environment | {"EVENKEEL_VAR": str(tmp_path)}, timeout=100,
        )  # fmt: skip
        assert (done.returncode, done.stdout[:1]) == (0, "{"), done.stdout[:300] + done.stderr[-600:]
        found = json.loads(done.stdout)
        assert found == json.loads((tmp_path / "bench" / f"{what}.json").read_text())
        return found

    return measure


def test_the_clocks_are_measured_and_each_miss_is_told_once(measured) -> None:
    found = measured("clocks")

    for figure in [found["arithmetic"]["near"], found["arithmetic"]["businesstimedelta"], found["idle_sweep"]]:
        assert {"n", "median", "p95", "unit"} <= figure.keys()
    assert found["arithmetic"]["ratio"] > 1
    assert any("clock_next_alert" in node for node in found["idle_sweep"]["plan"])
    crowd = found["crowd"]
    assert (crowd["told"], crowd["told_twice"], crowd["still_due"]) == (crowd["due"], 0, 0)


def test_what_looks_alike_is_measured_beside_the_way_without_an_index(measured) -> None:
    found = measured("similar")

    for house in ("largest", "usual"):
        for figure in (found[house]["similar"], found[house]["known_errors"], found[house]["typing"]):
            assert {"n", "median", "p95", "unit"} <= figure.keys()
    assert (found["incidents"], found["known_errors"]) == (2_001, 200)
    assert found["plan"]
    assert found["ratio"].keys() == {"similar", "typing"}


def test_an_import_is_measured_and_keeps_everybody(measured) -> None:
    found = measured("import")

    assert (found["state"], found["kept"]) == ("done", found["people"])
    for phase in (found["look"], found["take_over"]):
        assert phase["peak_mb"] < found["goal_mb"]
    assert found["ratio"] > 0


def test_the_list_of_customers_is_measured_page_by_page(measured) -> None:
    found = measured("customers")

    for name in ("list", "last_page", "search", "needing", "empty", "bare_queries"):
        assert {"n", "median", "p95", "unit"} <= found[name].keys()
    assert (found["customers"], found["queries"]) == (120, 5)
    assert found["ratio"] > 0


def test_the_edit_of_a_calendar_is_measured_and_moves_every_clock(measured) -> None:
    found = measured("calendar")

    assert (found["state"], found["moved"]) == ("done", found["clocks"])
    for phase in (found["preview"], found["apply"]):
        assert phase["peak_mb"] < found["goal_mb"]
        assert {"n", "median", "p95", "unit"} <= phase["desk_meanwhile"].keys()


def test_messages_are_measured_and_each_is_sent_once(measured) -> None:
    found = measured("notify")

    for name in ("many", "smtplib_alone", "single"):
        assert {"n", "median", "p95", "unit"} <= found[name].keys()
    assert (found["many"]["messages"], found["many"]["not_at_once"]) == (400, 0)
    assert found["ratio"] > 0


def test_a_major_is_measured_and_nobody_is_left_behind(measured) -> None:
    found = measured("major")

    for name in ("update_accepted", "update_alone", "joining", "joined_told", "fan_out", "restored"):
        assert {"n", "median", "p95", "unit"} <= found[name].keys()
    assert found["update_accepted"]["joined"] == 60
    assert (found["fan_out"]["reports"], found["fan_out"]["messages"]) == (60, 61)  # and whoever reported the major
    assert (found["restored"]["followed"], found["restored"]["left_behind"]) == (60, 0)
    assert found["ratio"] > 0
