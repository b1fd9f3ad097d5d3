"""How long a text message is, and where it may be cut."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import gsm


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("Grüße à Ñ", 9), ("€", 2), ("[x]", 5), ("Č", 1), ("čab", 3), ("😀", 2), ("€😀", 3),
     ("Ελλάδα", 6), ("ΔΦΓ", 3)],
)  # fmt: skip
def test_length_is_counted_as_telephones_do(text, length) -> None:
    assert gsm.length(text) == length


def test_typographic_signs_do_not_make_it_expensive() -> None:
    text = "“Won’t print” – it’s printer\u00a02 …"

    assert not gsm.is_gsm(text)
    assert gsm.is_gsm(gsm.plain(text))
    assert gsm.plain(text) == "\"Won't print\" - it's printer 2 ..."


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two..."),
        ("x" * 20, 10, "xxxxxxx..."),
        ("a€€€€€", 10, "a€€€..."),
        ("ab👩\u200d🔧👩\u200d🔧", 11, "ab👩\u200d🔧..."),
        ("ab👍🏽👍🏽👍🏽", 10, "ab👍🏽..."),
        ("ab🇩🇪🇫🇷🇬🇧", 11, "ab🇩🇪..."),
        ("cafe\u0301\u0301\u0301\u0301\u0301", 8, "caf..."),
        ("anything", 2, ""),
    ],
)
def test_cut_between_words_or_at_least_between_characters(text, most, kept) -> None:
    assert gsm.cut(text, most) == kept


def test_what_stands_beside_it_counts_in_its_alphabet() -> None:
    """A text of GSM beside one sign of another alphabet is counted in that one."""
    assert gsm.length(gsm.cut("€" * 50, 60, beside="č") + "č") <= 60


@given(st.text(max_size=80), st.integers(0, 60), st.text(max_size=10))
def test_whatever_is_cut_fits_and_is_whole(text, most, beside) -> None:
    kept = gsm.cut(text, most, beside=beside)

    assert gsm.length(kept + beside) <= max(most, gsm.length(beside))
    if kept and kept != text:
        begun = kept.removesuffix(gsm.MORE)
        assert text.startswith(begun)
        following = text[len(begun) :].lstrip()[:1]
        assert following == "" or text[len(begun)].isspace() or unicodedata.category(following) not in {"Mn", "Me"}
