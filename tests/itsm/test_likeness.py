"""Words, codes and trigrams: two ways of saying the same are alike, two things are not."""

import pytest
from django.db import connection

from itsm import likeness


def similarity(one: str, other: str) -> float:
    return likeness.alike(likeness.trigrams(one), likeness.trigrams(other))


def test_trigrams_are_those_of_pg_trgm() -> None:
    """As its documentation shows them for "cat", and its example of similarity."""
    assert likeness.trigrams("Cat") == {"  c", " ca", "cat", "at "}
    assert similarity("word", "two words") == pytest.approx(4 / 11)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Printer at counter 2 does not print", "The printer at counter 2 doesn't print any more"),
        ("Drucker im Bürgerbüro druckt nicht", "Drucker im Burgerburo druckt nichts"),
        ("VPN drops every few minutes", "VPN drops every few minutes since Monday"),
    ],
)
def test_the_same_said_otherwise_is_alike(one, other) -> None:
    assert similarity(one, other) >= likeness.ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [("Printer at counter 2 is silent", "Nobody can log in to the register"), ("", "x"), ("", ""), ("!!!", "???")],
)
def test_different_things_are_not(one, other) -> None:
    assert similarity(one, other) < likeness.ALIKE


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("It says 0x80070035 again", ["0x80070035"]),
        ("ORA-12514 on login, HTTP 503 in the browser", ["ora12514", "http503"]),
        ("Fehler 5023", ["fehler5023"]),
        ("ERR_SSL_PROTOCOL_ERROR", ["errsslprotocolerror"]),
        ("The printer at counter 2 is silent", []),
    ],
)
def test_error_codes_are_found(text, codes) -> None:
    assert likeness.codes(text) == codes


def test_common_words_do_not_count_unless_there_are_no_others() -> None:
    assert likeness.words("Please help, the printers are not working") == ["printe"]
    assert likeness.words("Nothing works") == ["nothin", "works"]


@pytest.mark.parametrize("text", ["it's \\ broken ' | & ! : *", "части не работают", "プリンタ", "a" * 5000, "🙂", ""])
def test_whatever_people_type_makes_a_query_that_the_database_takes(text) -> None:
    lexemes = [*likeness.words(text), likeness.lexeme("part", text) or "x"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT array_to_tsvector(%s) @@ %s::tsquery", [lexemes, likeness.any_of(lexemes)])
        assert cursor.fetchone() == (True,)
