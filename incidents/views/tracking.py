"""The tracking page behind a signed link, for people who do not log in."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from incidents import links
from incidents.views.following import Visit, act, show
from itsm.middleware import zone

POSTS, PER_SECONDS = 30, 600  # what one link may send: more than anybody types, less than a machine would


def by_link(view: Callable[[HttpRequest, Visit], HttpResponse]) -> Callable[..., HttpResponse]:
    """Reads the link and shows the page in its person's language and time zone; an ended link gives nothing away."""

    @login_not_required
    @wraps(view)
    def followed(request: HttpRequest, token: str, **kwargs: object) -> HttpResponse:
        try:
            incident, person = links.read(token)
        except links.LinkRefused as refused:
            return _private(render(request, "error.html", {"sentence": refused.sentence, "status": 404}, status=404))
        with timezone.override(zone(person.reads_clocks_in())), translation.override(person.speaks()):
            if request.method == "POST" and _too_often(incident.pk, person.pk):
                sentence = _("That was a lot at once. Please wait ten minutes, or call.")
                return _private(render(request, "error.html", {"sentence": sentence, "status": 429}, status=429))
            return _private(view(request, Visit(incident, person, token), **kwargs))

    return followed


def _private(response: HttpResponse) -> HttpResponse:
    """The address itself is the key: no search engine keeps it and no other site is told."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _too_often(incident: int, person: int) -> bool:
    key = f"link-posts:{incident}:{person}"
    cache.add(key, 0, PER_SECONDS)
    return bool(cache.incr(key) > POSTS)


@require_GET
@by_link
def incident(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show(request, visit)


@require_POST
@by_link
def add(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "add")


@require_POST
@by_link
def attach(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "attach")


@require_POST
@by_link
def still_broken(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "still_broken")
