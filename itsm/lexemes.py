"""A column of words to search by: PostgreSQL's tsvector, filled with lexemes that were made in Python.

No dictionary of the database takes part, so that each installation finds the same, and no extension is needed.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, FloatField, Func, Lookup, Value


class LexemesField(models.Field):
    """A set of lexemes, written as strings; it is searched, never read. Its index: GIN."""

    def db_type(self, connection: Any) -> str:
        return "tsvector"

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "array_to_tsvector(%s::text[])"

    def get_prep_value(self, value: Iterable[str] | None) -> list[str] | None:
        return None if value is None else sorted({each for each in value if each})


@LexemesField.register_lookup
class Matches(Lookup):
    """`words__matches="('a' | 'b') & 'c'"`: a tsquery out of `itsm.likeness.any_of`."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", (*left_values, *right_values)


class Rank(Func):
    """How many of the lexemes of `query` stand there; for the order only."""

    function = "ts_rank"
    template = "%(function)s(%(expressions)s::tsquery)"
    output_field = FloatField()

    def __init__(self, field: str, query: str) -> None:
        super().__init__(F(field), Value(query))
