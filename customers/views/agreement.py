"""What is agreed with one customer: all knobs with the layer that decided, its own part of it, and the history."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers import agreed, agreements, policy
from customers.forms.agreements import ChooseContractForm, LayerForm, SaidForm
from customers.models import Customer, Service
from customers.permissions import SignedInRequest, contact_required, rules_required, serves_required
from itsm.refusal import Refused

PAGE = "customers/desk/agreement/agreement.html"


@require_GET
@serves_required
def agreement(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that is agreed, in general or (`?service=`) for one service, each with the layer that decided."""
    customer = _find(request, pk)
    return render(request, PAGE, _context(request, customer))


@require_http_methods(["GET", "POST"])
@rules_required
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is agreed with this customer alone."""
    customer = _find(request, pk)
    below = [layer for layer in policy.layers(customer) if layer.kind != "customer"]
    form = layer_form(request, below=below, own=customer.agreement, version=customer.version)
    subject = {"customer": customer, "title": _("What is agreed with this customer alone"), "back": _back(pk)}

    def save() -> None:
        agreements.change_customer_agreement(customer, by=request.user, **_values(form))

    def now() -> tuple[dict[str, Any], int]:
        fresh = _find(request, pk)
        return fresh.agreement, fresh.version

    return answer(request, form, save, subject, now=now)


@require_http_methods(["GET", "POST"])
@rules_required
def change_service(request: SignedInRequest, pk: int, service: int) -> HttpResponse:
    """What is agreed for one of its services alone."""
    customer = _find(request, pk)
    found = get_object_or_404(customer.services, pk=service)
    below = [layer for layer in policy.layers(customer, found) if layer.kind != "service"]
    form = layer_form(request, below=below, own=found.agreement, version=customer.version)
    subject = {"customer": customer, "title": found.name, "back": _back(pk)}

    def save() -> None:
        agreements.change_service_agreement(found, by=request.user, **_values(form))

    def now() -> tuple[dict[str, Any], int]:
        fresh = Service.objects.select_related("customer").get(pk=found.pk)
        return fresh.agreement, fresh.customer.version

    return answer(request, form, save, subject, now=now)


@require_POST
@rules_required
def contract(request: SignedInRequest, pk: int) -> HttpResponse:
    customer = _find(request, pk)
    form = _choose(request, customer, request.POST)
    status = 422
    if form.is_valid():
        try:
            agreements.set_contract(
                customer, by=request.user, contract=form.cleaned_data["contract"],
                version=form.cleaned_data["version"], told=form.told(),
            )  # fmt: skip
        except Refused as refused:
            refuse(form, refused)
            status = refused.status
        else:
            messages.success(request, _("Saved. Open incidents keep what was agreed when they were reported."))
            return redirect("customers:desk_agreement", pk=pk)
    customer = _find(request, pk)
    context = _context(request, customer) | {"choose": form, "is_stale": status == 409}
    return render(request, PAGE, context | {"fresh": _choose(request, customer, None)}, status=status)


@require_GET
@contact_required
def portal(request: SignedInRequest) -> HttpResponse:
    """The same for the customer's contact, in plain words."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user).select_related("contract"))
    services = [service for service in customer.services.filter(is_active=True).order_by("name") if service.agreement]
    context = {
        "customer": customer,
        "groups": agreed.grouped(policy.layers(customer), for_customer=True),
        "services": [(service, agreed.set_here(service.agreement, for_customer=True)) for service in services],
    }
    return render(request, "customers/portal/agreement/agreement.html", context)


def _find(request: SignedInRequest, pk: int) -> Customer:
    visible = Customer.objects.visible_to(request.user).select_related("contract")
    return get_object_or_404(visible, pk=pk)


def _back(pk: int) -> str:
    return reverse("customers:desk_agreement", args=[pk])


def _choose(request: SignedInRequest, customer: Customer, data: Any) -> ChooseContractForm:
    return ChooseContractForm(
        data, chosen=customer.contract_id, version=customer.version, may_except=request.user.is_staff
    )


def _context(request: SignedInRequest, customer: Customer) -> dict[str, Any]:
    services = list(customer.services.filter(is_active=True).order_by("name"))
    asked = request.GET.get("service", "")
    service = next((each for each in services if str(each.pk) == asked), None)
    choose = _choose(request, customer, None)
    return {
        "customer": customer,
        "services": services,
        "service": service,
        "groups": agreed.grouped(policy.layers(customer, service)),
        "own": agreed.set_here(customer.agreement),
        "of_contract": agreed.set_here(customer.contract.knobs) if customer.contract else [],
        "of_services": [(each, agreed.set_here(each.agreement)) for each in services],
        "history": agreed.history_of(customer, request.user),
        "choose": choose,
        "fresh": choose,
        "is_stale": False,
        "may_change": request.user.is_lead or request.user.is_staff,
    }


def layer_form(
    request: SignedInRequest, *, below: list[policy.Layer], own: dict[str, Any], version: int, said: Any = None
) -> LayerForm:
    data = request.POST if request.method == "POST" else None
    said = said or SaidForm(data, version=version, may_except=request.user.is_staff)
    return LayerForm(data, below=below, own=own, said=said)


def _values(form: LayerForm) -> dict[str, Any]:
    return {"knobs": form.knobs(), "version": form.said.cleaned_data["version"], "told": form.said.told()}


def refuse(form: Any, refused: Refused) -> None:
    """The sentences of a refusal where the form shows them: one for each rule."""
    for sentence in getattr(refused, "sentences", [refused.sentence]):
        form.add_error(None, sentence)
    if getattr(refused, "sentences", None) and "reason" not in form.fields:
        form.add_error(None, _("An administrator of this team may let it through with a reason."))


def answer(
    request: SignedInRequest,
    form: LayerForm,
    save: Callable[[], None],
    subject: dict[str, Any],
    *,
    now: Callable[[], tuple[dict[str, Any], int]],
) -> HttpResponse:
    """The form, or what comes after it was saved; what cannot be kept comes back with nothing lost.

    `now` gives the layer and its version as they stand, for whoever was overtaken.
    """
    status = 200
    if request.method == "POST":
        status = _try(form, save)
        if status == 302:
            messages.success(request, _("Saved. Open incidents keep what was agreed when they were reported."))
            return redirect(subject["back"])
    context = subject | {"form": form, "is_stale": status == 409}
    if status == 409:
        there, version = now()
        context |= {"there": list(agreed.differences(there, form.knobs())), "fresh_version": version}
    return render(request, "customers/desk/agreement/change.html", context, status=status)


def _try(form: LayerForm, save: Callable[[], None]) -> int:
    """The HTTP status of the attempt; 302 when it is saved."""
    if not form.is_valid():
        return 422
    try:
        save()
    except Refused as refused:
        refuse(form.said, refused)
        return refused.status
    return 302
