"""How a customer is written to: pure, no database needed."""

import pytest

from incidents import plain
from incidents.plain import Style

PLAIN, ONE_LINE, TECHNICAL = Style("plain", 80), Style("plain_line", 110), Style("technical", 250)


@pytest.mark.parametrize(("text", "number"), [("", 0), ("  \n ", 0), ("One", 1), ("a-b c’d\n\tend.", 3)])
def test_words_are_what_stands_between_blanks(text, number):
    assert plain.count(text) == number


@pytest.mark.parametrize(("words", "pointed_out"), [(80, False), (81, True)])
def test_too_long_is_one_word_more(words, pointed_out):
    assert bool(plain.remarks("word " * words, PLAIN)) is pointed_out


def test_a_long_text_says_its_length_and_the_usual_one():
    assert plain.remarks("word " * 90, PLAIN) == ["For next time: this has 90 words; up to 80 are easier to read here."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The VPN is down.", ["VPN"]),
        ("the vpn", []),
        ("Spooler and SPOOLER, spooler", ["spooler"]),
        ("We exchange the printer", []),
        ("Exchange is down", ["Exchange"]),
        ("a tickets", []),
    ],
)
def test_names_are_known_as_written_and_words_in_any_case(text, words):
    assert plain.jargon(text, PLAIN) == words


def test_one_technical_line_is_welcome_at_plain_line_and_two_are_not():
    assert plain.jargon("Please wait.\nTechnically: DNS and TLS.", ONE_LINE) == []
    assert plain.jargon("DNS\nTLS", ONE_LINE) == ["DNS", "TLS"]


def test_jargon_is_nobodys_business_where_the_tone_is_technical():
    assert plain.remarks("The VPN gateway needs DNS.", TECHNICAL) == []
    assert TECHNICAL.watched == "{}"


@pytest.mark.parametrize("tone", ["plain", "plain_line", "summary", "technical", "structured"])
def test_each_tone_says_what_it_means_with_an_example_that_keeps_to_it(tone):
    style = Style(tone, 60)

    assert str(style.meaning)
    assert plain.remarks(str(style.example), style) == []
