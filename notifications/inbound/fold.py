"""New words and the history quoted below them, told apart in the languages people write in. Knows no framework."""

import signal
from typing import Any

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

FOLDED_AT_MOST = 60_000  # characters; nobody types more, and the patterns are not made for it
SECONDS = 3.0


class TookTooLong(Exception):
    """The patterns did not come to an end; the text is shown whole."""


def fold(text: str) -> tuple[str, str]:
    """The new words, and what was quoted below. Where that cannot be told, all words are new."""
    if len(text) > FOLDED_AT_MOST:
        return text, ""
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return _fold(text)
    except Exception:  # a library's slip must not lose a word
        return text, ""
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _fold(text: str) -> tuple[str, str]:
    read = EmailReplyParser(languages=list(MAIL_LANGUAGES)).read(text)
    if len(read.replies) < 2:
        return text, ""
    new = read.replies[0].content.strip()
    at = read.text.find(new)
    quoted = read.text[at + len(new) :].strip()
    if not new or at < 0 or _answers_below(quoted):
        return text, ""
    return new, quoted


def _answers_below(quoted: str) -> bool:
    """Somebody wrote under or between what they quoted: then only the whole makes sense."""
    lines = [line for line in quoted.splitlines() if line.strip()]
    marked = [line.lstrip().startswith(">") for line in lines]
    if True not in marked:
        return False
    first, last = marked.index(True), len(marked) - 1 - marked[::-1].index(True)
    after = lines[last + 1 :]
    return not all(marked[first:last]) or bool(after and not after[0].startswith("--"))


def _stop(*_signal: Any) -> None:
    raise TookTooLong
