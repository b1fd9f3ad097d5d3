"""Tables for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse

# A cell that begins so is a formula to a spreadsheet, whoever wrote it (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """The rows as a download, written while they are read: UTF-8 with a mark, so that spreadsheets know."""
    answer = StreamingHttpResponse(_lines([header], rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(*parts: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for part in parts:
        for row in part:
            yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> str:
    """A value as text that no spreadsheet takes for a formula; times in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class _Echo:
    """A file that hands each line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line
