"""The tracking page behind a signed link, for people who do not log in."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from incidents import links
from incidents.views.following import Visit, act, show
from itsm.middleware import zone

Response = TypeVar("Response", bound=HttpResponseBase)
POSTS, PER_SECONDS = 30, 600  # what one link may send: more than anybody types, less than a machine would


def by_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Reads the link and shows the page in its person's language and time zone; an ended link gives nothing away."""

    @login_not_required
    @wraps(view)
    def followed(request: HttpRequest, token: str, **kwargs: object) -> HttpResponseBase:
        try:
            incident, person = links.read(token)
        except links.LinkRefused as refused:
            return private(ended(request, refused))
        with timezone.override(zone(person.reads_clocks_in())), translation.override(person.speaks()):
            if request.method == "POST" and too_often(incident.pk, person.pk):
                sentence = _("That was a lot at once. Please wait ten minutes, or call.")
                return private(_plain(request, "error.html", sentence, 429))
            return private(view(request, Visit(incident, person, token), **kwargs))

    return followed


def _plain(request: HttpRequest, template: str, sentence: str, status: int) -> HttpResponse:
    return render(request, template, {"sentence": sentence, "status": status}, status=status)


def ended(request: HttpRequest, refused: links.LinkRefused | None = None) -> HttpResponse:
    """The page behind a link that leads nowhere any more."""
    refused = refused or links.LinkRefused()
    return _plain(request, "incidents/portal/link_ended.html", refused.sentence, refused.status)


def private(response: Response) -> Response:
    """The address itself is the key: no search engine keeps it and no other site is told."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Not "no-referrer": with it browsers send forms with "Origin: null", which Django rightly refuses.
    response["Referrer-Policy"] = "same-origin"
    return response


def too_often(incident: int, person: int) -> bool:
    """Counts one more form sent by this person's links about this incident."""
    key = f"link-posts:{incident}:{person}"
    cache.add(key, 0, PER_SECONDS)
    try:
        return bool(cache.incr(key) > POSTS)
    except ValueError:  # the count ended between the two lines, or Redis went away there
        return False


@require_GET
@by_link
def incident(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show(request, visit)


@require_http_methods(["GET", "POST"])
@by_link
def add(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "add")


@require_http_methods(["GET", "POST"])
@by_link
def attach(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "attach")


@require_http_methods(["GET", "POST"])
@by_link
def still_broken(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "still_broken")


@require_http_methods(["GET", "POST"])
@by_link
def tell(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "tell")


@require_http_methods(["GET", "POST"])
@by_link
def call_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "call_back")


@require_http_methods(["GET", "POST"])
@by_link
def choose_time(request: HttpRequest, visit: Visit) -> HttpResponse:
    return act(request, visit, "choose_time")
