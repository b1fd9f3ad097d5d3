"""Programs of a customer that are told: kept by its contacts in the portal and by the desk, with the same pages.

A `Place` says whose programs these are and where one stands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.models import Customer, User
from customers.permissions import SignedInRequest, agent_required, contact_required
from itsm.refusal import Refused
from notifications import endpoints
from notifications.forms.endpoints import EndpointForm
from notifications.models import Delivery, Endpoint
from notifications.wording import delivery_words, endpoint_words

PAGE = 20
LIST = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Place:
    """The desk's pages of one customer, or the customer's own."""

    customer: Customer
    prefix: str  # of the names of its URLs
    arguments: tuple[int, ...] = ()

    @property
    def is_portal(self) -> bool:
        return self.prefix == "portal"

    @property
    def frame(self) -> str:
        return "portal_base.html" if self.is_portal else "desk_base.html"

    def url(self, name: str = "endpoints", *more: Any) -> str:
        return reverse(f"notifications:{self.prefix}_{name}", args=[*self.arguments, *more])


@LIST
@agent_required
def desk_list(request: SignedInRequest, pk: int) -> HttpResponse:
    return _list(request, _desk(request, pk))


@LIST
@contact_required
def portal_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, _portal(request))


@require_safe
@agent_required
def desk_one(request: SignedInRequest, pk: int, endpoint: int) -> HttpResponse:
    return _one(request, _desk(request, pk), endpoint)


@require_safe
@contact_required
def portal_one(request: SignedInRequest, endpoint: int) -> HttpResponse:
    return _one(request, _portal(request), endpoint)


@require_POST
@agent_required
def desk_act(request: SignedInRequest, pk: int, endpoint: int, verb: str) -> HttpResponse:
    return _act(request, _desk(request, pk), endpoint, verb)


@require_POST
@contact_required
def portal_act(request: SignedInRequest, endpoint: int, verb: str) -> HttpResponse:
    return _act(request, _portal(request), endpoint, verb)


@require_POST
@agent_required
def desk_again(request: SignedInRequest, pk: int, endpoint: int, delivery: int) -> HttpResponse:
    return _again(request, _desk(request, pk), endpoint, delivery)


@require_POST
@contact_required
def portal_again(request: SignedInRequest, endpoint: int, delivery: int) -> HttpResponse:
    return _again(request, _portal(request), endpoint, delivery)


def _desk(request: SignedInRequest, pk: int) -> Place:
    customers = Customer.objects.visible_to(request.user).select_related("contract")
    return Place(get_object_or_404(customers, pk=pk), "desk", (pk,))


def _portal(request: SignedInRequest) -> Place:
    assert request.user.customer is not None  # the database holds it for contacts
    return Place(request.user.customer, "portal")


def _list(request: SignedInRequest, place: Place) -> HttpResponse:
    """All of them; a POST adds one, and its answer shows the secret, this once."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = endpoints.add(place.customer, by=request.user, **form.cleaned_data)
                return _show(request, place, made.endpoint, secret=made.secret, is_new=True)
            except Refused as refused:
                form.add_error(None, refused.sentence)
                status = refused.status
    rows = (
        Endpoint.objects.visible_to(request.user).filter(customer=place.customer).order_by("-is_active", "name", "pk")
    )
    lines = [(row, endpoints.shown(row), endpoint_words(row), place.url("endpoint", row.pk)) for row in rows]
    context = {"place": place, "customer": place.customer, "lines": lines, "form": form}
    return render(request, "notifications/endpoints/list.html", context, status=status)


def _one(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return _show(request, place, _found(request, place, pk))


def _found(request: SignedInRequest, place: Place, pk: int) -> Endpoint:
    rows = Endpoint.objects.visible_to(request.user).filter(customer=place.customer)
    return get_object_or_404(rows.select_related("created_by"), pk=pk)


def _show(
    request: SignedInRequest, place: Place, endpoint: Endpoint, *, status: int = 200, **more: Any
) -> HttpResponse:
    log = Delivery.objects.filter(endpoint=endpoint).select_related("incident").prefetch_related("tries")
    page = Paginator(log.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "place": place,
        "customer": place.customer,
        "endpoint": endpoint,
        "address": endpoints.shown(endpoint),
        "state": endpoint_words(endpoint),
        "is_signed": endpoint.kind == Endpoint.Kind.WEBHOOK,
        "urls": {verb: place.url("endpoint_act", endpoint.pk, verb) for verb in VERBS},
        "list_url": place.url(),
        "here": place.url("endpoint", endpoint.pk),
        "page": page,
        "lines": [(delivery_words(row), place.url("endpoint_again", endpoint.pk, row.pk)) for row in page],
        "secret": "",
        "is_new": False,
        "trouble": "",
    }
    return render(request, "notifications/endpoints/one.html", context | more, status=status)


def _test(endpoint: Endpoint, by: User) -> str:
    endpoints.test(endpoint, by=by)
    return _("The test is on its way. What comes of it stands below in a moment.")


def _off(endpoint: Endpoint, by: User) -> str:
    endpoints.switch(endpoint, by=by, on=False)
    return _("Switched off. Nothing more is sent.")


def _on(endpoint: Endpoint, by: User) -> str:
    endpoints.switch(endpoint, by=by, on=True)
    return _("Switched on. It hears what happens from now on.")


VERBS: dict[str, Callable[[Endpoint, User], str] | None] = {"test": _test, "off": _off, "on": _on, "rotate": None}


def _act(request: SignedInRequest, place: Place, pk: int, verb: str) -> HttpResponse:
    endpoint = _found(request, place, pk)
    if verb not in VERBS:
        raise Http404
    try:
        act = VERBS[verb]
        if act is None:  # the one answer that shows the new secret
            made = endpoints.rotate(endpoint, by=request.user)
            return _show(request, place, made.endpoint, secret=made.secret)
        messages.success(request, act(endpoint, request.user))
    except Refused as refused:
        return _show(request, place, endpoint, status=refused.status, trouble=refused.sentence)
    return redirect(place.url("endpoint", pk))


def _again(request: SignedInRequest, place: Place, pk: int, delivery: int) -> HttpResponse:
    endpoint = _found(request, place, pk)
    row = get_object_or_404(Delivery.objects.select_related("endpoint"), endpoint=endpoint, pk=delivery)
    try:
        endpoints.deliver_again(row, by=request.user)
        messages.success(request, _("It goes out once more."))
    except Refused as refused:
        return _show(request, place, endpoint, status=refused.status, trouble=refused.sentence)
    return redirect(place.url("endpoint", pk))
