"""`portal.py bench clocks` in small: the figures are there, and each miss was told once. No time is asserted."""

import json
import os
import subprocess
import sys

import pytest

from tests.embedded.portal import OVERRIDES, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_the_benchmark_prints_its_figures_and_keeps_them(tmp_path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
    done = subprocess.run(
        [sys.executable, "-m", "itsm.embedded", "bench", "clocks", "--small"], cwd=ROOT, text=True,
        capture_output=True, env=environment | {"EVENKEEL_VAR": str(tmp_path)}, timeout=100,
    )  # fmt: skip

    assert (done.returncode, done.stdout[:1]) == (0, "{"), done.stdout[:300] + done.stderr[-600:]
    found = json.loads(done.stdout)
    assert found == json.loads((tmp_path / "bench" / "clocks.json").read_text())
    for figure in [found["arithmetic"]["near"], found["arithmetic"]["businesstimedelta"], found["idle_sweep"]]:
        assert {"n", "median", "p95", "unit"} <= figure.keys()
    assert found["arithmetic"]["ratio"] > 1
    assert any("clock_next_alert" in node for node in found["idle_sweep"]["plan"])
    crowd = found["crowd"]
    assert (crowd["told"], crowd["told_twice"], crowd["still_due"]) == (crowd["due"], 0, 0)
