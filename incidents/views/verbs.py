"""Being built."""

from django.http import Http404, HttpRequest, HttpResponse


def take(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def update(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def note(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def ask(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def restore(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def resolve(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def prioritise(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def cancel(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def attach(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def revoke_links(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
