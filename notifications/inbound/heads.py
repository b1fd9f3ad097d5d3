"""Headers as they come: encoded twice, broken in the middle, in alphabets nobody knows. Knows no framework."""

from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from notifications.inbound import peek

HEADER_AT_MOST = 8000  # characters of one header that anybody looks at
ADDRESSES_AT_MOST = 50
IDS_AT_MOST = 40


def decoded(message: Message, name: str) -> str:
    """The first header of this name as one line of text; "" where there is none."""
    try:
        value = str(message.get(name, "") or "")[:HEADER_AT_MOST]
    except Exception:  # a header that cannot even be printed
        return ""
    return one_line(readable(value))


def readable(value: str) -> str:
    """Encoded words made readable, piece by piece: one broken piece does not spoil the others."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, UnicodeError):
        return mended(value)
    return "".join(as_text(piece, charset) if isinstance(piece, bytes) else mended(piece) for piece, charset in pieces)


def as_text(data: bytes, charset: str | None) -> str:
    """Bytes in the alphabet they claim, or in the likeliest one."""
    for guess in (charset or "utf-8", "utf-8"):
        try:
            return data.decode(guess)
        except (LookupError, ValueError, UnicodeError):
            continue
    return data.decode("latin-1" if charset is None else "utf-8", "replace")


def mended(text: str) -> str:
    """Bytes that were smuggled through as half surrogate pairs become text again."""
    return as_text(text.encode("utf-8", "surrogateescape"), None) if _has_half_pairs(text) else text


def _has_half_pairs(text: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in text)


def one_line(text: str) -> str:
    text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


def addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """(name, address) of each person in all headers of this name; what is no address is left out."""
    found = []
    for value in message.get_all(name, [])[:10]:
        try:
            pairs = getaddresses([str(value)[:HEADER_AT_MOST].replace("\r", " ").replace("\n", " ")])
        except Exception:  # some malformed groups break the library
            pairs = [("", peek.address(str(value)))]
        if name == "from" and not any(peek.ADDRESS.fullmatch(address) for _words, address in pairs):
            pairs = [("", peek.address(str(value)))]
        found += [(one_line(readable(words))[:200], mended(address).lower()[:254]) for words, address in pairs]
    return [(words, address) for words, address in found if peek.ADDRESS.fullmatch(address)][:ADDRESSES_AT_MOST]


def mail_ids(message: Message, name: str) -> list[str]:
    """The Message-IDs in this header, in their order."""
    try:
        value = str(message.get(name, "") or "")[-HEADER_AT_MOST:]
    except Exception:  # as above
        return []
    return peek.MAIL_ID.findall(value)[-IDS_AT_MOST:]
