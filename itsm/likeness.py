"""How alike two texts are, without a database: words, error codes and trigrams.

The trigrams are those of PostgreSQL's pg_trgm: a word in lower case, two blanks before it and one behind, cut into
threes; two texts are as alike as the threes they share among all they have.
"""

import re
import unicodedata
from collections.abc import Iterable

ALIKE = 0.4  # from here on two texts speak of the same
STEM = 6  # letters of a word that count: "printer" and "printers" are one
MOST_WORDS = 40
LONGEST = 120  # of a mark; PostgreSQL refuses what is much longer
_WORD = re.compile(r"[^\W_]+")
# 0x80070035, ERR_SSL_PROTOCOL, ORA-12514, HTTP 503, error 5023
_CODE = re.compile(
    r"\b(0x[0-9a-f]{3,16}|[A-Z]{2,12}[-_][A-Z0-9_]{3,40}|[A-Z]{2,8}-?\d{2,9}"
    r"|(?:http|error|fehler|code)[ :#-]{1,2}\d{2,9})\b",
    re.I,
)
# Words that stand in half of all reports and tell none of them apart.
_EMPTY = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "that",
        "this",
        "from",
        "have",
        "has",
        "had",
        "was",
        "were",
        "are",
        "our",
        "your",
        "you",
        "can",
        "cannot",
        "not",
        "does",
        "doesn",
        "won",
        "isn",
        "any",
        "all",
        "still",
        "since",
        "today",
        "again",
        "please",
        "help",
        "nothing",
        "works",
        "work",
        "working",
        "broken",
        "problem",
        "error",
        "when",
        "what",
        "who",
        "how",
        "will",
        "der",
        "die",
        "das",
        "und",
        "oder",
        "nicht",
        "mit",
        "bei",
        "wir",
        "ich",
        "ein",
        "eine",
        "einen",
        "kann",
        "geht",
        "seit",
        "heute",
        "bitte",
        "mehr",
        "ist",
        "sind",
        "den",
        "dem",
        "auf",
        "von",
        "zum",
        "zur",
        "fehler",
        "nichts",
        "hilfe",
    ]
)


def folded(text: str) -> str:
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def tokens(text: str) -> list[str]:
    """All words of a text as they are compared, in their order."""
    return _WORD.findall(folded(text))


def words(text: str, most: int = MOST_WORDS) -> list[str]:
    """The stems that tell this text from others, each once; where all of its words are common ones, those."""
    found = tokens(text)
    telling = [word for word in found if word not in _EMPTY and (len(word) > 2 or word.isdigit())]
    return list(dict.fromkeys(word[:STEM] for word in telling or found))[:most]


def codes(text: str) -> list[str]:
    """Error codes in a text, in one spelling."""
    return list(dict.fromkeys(re.sub(r"[^a-z0-9]", "", found.casefold()) for found in _CODE.findall(text)))[:5]


def trigrams(text: str) -> frozenset[str]:
    """Its words cut into threes."""
    padded = [f"  {word} " for word in set(tokens(text))]
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """0 to 1: the share of common trigrams among all."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def contained(short: frozenset[str], long: frozenset[str]) -> float:
    """0 to 1: how much of the shorter text is found in the longer one, wherever."""
    least = min(len(short), len(long))
    return len(short & long) / least if least else 0.0


def lexeme(kind: str, value: object) -> str:
    """A mark beside the words of a text, such as whose it is: it cannot be mistaken for one of them."""
    return f"{kind}:" + "-".join(tokens(str(value)))[:LONGEST]


def any_of(lexemes: Iterable[str], last_begins: bool = False) -> str:
    """Part of a tsquery: at least one of these. `last_begins`: the last may be the beginning of a word."""
    quoted = [f"'{each}'" for each in lexemes]
    if last_begins and quoted:
        quoted[-1] += ":*"
    return f"({' | '.join(quoted)})"
