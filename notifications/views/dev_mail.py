"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def inbox(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def mail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def html(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
