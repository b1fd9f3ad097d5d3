"""The catalogue of outside clocks: duties to report that many customers share (outside_clocks.toml).

Pure: no database. What a customer takes from it is copied and then theirs; we deliver evidence, no legal advice.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Report:
    """One report: due so many hours after its `base`, a value of `ExternalDeadline.Base`."""

    name: str
    hours: int
    base: str
    position: int


@dataclass(frozen=True)
class Regime:
    key: str
    name: str
    meaning: str
    reports: tuple[Report, ...]


REGIMES: dict[str, Regime] = {
    key: Regime(key, told["name"], told["meaning"], tuple(Report(**report) for report in told["reports"]))
    for key, told in tomllib.loads(Path(__file__).with_name("outside_clocks.toml").read_text()).items()
}
