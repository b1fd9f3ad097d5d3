"""Filters that say things in words, in the reader's language and time zone. The words are made in `itsm.wording`."""

import json
from datetime import datetime

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from itsm import moment, wording
from itsm.text import is_phone
from itsm.wording import ClockFace, ClockWords, StatusWords, Stretch

register = template.Library()


@register.filter
def due_words(at: datetime | None) -> str:
    """{{ clock.due_at|due_words }}: today 15:30, tomorrow 10:00, Wed 12:00, 3 Dec 09:00."""
    return wording.due_words(at, moment.now(), timezone.get_current_timezone()) if at else ""


@register.filter
def by_words(at: datetime | None) -> str:
    """Next news by {{ at|by_words }}: 14:00, tomorrow 10:00."""
    return wording.by_words(at, moment.now(), timezone.get_current_timezone()) if at else ""


@register.filter
def span_words(stretch: Stretch) -> str:
    """{{ stretch|span_words }}: today 13:43 to 15:16."""
    return wording.span_words(stretch.start, stretch.end, moment.now(), timezone.get_current_timezone())


@register.filter
def duration_words(seconds: float | None) -> str:
    return "" if seconds is None else wording.duration_words(seconds)


@register.filter
def working_words(seconds: float | None) -> str:
    """The same of working time: 30 h 00."""
    return "" if seconds is None else wording.working_words(seconds)


@register.filter
def minutes_words(minutes: int) -> str:
    return wording.minutes_words(minutes)


@register.filter
def hours_words(hours: int) -> str:
    return wording.hours_words(hours)


@register.filter
def dials(number: object) -> bool:
    """{% if contact.out_of_band|dials %}: can a telephone call this?"""
    return is_phone(str(number))


@register.filter
def ago_words(at: datetime | None) -> str:
    """How long since: 25 min, 1 h 20, 2 days."""
    return wording.duration_words((moment.now() - at).total_seconds()) if at else ""


@register.filter
def initials(name: object) -> str:
    return wording.initials(str(name))


@register.filter
def tel(number: object) -> str:
    """The number as a telephone understands it: digits and a leading plus."""
    text = str(number)
    return ("+" if text.strip().startswith("+") else "") + "".join(c for c in text if c.isdigit())


@register.filter
def clock_words(face: ClockFace) -> ClockWords:
    return wording.clock_words(face, moment.now(), timezone.get_current_timezone())


@register.filter
def clock_sentence(face: ClockFace) -> str:
    return wording.clock_sentence(face, moment.now(), timezone.get_current_timezone())


@register.filter
def desk_status(status: str) -> StatusWords:
    return wording.status_words(status, for_customer=False)


@register.filter
def customer_status(status: str) -> StatusWords:
    return wording.status_words(status, for_customer=True)


@register.filter
def field_shape(field: BoundField) -> str:
    """How a form field is laid out: check (box before label), choices (a group with a legend) or line."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "check"
    return "choices" if isinstance(widget, RadioSelect | CheckboxSelectMultiple) else "line"


@register.simple_tag
def countdown_words() -> str:
    return json.dumps(wording.countdown_words())


@register.simple_tag
def server_time() -> str:
    """The domain's clock for the ticking script: countdowns follow it, not the reader's device."""
    return moment.now().isoformat()


@register.simple_tag
def most_upload() -> dict[str, int]:
    """How large a file may be: in bytes for a script, in MB for people."""
    most = settings.ATTACHMENT_MAX_BYTES
    return {"bytes": most, "mb": most // 1024**2}


@register.simple_tag
def url_or_none(name: str, *args: object) -> str:
    """The address, or nothing where that page is not installed: the frame must stand on every page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def is_here(context: template.Context, address: str) -> bool:
    """Is the page below this address the one shown?"""
    request = context.get("request")
    return bool(address and request and request.path.startswith(address))
