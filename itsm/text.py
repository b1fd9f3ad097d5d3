"""Text as people type it, made safe to keep: normal form, no control characters."""

import re
import unicodedata

_KEPT = {"\n", "\t"}
_PHONE = re.compile(r"\+?[0-9 ()/.-]+", re.ASCII)
FEWEST_DIGITS = 3


def clean(text: str) -> str:
    """Normal form C, line breaks as \\n, without NUL, other control characters and lone surrogates.

    Right-to-left marks and joiners stay: people write with them; the pages isolate them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", text).strip()


def headline(text: str, length: int = 120) -> str:
    """The first sentence or line of a text, cut at a word: what a list shows."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= length:
        return line
    cut = line[:length].rsplit(" ", 1)[0] if " " in line[:length] else line[: length - 1]
    return cut.rstrip(".,;:") + "…"


def is_phone(text: str) -> bool:
    """Can this be dialled? "+49 555 0142" can, "radio, channel 4" can not."""
    return bool(_PHONE.fullmatch(text.strip())) and sum(c.isdigit() for c in text) >= FEWEST_DIGITS
