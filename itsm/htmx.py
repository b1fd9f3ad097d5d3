"""A page or the fragment of it that htmx asked for: the same file either way."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def wants_fragment(request: HttpRequest) -> bool:
    # On "back" htmx asks for the page it has forgotten: then it is the whole page that is wanted.
    whole = request.headers.get("HX-Boosted") or request.headers.get("HX-History-Restore-Request")
    return bool(getattr(request, "htmx", False)) and not whole


def page_or_partial(
    request: HttpRequest, page: str, partial: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Renders `partial` for htmx and `page` (which includes it) for everybody else."""
    return render(request, partial if wants_fragment(request) else page, context, status=status)


def trigger(response: HttpResponse, event: str) -> HttpResponse:
    """Tells the page that something changed, so that its regions may reload themselves."""
    response["HX-Trigger"] = event
    return response
