"""Text as people type it, made safe to keep: normal form, no control characters."""

import re
import unicodedata

_KEPT = {"\n", "\t"}
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()/.-]*", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
FEWEST_DIGITS = 3
LONGEST_PHONE = 40  # characters, where one is kept


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
    """Can this be dialled? "+49 555 0142" can, "radio, channel 4" can not. The one place that says so."""
    text = text.strip()
    fits = len(text) <= LONGEST_PHONE and bool(_PHONE.fullmatch(text))
    return fits and sum(map(str.isdigit, text)) >= FEWEST_DIGITS


def e164(text: str, country: str = "") -> str:
    """The number as the whole world dials it, +495550142; "" where it cannot be told.

    A number without a country is taken to be of `country` ("+49"), if that is given.
    """
    text = text.strip()
    if not is_phone(text):
        return ""
    if text.startswith("00"):
        text = "+" + text[2:]
    elif not text.startswith("+"):
        text = country + text.lstrip("(").removeprefix("0") if country else ""
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", ""))  # +49 (0)30: the nought is for callers at home
    number = f"+{digits}"
    return number if text.startswith("+") and _E164.fullmatch(number) else ""
