"""docs/policy.md says each knob as the product has it."""

import re
from pathlib import Path

from customers.knobs import KNOBS
from customers.policy import floor

TEXT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text()


def test_the_table_of_knobs_is_complete_and_true() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \| (.*) \|$", TEXT, re.M)

    assert rows == [(k.name, str(k.label), str(k.meaning), k.unit, k.side) for k in KNOBS.values()]


def test_the_floor_is_the_one_that_holds() -> None:
    said = "; ".join(
        f"{name} {', '.join(floor()[knob])}"
        for name, knob in (("first answer", "response"), ("next update", "update"), ("works again", "restore"))
    )

    assert said in " ".join(TEXT.split())


def test_all_ten_rules_are_there() -> None:
    assert re.findall(r"^\| (\d+) \|", TEXT, re.M) == [str(number) for number in range(1, 11)]
