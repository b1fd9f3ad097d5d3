"""What may be agreed apart from the level, and the sentence for what may not."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from customers import policy
from customers.agreement import KNOBS, validate_agreement
from tests import factories

GOOD = ["4 h", "8 h", "3 bd", "5 bd"]


@pytest.mark.parametrize("level", range(1, 6))
def test_what_each_level_says_could_be_agreed(level) -> None:
    validate_agreement(policy.level_defaults(level))
    assert KNOBS.keys() == policy.level_defaults(level).keys()


@pytest.mark.parametrize(
    ("agreement", "sentence"),
    [
        (["4 h"], "An agreement must be an object"),
        ({"speed": 1}, "“speed” is nothing that can be agreed"),
        ({"calendars": {}}, "“calendars” is nothing that can be agreed"),
        ({"restore": ["0 h", *GOOD[1:]]}, "restore: P1: “0 h” leaves no time"),
        ({"restore": [*GOOD[:3], "-5 bd"]}, "restore: P4: “-5 bd” leaves no time"),
        ({"restore": [*GOOD[:3], "2600 bd"]}, "restore: P4: “2600 bd” is more than a year"),
        ({"update": ["87600 h", *GOOD[1:]]}, "update: P1: “87600 h” is more than a year"),
        ({"reply": ["soon", *GOOD[1:]]}, "reply: P1: “soon” cannot be read"),
        ({"reply": [4, *GOOD[1:]]}, "reply: P1: “4” cannot be read"),
        ({"response": GOOD[:3]}, "response: give four targets"),
        ({"response": "4 h"}, "response: give four targets"),
        ({"coverage": ["always", "never", "business", "business"]}, "coverage: give four of always"),
        ({"auto_close_bd": 0}, "auto_close_bd: give a whole number from 1 to 260"),
        ({"goal_restore": 101}, "goal_restore: give a whole number from 1 to 100"),
        ({"remind_every_h": True}, "remind_every_h: give a whole number"),
        ({"pauses": ["restore", ["x"]]}, "pauses: give a list out of"),
        ({"escalation": [{"at": 50, "tell": ["boss"]}]}, "escalation: give rungs such as"),
        ({"escalation": [{"at": 0, "tell": ["lead"]}]}, "escalation: give rungs such as"),
        ({"escalation": [{"at": 50, "tell": ["lead"]}] * 2}, "escalation: give rungs such as"),
        ({"escalation": [{"at": [], "tell": [{}]}]}, "escalation: give rungs such as"),
    ],
)
def test_what_cannot_be_kept_is_refused(agreement, sentence) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_agreement(agreement)

    assert refused.value.messages[0].startswith(sentence)


def test_each_knob_gets_its_own_sentence() -> None:
    with pytest.raises(ValidationError) as refused:
        validate_agreement({"restore": ["0 h"] * 4, "update": ["-1 h"] * 4, "reply": GOOD})

    assert [message.split(":")[0] for message in refused.value.messages] == ["restore", "update"]


def test_the_administrators_area_shows_it_and_keeps_nothing_of_it(as_user, town) -> None:
    town.agreement = {"restore": ["2 h", "8 h", "3 bd", "5 bd"]}
    town.save()
    page = reverse("admin:customers_customer_change", args=[town.pk])
    data = {
        "name": "Renamed", "level": 5, "calendar": town.calendar_id, "language": "en-gb", "time_zone": "Europe/Berlin",
        "agreement": '{"restore": ["9 h", "9 h", "9 bd", "9 bd"]}', "version": 9, "hotline": "", "objective": "",
        "services-TOTAL_FORMS": 0, "services-INITIAL_FORMS": 0,
    }  # fmt: skip
    client = as_user(factories.UserFactory(administrator=True))

    assert "2 h" in client.get(page).content.decode()
    client.post(page, data)

    town.refresh_from_db()
    assert (town.name, town.level, town.agreement["restore"][0]) == ("Renamed", 1, "2 h")
