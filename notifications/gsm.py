"""How long a text message is, as telephones count: a pure question about characters.

Written in the alphabet of GSM (3GPP TS 23.038) each character counts as one, some as two. A single character that is
not in it makes the whole message UCS-2, of which fewer fit into each part, so what looks the same is written plainly.
"""

import unicodedata

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = set("\f^{}\\[~]|€")
_PLAIN = {
    "’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-",
    "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "•": "-", "·": "-", "×": "x", "\u200b": "",
    "\ufeff": "", "\u00ad": "",
}  # fmt: skip
_JOINER = "\u200d"
MORE = "..."


def plain(text: str) -> str:
    """The same with typographic signs as a typewriter has them."""
    return "".join(_PLAIN.get(character, character) for character in text)


def is_gsm(text: str) -> bool:
    return all(character in _BASIC or character in _EXTENDED for character in text)


def length(text: str) -> int:
    """Characters as they are counted and paid for: septets of GSM, or units of UTF-16."""
    if is_gsm(text):
        return sum(2 if character in _EXTENDED else 1 for character in text)
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int, *, beside: str = "") -> str:
    """At most so long that it fits together with `beside`; cut between words, else at least between characters."""
    if length(text + beside) <= most:
        return text
    ends = [end for end in range(len(text)) if _may_end(text, end) and length(text[:end] + MORE + beside) <= most]
    if not ends:
        return ""
    words = [end for end in ends if text[end].isspace() and end > ends[-1] * 0.6]
    return text[: words[-1] if words else ends[-1]].rstrip() + MORE


def _may_end(text: str, end: int) -> bool:
    """Not before an accent, a joiner or a skin colour, not after a joiner, and not within a flag."""
    following, before = text[end], text[end - 1] if end else ""
    if before == _JOINER or following == _JOINER or unicodedata.category(following) in {"Mn", "Me", "Mc"}:
        return False
    if "\U0001f3fb" <= following <= "\U0001f3ff":
        return False
    flags = len(text[:end]) - len(text[:end].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
    return not (0x1F1E6 <= ord(following) <= 0x1F1FF and flags % 2)
