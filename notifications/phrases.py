"""Pieces of sentences that letters share."""

import unicodedata
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

# Marks that turn around what follows them: fine in a text that is isolated, not in a subject line.
_TURNING = {chr(code) for code in [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]}


def one_line(text: str, length: int = 200) -> str:
    """Fit for a header: no line breaks, no control characters, no marks that turn the line around."""
    kept = (c for c in text if c not in _TURNING and (c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"}))
    return " ".join("".join(kept).split())[:length]


def time_words(at: datetime | None) -> str:
    """Mon 23 Nov, 14:00 (Berlin time): a letter may be read on another day, so the day is always said."""
    if at is None:
        return ""
    there = timezone.localtime(at)
    name = timezone.get_current_timezone_name()
    city = str(getattr(timezone.get_current_timezone(), "key", name)).rsplit("/", 1)[-1].replace("_", " ")
    place = city if city == "UTC" else _("%(city)s time") % {"city": city}
    return _("%(day)s, %(clock)s (%(place)s)") % {
        # Translators: a date such as "Mon 23 Nov", in the letters of Django's date filter
        "day": format_date(there, pgettext("date format", "D j M")),
        "clock": f"{there:%H:%M}",
        "place": place,
    }
