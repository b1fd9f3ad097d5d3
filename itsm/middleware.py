"""What is done to each request: unreadable ones are refused, answers get their headers, times the reader's zone."""

import codecs
import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from itsm.errors import plain_error

Answer = Callable[[HttpRequest], HttpResponse]


def refuse_unreadable(get_response: Answer) -> Answer:
    """NUL bytes in a path or query, and alphabets nobody knows, would end as a server error further down."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return plain_error(request, 400, _("This address contains a character that cannot be read."))
        charset = request.content_params.get("charset") if request.content_params else None
        if charset and not _known_charset(charset):
            return plain_error(request, 400, _("The text was sent in an alphabet (charset) that is not known."))
        return get_response(request)

    return middleware


def _known_charset(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def headers(get_response: Answer) -> Answer:
    """Pages for one person stay out of shared caches; the browser's sensors stay off."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware


def signed_out_fragments(get_response: Answer) -> Answer:
    """A form sent by htmx after the session ended: the log-in page must not be swapped in over what was typed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        to_log_in = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
        if not to_log_in or not getattr(request, "htmx", False):
            return response
        sentence = _("You are signed out. Please reload this page and sign in; what you typed is kept.")
        return HttpResponse(sentence, status=401, content_type="text/plain; charset=utf-8")

    return middleware


def readers_zone(get_response: Answer) -> Answer:
    """Times and words as the signed-in person reads them; a signed link does the same for its person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        with timezone.override(zone(user.reads_clocks_in())), translation.override(user.speaks()):
            request.LANGUAGE_CODE = translation.get_language()
            return get_response(request)

    return middleware


def zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
