"""A CSV file as other programs write it, read row by row with a clear word about what cannot be read.

Pure: no database. UTF-8 with or without a mark, UTF-16 with one, or Windows-1252 as older spreadsheets write it;
commas, semicolons or tabs; with or without a newline at the end.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from itsm.text import clean

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_CELL = 2_000
FORMULA = ("=", "@", "+", "-")  # a spreadsheet that opens an export later would compute it
DELIMITERS = (";", "\t", ",")


class CsvError(Exception):
    """The file as a whole cannot be read; `sentence` says where and why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Row:
    """`number` as an editor counts lines of the table (the header is 1); `values` by column, cleaned."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The header understood: `columns` in the order of the file ("" is left out), `encoding` is how it was read."""

    text: str
    delimiter: str
    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    encoding: str

    def rows(self) -> Iterator[Row]:
        """Each row that is not empty. Raises `CsvError` where the file breaks off or a row has too many cells."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if number > 1 and any(cell.strip() for cell in cells):
                    yield self._row(number, cells)
        except csv.Error as error:
            raise CsvError(_("Row %(row)s cannot be read: %(error)s.") % {"row": number + 1, "error": error}) from error

    def _row(self, number: int, cells: list[str]) -> Row:
        if number > MAX_ROWS + 1:
            raise CsvError(_("The file has more than %(most)s rows. Please split it.") % {"most": MAX_ROWS})
        if any(cell.strip() for cell in cells[len(self.columns) :]):
            raise CsvError(
                _("Row %(row)s has %(found)s cells, the header %(wanted)s. Is a delimiter in a text without quotes?")
                % {"row": number, "found": len(cells), "wanted": len(self.columns)}
            )
        padded = [*cells, *[""] * (len(self.columns) - len(cells))]
        return Row(number, {name: clean(cell) for name, cell in zip(self.columns, padded, strict=False) if name})


def read(content: bytes, *, known: set[str], needed: set[str]) -> Table:
    """Understands the file up to its header. Raises `CsvError` with one sentence."""
    if len(content) > MAX_BYTES:
        raise CsvError(_("The file is larger than %(most)s MB. Please split it.") % {"most": MAX_BYTES // 2**20})
    text, encoding = _decode(content)
    if not text.strip():
        raise CsvError(_("The file is empty."))
    head = next(line for line in text.splitlines() if line.strip())
    delimiter = max(DELIMITERS, key=head.count)
    try:
        names = next(csv.reader([head], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CsvError(_("The header cannot be read: %(error)s.") % {"error": error}) from error
    cleaned = [clean(name).lower().replace(" ", "_") for name in names]
    if missing := sorted(needed - set(cleaned)):
        raise CsvError(
            _("The header lacks %(missing)s. It reads: %(found)s.")
            % {"missing": ", ".join(missing), "found": ", ".join(cleaned)[:300]}
        )
    if twice := sorted({name for name in cleaned if name in known and cleaned.count(name) > 1}):
        raise CsvError(_("The header names %(columns)s twice.") % {"columns": ", ".join(twice)})
    columns = tuple(name if name in known else "" for name in cleaned)
    return Table(text, delimiter, columns, tuple(name for name in cleaned if name and name not in known), encoding)


def _decode(content: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _strictly(content, encoding), encoding
    try:
        return _strictly(content, "utf-8"), "utf-8"
    except CsvError:
        # Old spreadsheets write Windows-1252. A file that has UTF-8 in it elsewhere is not one of those, but damaged.
        if _has_utf8(content):
            raise
        return _strictly(content, "cp1252"), "cp1252"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise CsvError(
            _("Row %(row)s is not written in the encoding of the rest (%(encoding)s). Please save the file as UTF-8.")
            % {"row": row, "encoding": encoding.removesuffix("-sig").upper()}
        ) from error
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise CsvError(_("Row %(row)s holds NUL characters: this is no CSV file.") % {"row": row})
    return text


def _has_utf8(content: bytes) -> bool:
    """Does it hold at least one character of several bytes as UTF-8 writes it?"""
    text = content.decode("utf-8", errors="replace")
    return any(ord(character) > 127 and character != "\N{REPLACEMENT CHARACTER}" for character in text)


def is_formula(cell: str, *, is_phone: bool = False) -> bool:
    """Would a spreadsheet compute it? A telephone number may begin with its plus."""
    if not cell.startswith(FORMULA):
        return False
    digits = cell.lstrip("+- ").replace(" ", "").replace("/", "").replace("-", "").replace("(", "").replace(")", "")
    return not (is_phone and digits.isdigit())
