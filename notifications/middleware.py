"""Whoever opens an incident has read what the bell says of it: the pages of incidents know nothing of the bell."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from customers.models import User
from notifications import bell

Answer = Callable[[HttpRequest], HttpResponse]
PAGES = {"incidents:portal_incident", "incidents:desk_incident"}
BESIDE = "incidents:desk_queue"  # the incident chosen in the list


def read_by_opening(get_response: Answer) -> Answer:
    """After the page was shown, and only then."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        reference = _opened(request) if request.method == "GET" and response.status_code == 200 else ""
        if reference and isinstance(request.user, User):
            bell.mark_read(request.user, incident__reference=reference)
        return response

    return middleware


def _opened(request: HttpRequest) -> str:
    """The reference of the incident whose page this is, or ""."""
    match = request.resolver_match
    if match is None:
        return ""
    if match.view_name in PAGES:
        return str(match.kwargs["reference"])
    return request.GET.get("incident", "") if match.view_name == BESIDE else ""
