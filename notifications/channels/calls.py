"""What the answers of other people's servers mean: taken, not now, or never. Shared by all that goes over HTTP."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from itsm import outbound
from itsm.outbound import Answer, Failed
from itsm.text import clean
from notifications.channels.base import NotNow, Receipt, Refused

GONE = 410
PATIENCE = {408, 425, 429}
KEPT = 500  # characters of an answer
LONGEST_WAIT = timedelta(hours=12)
NEVER = {"address"}  # kinds of failure that trying again does not mend


def post(url: str, body: bytes, headers: dict[str, str], *, limit: float, is_ours: bool = False) -> Receipt:
    """One call; a receipt, or Refused or NotNow with the words for the log."""
    try:
        answer = outbound.post(url, body, headers, limit=limit, is_ours=is_ours)
    except Failed as failed:
        raise (Refused if failed.kind in NEVER else NotNow)(f"{failed.kind}: {failed}") from failed
    return receipt(answer, url)


def receipt(answer: Answer, url: str) -> Receipt:
    """2xx is taken. Who asks for patience, or is broken, is asked again; the rest is a no, redirects among it."""
    words = said(answer.text, url)
    if 200 <= answer.code < 300:
        return Receipt(answer.code, words)
    if answer.code >= 500 or answer.code in PATIENCE:
        raise NotNow(f"{answer.code} {words}", answer.code, retry_after(answer))
    why = "redirects are not followed" if 300 <= answer.code < 400 else words
    raise Refused(f"{answer.code} {why}", answer.code)


def retry_after(answer: Answer) -> timedelta | None:
    """How long the server asks to be left in peace: seconds or a date, within reason."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        return min(timedelta(seconds=int(text)), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)
    return min(max(wait, timedelta()), LONGEST_WAIT)


def said(text: str, url: str) -> str:
    """An answer as the log keeps it: short, on one line, without what the address keeps secret."""
    for secret in re.split(r"[/?&=#]", url.partition(urlsplit(url).netloc)[2]):
        if len(secret) >= 6:
            text = text.replace(secret, "…")
    return " ".join(clean(text).split())[:KEPT]
