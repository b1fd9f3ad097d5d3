"""How we work together, at the desk: where the customer stands, what is proposed, and what would change."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers import assessment
from customers.forms.assessment import AcceptForm, ReasonForm
from customers.models import Customer, MaturityAssessment
from customers.permissions import SignedInRequest, agent_required, lead_required
from customers.standing import standing
from itsm.refusal import Refused


@require_GET
@agent_required
def maturity(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _customer(request, pk))


@require_POST
@lead_required
def begin(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new assessment, or the one that is being answered."""
    customer = _customer(request, pk)
    try:
        found = assessment.begin(customer, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, customer, status=refused.status)
    return redirect("customers:desk_assessment", pk=pk, assessment_pk=found.pk)


@require_POST
@lead_required
def accept(request: SignedInRequest, pk: int, assessment_pk: int) -> HttpResponse:
    """Our side accepts, and says from which day on."""
    customer, found = _find(request, pk, assessment_pk)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _page(request, customer, accept_form=form, status=422)
    try:
        found = assessment.accept_here(found, by=request.user, effective_on=form.cleaned_data["effective_on"])
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, customer, accept_form=form, status=refused.status)
    messages.success(request, _said(found))
    return redirect("customers:desk_maturity", pk=pk)


@require_POST
@lead_required
def drop(request: SignedInRequest, pk: int, assessment_pk: int) -> HttpResponse:
    """Ends what is under way, with a word on why."""
    customer, found = _find(request, pk, assessment_pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, customer, drop_form=form, status=422)
    try:
        assessment.drop(found, by=request.user, reason=form.cleaned_data["reason"])
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, customer, drop_form=form, status=refused.status)
    messages.success(request, _("Dropped. The support model stays as it is; what was answered is kept."))
    return redirect("customers:desk_maturity", pk=pk)


def _said(found: MaturityAssessment) -> str:
    assert found.effective_on is not None
    said = {"day": date_format(found.effective_on, "l j F Y")}
    if found.state == MaturityAssessment.State.PROPOSED:
        return _("Accepted for %(day)s. Now it is the customer's turn.") % said
    if found.state == MaturityAssessment.State.AGREED:
        return _("Both sides have accepted: in force from %(day)s.") % said
    return _("Both sides have accepted: it is in force.")


def _customer(request: SignedInRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user).select_related("contract"), pk=pk)


def _find(request: SignedInRequest, pk: int, assessment_pk: int) -> tuple[Customer, MaturityAssessment]:
    customer = _customer(request, pk)
    visible = MaturityAssessment.objects.visible_to(request.user).filter(customer=customer)
    return customer, get_object_or_404(visible, pk=assessment_pk)


def _page(
    request: SignedInRequest,
    customer: Customer,
    *,
    accept_form: AcceptForm | None = None,
    drop_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    stands = standing(customer)
    context: dict[str, Any] = {
        "customer": customer,
        "stands": stands,
        "result": stands.result,
        "accept_form": accept_form or AcceptForm(initial={"effective_on": stands.day}),
        "drop_form": drop_form or ReasonForm(),
        "is_dropping": drop_form is not None,
    }
    return render(request, "customers/desk/maturity/maturity.html", context, status=status)
