"""Improvement goals: what is under way, what is suggested, what was reached."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers import goals
from customers.forms.goals import AgreeForm, EndForm
from customers.models import Customer, ImprovementGoal
from customers.permissions import SignedInRequest, agent_required, contact_required, lead_required
from itsm.refusal import Refused

State = ImprovementGoal.State


def _customer(request: SignedInRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user).select_related("contract"), pk=pk)


def _page(request: SignedInRequest, customer: Customer, *, status: int = 200, **forms: Any) -> HttpResponse:
    present = goals.progress(customer)
    context: dict[str, Any] = {
        "customer": customer,
        "under_way": [each for each in present if each.goal.state == State.OPEN],
        "over": [each for each in present if each.goal.state != State.OPEN],
        "suggested": goals.suggested(customer, present),
        "agree_form": AgreeForm(initial={"due_on": goals.by_default().isoformat()}),
        "end_form": EndForm(),
        "ended": 0,
    }
    return render(request, "customers/desk/goals/goals.html", context | forms, status=status)


@require_GET
@agent_required
def desk_goals(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _customer(request, pk))


@require_POST
@lead_required
def agree(request: SignedInRequest, pk: int) -> HttpResponse:
    customer = _customer(request, pk)
    form, status = AgreeForm(request.POST), 422
    if form.is_valid():
        try:
            goals.agree(customer, by=request.user, key=form.cleaned_data["key"], due_on=form.cleaned_data["due_on"])
            messages.success(request, _("It is agreed."))
            return redirect("customers:desk_goals", pk=pk)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
    return _page(request, customer, agree_form=form, status=status)


@require_POST
@lead_required
def end(request: SignedInRequest, pk: int, goal: int) -> HttpResponse:
    customer = _customer(request, pk)
    found = get_object_or_404(ImprovementGoal.objects.visible_to(request.user), pk=goal, customer=customer)
    form, status = EndForm(request.POST), 422
    if form.is_valid():
        try:
            reached = request.POST.get("decision") == "reached"
            goals.end(found, by=request.user, reached=reached, evidence=form.cleaned_data["evidence"])
            messages.success(request, _("It is reached.") if reached else _("It is dropped."))
            return redirect("customers:desk_goals", pk=pk)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
    return _page(request, customer, end_form=form, ended=found.pk, status=status)


@require_GET
@contact_required
def portal_goals(request: SignedInRequest) -> HttpResponse:
    """The same for the customer's contact, to read."""
    assert request.user.customer is not None  # the database holds it for everybody on the customer's side
    present = goals.progress(request.user.customer)
    context = {
        "under_way": [each for each in present if each.goal.state == State.OPEN],
        "over": [each for each in present if each.goal.state != State.OPEN],
    }
    return render(request, "customers/portal/goals.html", context)
