"""The page behind a mail's "unsubscribe", and the one click of mail programs (RFC 8058); nobody logs in for it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from itsm.middleware import zone
from notifications import unsubscribe as ending
from notifications.models import ChannelWish

ONE_CLICK = "List-Unsubscribe"  # the field that mail programs send, with the value "One-Click"


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # mail programs have no token of ours: the signed address is the key
@login_not_required  # likewise
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, because mail scanners follow each address; POST ends it, or takes it up again."""
    try:
        choice = ending.read(token)
    except ending.AddressRefused as refused:
        return _private(
            render(request, "error.html", {"sentence": refused.sentence, "status": 404}, status=refused.status)
        )
    status = 200
    if request.method == "POST":
        if request.POST.get(ONE_CLICK) == "One-Click":
            ending.stop(choice)
        elif "again" in request.POST:
            ending.resume(choice)
        else:
            status = 422
    person = choice.person
    with timezone.override(zone(person.reads_clocks_in())), translation.override(person.speaks()):
        context = {
            "choice": choice,
            "has_stopped": ending.has_stopped(choice),
            "about": ChannelWish.About(choice.about),
        }
        return _private(render(request, "notifications/unsubscribe.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """The address itself is the key: no search engine keeps it and no other site is told."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
