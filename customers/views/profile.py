"""The profile of a customer: the desk's list and page, the customer's own page, and how a part of it is changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from customers import profile, profile_queries
from customers.forms import profile as profile_forms
from customers.forms.profile import PartForm, RegimeForm, VipForm
from customers.models import Customer, User
from customers.permissions import SignedInRequest, agent_required, contact_required, lead_required
from itsm import moment
from itsm.htmx import page_or_partial, wants_fragment
from itsm.refusal import Refused
from itsm.text import clean

SECTIONS = ("objective", "services", "contacts", "reach", "clocks", "manners")
BESIDE = ("warning", "lately")  # what a change anywhere may change too


@dataclass(frozen=True)
class Side:
    """A face of the profile: the desk's or the customer's; `forms` are the parts that may be changed from here."""

    customer: Customer
    home: str  # its address
    page: str  # its template
    is_portal: bool
    forms: Sequence[type[PartForm]] = ()

    def form(self, part: str) -> type[PartForm]:
        found = next((form for form in self.forms if form.part == part), None)
        if found is None:
            raise Http404
        return found


@dataclass(frozen=True)
class Open:
    """The form that is open on the page, and how it went."""

    part: str = ""
    item: int | None = None
    form: PartForm | None = None
    now_there: PartForm | None = None  # what somebody else wrote meanwhile
    saved: str = ""  # the section in which something was just saved
    status: int = 200


@require_GET
@agent_required
def desk_customers(request: SignedInRequest) -> HttpResponse:
    """The customers one serves; for htmx only the list."""
    search, needing = clean(request.GET.get("q", ""))[:100], request.GET.get("show") == "needing"
    page, lines = profile_queries.page_of_customers(
        request.user, moment.now(), request.GET.get("page"), search=search, needing=needing
    )
    query = "&" + urlencode({"q": search} | ({"show": "needing"} if needing else {}))
    context = {"page": page, "lines": lines, "search": search, "needing": needing, "query": query}
    return page_or_partial(request, "customers/desk/profile/list.html", "customers/desk/profile/_list.html", context)


@require_GET
@agent_required
def desk_customer(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _desk(request, pk), Open())


@require_http_methods(["GET", "POST"])
@lead_required
def desk_part(request: SignedInRequest, pk: int, part: str, item: int | None = None) -> HttpResponse:
    return _part(request, _desk(request, pk), part, item)


@require_GET
@contact_required
def portal_profile(request: SignedInRequest) -> HttpResponse:
    return _show(request, _portal(request), Open())


@require_http_methods(["GET", "POST"])
@contact_required
def portal_part(request: SignedInRequest, part: str, item: int | None = None) -> HttpResponse:
    return _part(request, _portal(request), part, item)


def _desk(request: SignedInRequest, pk: int) -> Side:
    return Side(
        customer=_found(request, pk),
        home=reverse("customers:desk_customer", args=[pk]),
        page="customers/desk/profile/page.html",
        is_portal=False,
        forms=profile_forms.DESK if request.user.is_lead else (),
    )


def _portal(request: SignedInRequest) -> Side:
    assert request.user.customer_id is not None  # the database holds it for contacts
    return Side(
        customer=_found(request, request.user.customer_id),
        home=reverse("customers:portal_profile"),
        page="customers/portal/profile/page.html",
        is_portal=True,
        forms=profile_forms.PORTAL,
    )


def _found(request: SignedInRequest, pk: int) -> Customer:
    found = profile_queries.find(request.user, pk)
    if found is None:
        raise Http404
    return found


def _part(request: SignedInRequest, side: Side, part: str, item: int | None) -> HttpResponse:
    """Opens the form of one part, or takes what was written in it."""
    form_class = side.form(part)
    row = _row(request, side, form_class, item)
    is_removal = request.method == "POST" and item is not None and form_class.may_remove and "remove" in request.POST
    if is_removal:
        _remove(row, request)
        return _done(request, side, form_class, _("Removed."))
    if item is not None and not form_class.may_change:
        raise Http404
    form = form_class(
        request.POST if request.method == "POST" else None, customer=side.customer, user=request.user, row=row
    )
    opened = Open(part=part, item=item, form=form)
    if request.method == "GET":
        return _show(request, side, opened)
    if not form.is_valid():
        return _show(request, side, replace(opened, status=422))
    try:
        _save(form, row, request)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _show(request, side, _refused(request, side, opened, refused))
    return _done(request, side, form_class, _("Saved."))


def _row(request: SignedInRequest, side: Side, form_class: type[PartForm], item: int | None) -> Any:
    """What the form is about; somebody else's is not there. A new one where adding is allowed."""
    if form_class.row is Customer:
        if item is not None:
            raise Http404
        return side.customer
    if item is None:
        if not form_class.may_add:
            raise Http404
        return form_class.row(customer=side.customer)
    return get_object_or_404(form_class.row.objects.visible_to(request.user).filter(customer=side.customer), pk=item)


