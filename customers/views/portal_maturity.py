"""How we work together, for the customer's contact: what is proposed in plain words, and their yes or not yet."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers import assessment
from customers.forms.assessment import NotYetForm, SeenForm
from customers.models import Customer, MaturityAssessment
from customers.permissions import SignedInRequest, contact_required
from customers.standing import Standing, standing
from itsm.refusal import Refused


@require_GET
@contact_required
def maturity(request: SignedInRequest) -> HttpResponse:
    return _page(request, _standing(request))


@require_POST
@contact_required
def accept(request: SignedInRequest) -> HttpResponse:
    """The contact's yes to the proposal they saw."""
    stands = _standing(request)
    found = _proposal(stands)
    form = SeenForm(request.POST)
    if not form.is_valid() or form.cleaned_data["seen"] != _seen(stands):
        meanwhile = _("Meanwhile the proposal has changed. Please read it again; nothing was accepted.")
        return _page(request, stands, error=meanwhile, status=409)
    try:
        found = assessment.accept_there(found, by=request.user)
    except Refused as refused:
        return _page(request, stands, error=refused.sentence, status=refused.status)
    begun = found.state == MaturityAssessment.State.IN_FORCE
    messages.success(
        request,
        _("Thank you. Both sides have accepted; it begins today.") if begun else _("Thank you. You have accepted it."),
    )
    return redirect("customers:portal_maturity")


@require_POST
@contact_required
def not_yet(request: SignedInRequest) -> HttpResponse:
    """Not yet, and a word on what should come first."""
    stands = _standing(request)
    found = _proposal(stands)
    form = NotYetForm(request.POST)
    if not form.is_valid():
        return _page(request, stands, form=form, status=422)
    try:
        assessment.say_not_yet(found, by=request.user, word=form.cleaned_data["word"])
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, stands, form=form, status=refused.status)
    messages.success(request, _("Thank you. Nothing changes for now; we talk with you about it."))
    return redirect("customers:portal_maturity")


def _standing(request: SignedInRequest) -> Standing:
    own = Customer.objects.visible_to(request.user).select_related("contract")
    return standing(get_object_or_404(own, pk=request.user.customer_id))


def _proposal(stands: Standing) -> MaturityAssessment:
    if stands.proposal is None:
        raise Http404
    return stands.proposal


def _seen(stands: Standing) -> str:
    """Which proposal, for which day: what the contact says yes to."""
    return f"{stands.proposal.pk}.{stands.proposal.effective_on or '-'}" if stands.proposal else ""


def _page(
    request: SignedInRequest,
    stands: Standing,
    *,
    form: NotYetForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "stands": stands,
        "result": stands.result,
        "seen": _seen(stands),
        "form": form or NotYetForm(),
        "is_answering": form is not None,
        "error": error,
    }
    return render(request, "customers/portal/maturity/maturity.html", context, status=status)
