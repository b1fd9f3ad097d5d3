"""What the incidents of a customer say to its assessment: a fragment for the page on which it is answered."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from customers.models import Customer
from customers.permissions import SignedInRequest, agent_required
from incidents import maturity_hints
from itsm import moment


@require_GET
@agent_required
def hints(request: SignedInRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    found = maturity_hints.hints(customer, moment.now())
    return render(request, "incidents/desk/customer/_hints.html", {"hints": found})
