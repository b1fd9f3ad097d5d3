"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def file(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def by_link(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
