"""How a refusal reaches the person or the program that asked: a sentence and the right status, never a 500."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.views import exception_handler

from itsm.refusal import Refused


def plain_error(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """A small page, or JSON for programs; used before sessions and users are known."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": sentence}, status=status)
    return render(None, "error.html", {"sentence": sentence, "status": status}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old or came from elsewhere."""
    return plain_error(
        request, 403, _("This form is too old to be sent. Please go back, reload the page and send it again.")
    )


def api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Refusals of verbs in the API: the same sentence as on the page."""
    if isinstance(error, Refused):
        body: dict[str, Any] = {"detail": error.sentence}
        incident = getattr(error, "incident", None)
        if incident is not None:
            body["version"] = incident.version
        return Response(body, status=error.status)
    return exception_handler(error, context)
