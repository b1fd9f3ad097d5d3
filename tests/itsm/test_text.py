"""Text as people type it, made safe to keep."""

import pytest

from itsm.text import clean, e164, headline, is_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain", "plain"),
        ("  around \n", "around"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b\x07c\x1b[31m", "abc[31m"),
        ("tab\tstays", "tab\tstays"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("Cafe\u0301", "Café"),
        ("\u202eabc\u202c \u200f", "\u202eabc\u202c \u200f"),
        ("👩\u200d🔧 at work", "👩\u200d🔧 at work"),
        ("<b>stays</b> & is escaped on the page", "<b>stays</b> & is escaped on the page"),
        ("\0\ud800", ""),
    ],
)
def test_clean_keeps_the_words_and_drops_what_cannot_be_stored(typed, kept):
    assert clean(typed) == kept


def test_clean_twice_is_clean_once():
    odd = "a\r\n\r\nb e\u0301 \x85 c\u2028d"

    assert clean(clean(odd)) == clean(odd)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("It does not print", "It does not print"),
        ("\n\n  First line \nsecond", "First line"),
        ("", ""),
        ("word " * 40, ("word " * 24).strip() + "…"),
        ("x" * 200, "x" * 119 + "…"),
        ("y" * 120, "y" * 120),
    ],
)
def test_headline_is_the_first_line_cut_at_a_word(text, line):
    assert headline(text) == line
    assert len(line) <= 121


@pytest.mark.parametrize("text", ["555 0142", "+49 (0)30 555-0142", "(030) 555.0142", "0170/5550142", "112", " 112 "])
def test_what_can_be_dialled(text):
    assert is_phone(text)


@pytest.mark.parametrize(
    "text", ["", "12", "radio, channel 4", "+", "-112", "555 0142 x", "٥٥٥٠١٤٢", "1" * 41, "1\n12"]
)
def test_what_cannot_be_dialled(text):
    assert not is_phone(text)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+49 170 5550142", "", "+491705550142"),
        ("0049 170 5550142", "", "+491705550142"),
        ("+49 (0)170 555-0142", "", "+491705550142"),
        ("0170 5550142", "+49", "+491705550142"),
        ("(0170) 5550142", "+49", "+491705550142"),
        ("170 5550142", "+49", "+491705550142"),
        ("0170 5550142", "", ""),
        ("+0 170 5550142", "", ""),
        ("112", "", ""),
        ("+1", "+49", ""),
        ("+" + "1" * 16, "", ""),
        ("radio", "+49", ""),
    ],
)
def test_a_number_as_the_whole_world_dials_it(text, country, number):
    assert e164(text, country) == number
