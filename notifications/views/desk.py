"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def incident_panel(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