def _save(form: PartForm, row: Any, request: SignedInRequest) -> None:
    if isinstance(form, VipForm):
        profile.mark_vip(form.cleaned_data["person"], by=request.user, is_vip=True)
    elif isinstance(form, RegimeForm):
        profile.add_regime(row.customer, by=request.user, regime=form.cleaned_data["regime"])
    else:
        profile.save(row, by=request.user, values=form.values(), seen=form.cleaned_data["seen"])


def _remove(row: Any, request: SignedInRequest) -> None:
    if isinstance(row, User):
        profile.mark_vip(row, by=request.user, is_vip=False)
    else:
        profile.remove(row, by=request.user)


def _refused(request: SignedInRequest, side: Side, opened: Open, refused: Refused) -> Open:
    """The form with what was written; after somebody was faster, beside it what stands there now."""
    assert opened.form is not None
    if refused.status != 409:
        return replace(opened, status=refused.status)
    form_class = type(opened.form)
    fresh = form_class.row.objects.filter(pk=opened.form.row_shown.pk).first()
    now_there = form_class(None, customer=side.customer, user=request.user, row=fresh) if fresh else None
    return replace(opened, status=409, now_there=now_there)


def _done(request: SignedInRequest, side: Side, form_class: type[PartForm], words: str) -> HttpResponse:
    messages.success(request, words)
    if not wants_fragment(request):
        return redirect(f"{side.home}#{form_class.section}")
    side = replace(side, customer=_found(request, side.customer.pk))
    context = _context(request, side, Open(saved=form_class.section))
    parts = [render_to_string(f"customers/profile/_{form_class.section}.html", context, request)]
    parts += [render_to_string(f"customers/profile/_{name}.html", context | {"oob": True}, request) for name in BESIDE]
    parts.append(render_to_string("components/_messages.html", {"oob": True}, request))
    return HttpResponse("".join(parts))


def _show(request: SignedInRequest, side: Side, opened: Open) -> HttpResponse:
    """The whole page; for htmx the section in which something was opened or closed."""
    context = _context(request, side, opened)
    section = opened.form.section if opened.form else request.headers.get("HX-Target", "")
    if wants_fragment(request) and section in SECTIONS:
        return render(request, f"customers/profile/_{section}.html", context, status=opened.status)
    return render(request, side.page, context, status=opened.status)


def _context(request: SignedInRequest, side: Side, opened: Open) -> dict[str, Any]:
    return {
        "customer": side.customer,
        "profile": profile_queries.profile(side.customer, request.user),
        "may": {form.part: form.may_add for form in side.forms},
        "home": side.home,
        "base": f"{side.home}profile/",
        "is_portal": side.is_portal,
        "open": opened,
        "people": profile_queries.people(side.customer) if opened.form and opened.form.has_people else [],
        "oob": False,
    }
