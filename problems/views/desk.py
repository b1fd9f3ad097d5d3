"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def problems(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def problem(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def incident_panel(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
