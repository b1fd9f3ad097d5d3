"""Maturity over time: a fragment for the page about working together."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from customers import maturity_series
from customers.models import Customer
from customers.permissions import SignedInRequest, agent_required


@require_GET
@agent_required
def desk_maturity_series(request: SignedInRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    found = maturity_series.series(customer)
    return render(request, "customers/desk/_series.html", {"series": found})
