"""Known problems as customers see them: while they type, and on a page of their own."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.models import Service
from customers.permissions import SignedInRequest, customer_required
from itsm.refusal import Refused
from itsm.text import clean
from problems import known_error_queries, known_error_uses, suggestions
from problems.models import KnownError


@require_GET
@customer_required
def known(request: SignedInRequest) -> HttpResponse:
    """All that was published for them, and what helps."""
    text = clean(request.GET.get("q", ""))[:100]
    page = known_error_queries.for_customers(request.user, text, request.GET.get("page"))
    context = {"page": page, "search": text, "token": uuid.uuid4(), "query": "&" + urlencode({"q": text})}
    return render(request, "problems/portal/known.html", context)


@require_POST
@customer_required
def suggest(request: SignedInRequest) -> HttpResponse:
    """While somebody types what is not working; what they type is kept nowhere."""
    user, service = request.user, None
    if (number := request.POST.get("service", "")).isdecimal():
        service = Service.objects.visible_to(user).filter(pk=int(number[:9])).first()
    text = clean(request.POST.get("text", ""))
    found = suggestions.for_words(text, user, customer=user.customer_id, service=service)
    return render(request, "problems/portal/_suggestions.html", {"found": found})


@require_http_methods(["GET", "POST"])
@customer_required
def helped(request: SignedInRequest, known_error: int) -> HttpResponse:
    """It helped: nothing is reported, and it counts."""
    found = get_object_or_404(KnownError.objects.visible_to(request.user), pk=known_error)
    if request.method != "POST":  # who had to sign in while sending comes back with a GET
        return redirect("problems:portal_known")
    try:
        known_error_uses.helped(found, by=request.user, client_token=_token(request))
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Good that it works again. Nothing was reported."))
    return redirect("incidents:portal_home")


def _token(request: SignedInRequest) -> uuid.UUID | None:
    """Of the form, with the known error: two that helped are two, one pressed twice is one."""
    try:
        token = uuid.UUID(request.POST.get("client_token", ""))
    except ValueError:
        return None
    return uuid.uuid5(token, request.path)
