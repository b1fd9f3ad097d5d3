"""Each knob as a form: what a level ships with comes back as it was, and bad input gets its sentence."""

import pytest

from customers import policy
from customers.agreed import GROUPS
from customers.forms.knobs import SomeForm, form_for
from customers.knobs import KNOBS

LEVELS = range(1, 6)


def posted(form) -> dict:
    """What a browser would send of it."""
    data = {form.add_prefix("how"): form["how"].value()}
    for field in form.controls():
        value = field.value()
        if value not in (None, []):
            data[field.html_name] = value
    return data


def sent(knob, **values):
    """The form of the knob at level 1, set here, with these controls written over."""
    start = form_for(knob, None, inherited=None, own=policy.level_defaults(1)[knob])
    data = posted(start) | {f"{knob}-{name}": value for name, value in values.items()}
    form = form_for(knob, data, inherited=None)
    form.is_valid()
    return form


def test_every_knob_stands_in_one_group() -> None:
    assert sorted(name for _title, names in GROUPS for name in names) == sorted(KNOBS)


@pytest.mark.parametrize("knob", KNOBS)
def test_what_is_shipped_survives_the_form(knob) -> None:
    for level in LEVELS:
        value = policy.level_defaults(level)[knob]
        form = form_for(knob, posted(form_for(knob, None, inherited=None, own=value)), inherited=None)

        assert form.is_valid(), form.errors
        if isinstance(form, SomeForm):  # their order means nothing
            form.value, value = set(form.value), set(value)
        assert form.value == value


@pytest.mark.parametrize("knob", KNOBS)
def test_left_as_inherited_it_says_the_value_and_where_from(knob) -> None:
    value = policy.level_defaults(2)[knob]
    form = form_for(knob, None, inherited=(value, "the level Supported"))

    assert not form.is_open
    assert "from the level Supported" in str(form["how"])
    assert form_for(knob, posted(form), inherited=(value, "")).is_valid()


@pytest.mark.parametrize(
    ("text", "value"),
    [("4h", "4 h"), ("04 hours", "4 h"), ("3 Business  days", "3 bd"), ("1 minute", "1 min"), (" 3 bd ", "3 bd")],
)
def test_targets_are_read_as_people_write_them(text, value) -> None:
    assert sent("restore", p2=text).value[1] == value


@pytest.mark.parametrize(
    ("knob", "field", "value", "sentence"),
    [
        ("restore", "p1", "soon", "P1: “soon” cannot be read"),
        ("restore", "p3", "0 h", "P3: “0 h” leaves no time"),
        ("restore", "p4", "", "P4: “” cannot be read"),
        ("restore", "p2", "9" * 12 + " bd", "P2: “999999999999 bd” is more than a year"),
        ("coverage", "p1", "never", "Select a valid choice"),
        ("intake", "some", ["service"], "Text cannot be left out"),
        ("channels", "hotline", "first", "Please write a number"),
        ("channels", "hotline", "-1", "Ensure this value is greater"),
        ("confirm_call", "some", ["7"], "Select a valid choice"),
        ("priority_matrix", "c11", "9", "Select a valid choice"),
        ("tone", "one", "rude", "Select a valid choice"),
        ("auto_close_bd", "number", "ten", "Give a whole number from 1 to 260"),
        ("auto_close_bd", "number", "", "Give a whole number"),
        ("auto_close_bd", "number", "٣", "Give a whole number"),
        ("update_words", "number", "9999999", "Give a whole number from 20"),
    ],
)
def test_bad_input_gets_its_sentence_at_the_field(knob, field, value, sentence) -> None:
    form = sent(knob, **{field: value})

    assert form.errors[field][0].startswith(sentence)
    assert form[field].value() == value  # nothing typed is lost
    assert form.is_open


def test_all_that_cannot_be_read_is_said_at_once() -> None:
    form = sent("restore", p1="soon", p4="late")

    assert set(form.errors) == {"p1", "p4"}


@pytest.mark.parametrize(
    ("knob", "values", "sentence"),
    [
        ("priority_matrix", {"c11": "4"}, "Less impact or urgency cannot give a higher priority."),
        ("channels", {"hotline": ""}, "Hotline cannot be left out."),
        ("escalation", {"at1": "500"}, "Each rung needs a share"),
        ("escalation", {"at1": ""}, "Each rung needs a share"),
        ("escalation", {"at2": "50"}, "Each rung needs a share"),
        ("escalation", {"tell1": []}, "Each rung needs a share"),
    ],
)
def test_what_fits_no_single_field_is_said_above_them(knob, values, sentence) -> None:
    assert sent(knob, **values).non_field_errors()[0].startswith(sentence)


def test_channels_are_offered_in_the_order_of_their_numbers() -> None:
    form = sent("channels", hotline="9", portal="1", email="", chat="8")

    assert form.value == ["portal", "call_back", "sms", "link", "chat", "hotline"]


def test_what_stands_in_controls_that_do_not_count_hinders_nobody() -> None:
    form = form_for("restore", {"restore-how": "inherited", "restore-p1": "rubbish"}, inherited=None)

    assert form.is_valid()
    assert form.value is None


def test_a_form_that_arrives_cut_short_drops_nothing_silently() -> None:
    assert form_for("restore", {}, inherited=None).errors["how"] == ["Please choose one of the two."]
