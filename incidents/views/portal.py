"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def report(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def incident(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def add(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def attach(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def still_broken(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
