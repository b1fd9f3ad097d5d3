"""JSON from outside, read with care."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

MAX_DEPTH = 20


class CarefulJSONParser(JSONParser):
    """Refuses what would break PostgreSQL or Python further down: NUL, lone surrogates, deep nesting."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            _examine(data, MAX_DEPTH)
        except RecursionError:
            raise ParseError("This JSON is nested too deeply.") from None
        except LookupError:
            raise ParseError("The charset of this request is not known.") from None
        return data


def _examine(value: Any, depth: int) -> None:
    if depth < 0:
        raise ParseError("This JSON is nested too deeply.")
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ParseError("A text contains a character that cannot be stored (NUL or half a surrogate pair).")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _examine(key, depth - 1)
            _examine(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _examine(inner, depth - 1)
