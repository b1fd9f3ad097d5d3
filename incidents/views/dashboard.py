"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def now(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def clocks(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
