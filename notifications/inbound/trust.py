"""Is it from whom it says? What our own mail server found out; what others claim to have found is not looked at."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.inbound.reading import Reading


def doubt(reading: Reading) -> str:
    """A sentence why the sender is not believed, or ""."""
    if reading.senders != 1:
        return _("It names no sender, or more than one.")
    if not settings.INBOUND_AUTHSERV:
        return ""
    verdicts = [verdict for header in reading.auth if (verdict := _ours(header)) is not None]
    if any(_is_aligned(verdict, reading.sender.rpartition("@")[2]) for verdict in verdicts[:1]):
        return ""
    return _("Our mail server could not confirm that it is from %(sender)s.") % {"sender": reading.sender}


def _ours(header: str) -> str | None:
    """The results, if our own server wrote them; comments are left out."""
    who, semicolon, results = re.sub(r"\([^()]{0,500}\)", " ", header).partition(";")
    named = who.split()
    is_ours = bool(semicolon and named) and named[0].lower() == settings.INBOUND_AUTHSERV.lower()
    return results.lower() if is_ours else None


def _is_aligned(results: str, domain: str) -> bool:
    """DMARC says yes; or it says nothing, and SPF or DKIM says yes for the domain of the sender."""
    if dmarc := re.search(r"\bdmarc=(\w+)", results):
        return dmarc.group(1) == "pass"
    for result in results.split(";"):
        passed = re.match(r"\s*(dkim|spf)=pass\b", result)
        named = re.search(r"(?:header\.d|header\.i|smtp\.mailfrom)=\S*?@?([a-z0-9.-]+)(?=\s|$)", result)
        if passed and named and (named.group(1) == domain or named.group(1).endswith("." + domain)):
            return True
    return False
