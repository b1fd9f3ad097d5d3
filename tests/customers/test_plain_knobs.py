"""What is agreed, as the customer's own people read it."""

import pytest

from customers import agreed, policy
from customers.knobs import KNOBS
from customers.plain_knobs import OURS_ALONE, SAID, VALUES, plain, plain_words

TRADE_WORDS = (
    "impact",
    "urgency",
    "matrix",
    "escalation",
    "workaround",
    "close-out",
    "restore",
    "the customer",
    "major",
)
LEVELS = [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", sorted(KNOBS.keys() - OURS_ALONE))
def test_labels_and_meanings_are_plain(name) -> None:
    said = f"{plain(name).label} {plain(name).meaning}".lower()

    assert [word for word in TRADE_WORDS if word in said] == []


def test_each_word_belongs_to_a_knob_that_is_there() -> None:
    assert SAID.keys() <= KNOBS.keys() - OURS_ALONE
    assert {name for name, _value in VALUES} <= KNOBS.keys()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.django_db
def test_values_are_plain_where_the_desk_has_words_of_its_own(level, town) -> None:
    town.level = level
    town.save()

    groups = agreed.grouped(policy.layers(town), for_customer=True)
    said = {one.knob.name: one.words for _title, knobs in groups for one in knobs}

    assert not any(word in said[name] for name in ("priority_by", "review") for word in ("agent", "matrix", "major"))
    assert not {"priority_matrix", *OURS_ALONE} & said.keys()
    assert said["response"] == plain_words("response", policy.merged(policy.layers(town))["response"])
