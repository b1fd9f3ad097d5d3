"""The bell of the header, and the page behind it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from customers.permissions import SignedInRequest
from itsm.htmx import wants_fragment
from notifications import bell
from notifications.models import Delivery

POLL_SECONDS = 20


@require_safe
def bell_of(request: SignedInRequest) -> HttpResponse:
    """The bell for htmx, or 204 when nothing changed since the token it sends."""
    if not wants_fragment(request):
        return redirect("notifications:news")
    unread = bell.unread(request.user)
    if request.GET.get("since") == unread.token:
        return HttpResponse(status=204)
    return render(request, "notifications/_bell.html", {"unread": unread, "poll_seconds": POLL_SECONDS})


@require_safe
def news(request: SignedInRequest) -> HttpResponse:
    """Everything that stands in this person's portal, the newest first."""
    page = bell.page(request.user, request.GET.get("page"))
    context = {"page": page, "lines": bell.lines(request.user, page), "unread": bell.unread(request.user)}
    return render(request, "notifications/news.html", context)


@require_safe
def open_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """To the page behind a line; with it everything unread about the same is read."""
    mine = Delivery.objects.in_the_bell(request.user).select_related("incident", "recipient")
    line = get_object_or_404(mine, pk=pk)
    if request.method == "GET":
        bell.mark_read(request.user, **({"incident": line.incident} if line.incident else {"pk": line.pk}))
    return redirect(bell.address(line))


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    bell.mark_read(request.user)
    return redirect("notifications:news")
