"""Files as programs write them, and the sentence for those that cannot be read."""

import pytest

from customers.csv_files import MAX_BYTES, CsvError, is_formula, read

KNOWN, NEEDED = {"email", "name", "phone"}, {"email", "name"}


def rows(content: bytes) -> list[dict[str, str]]:
    return [row.values for row in read(content, known=KNOWN, needed=NEEDED).rows()]


ROSA = [{"email": "rosa@example.com", "name": "Rosa Müller"}]


@pytest.mark.parametrize(
    "content",
    [
        "email,name\nrosa@example.com,Rosa Müller\n".encode(),
        "email,name\nrosa@example.com,Rosa Müller".encode(),  # no newline at the end
        "email;name\r\nrosa@example.com;Rosa Müller\r\n".encode("utf-8-sig"),
        "email\tname\nrosa@example.com\tRosa Müller\n".encode("utf-16"),
        "email;name\nrosa@example.com;Rosa Müller\n".encode("cp1252"),
        "Email , Name\n\nrosa@example.com,Rosa  Müller \n,\n".replace("  ", " ").encode(),
        "name,email,colour\nRosa Müller,rosa@example.com,blue\n".encode(),
        'name,email\n"Rosa Müller","rosa@example.com"\n'.encode(),
    ],
)
def test_files_of_all_kinds_say_the_same(content) -> None:
    assert rows(content) == ROSA


def test_columns_nobody_knows_are_named() -> None:
    table = read(b"email,name,colour\na@b.example,A,blue\n", known=KNOWN, needed=NEEDED)

    assert table.unknown == ("colour",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (b"x" * (MAX_BYTES + 1), "The file is larger than 20 MB"),
        (b"name,phone\n", "The header lacks email. It reads: name, phone."),
        (b"email,name,Name\n", "The header names name twice."),
        ("email,name\na@b.example,Müller\nc@d.example,M".encode() + b"\xfc\n", "Row 3 is not written in the encoding"),
        (b"email,name\na@b.example,A\0\n", "Row 2 holds NUL characters"),
        (b'email,name\na@b.example,"A\n', "Row 2 cannot be read"),
        (b"email,name\na@b.example,A,too,much\n", "Row 2 has 4 cells, the header 2."),
        (b'"email,name\n', "The header cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(content, sentence) -> None:
    with pytest.raises(CsvError) as refused:
        rows(content)

    assert refused.value.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("cell", "is_phone", "computed"),
    [("=1+1", False, True), ("@SUM(A1)", False, True), ("+49 (30) 555-01", True, False), ("+49 30 555", False, True),
     ("-cmd|' /C calc'!A0", True, True), ("Rosa", False, False)],
)  # fmt: skip
def test_formulas_are_told_from_telephone_numbers(cell, is_phone, computed) -> None:
    assert is_formula(cell, is_phone=is_phone) is computed
