"""A customer's people at the desk: who serves the customer reads, leads and managers decide."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from customers.models import Customer, User
from customers.permissions import SignedInRequest, agent_required, lead_required
from customers.views import people
from customers.views.people import Place

VERBS = frozenset({"change", "invite-again", "deactivate", "reactivate", "merge", "export", "erase"})


@require_safe
@agent_required
def people_list(request: SignedInRequest, pk: int) -> HttpResponse:
    return people.show_list(request, _place(request, pk))


@require_POST
@lead_required
def invite(request: SignedInRequest, pk: int) -> HttpResponse:
    return people.invite(request, _place(request, pk))


@require_safe
@agent_required
def person(request: SignedInRequest, pk: int, person: int) -> HttpResponse:
    return people.show_one(request, _place(request, pk), person)


@require_POST
@lead_required
def act(request: SignedInRequest, pk: int, person: int, verb: str) -> HttpResponse:
    return people.act(request, _place(request, pk), person, verb)


def _place(request: SignedInRequest, pk: int) -> Place:
    user = request.user
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    theirs = User.objects.visible_to(user).filter(customer=customer)
    verbs = VERBS if user.is_lead else frozenset()
    return Place("desk", "desk_people", "desk_person", user, theirs, customer, verbs, (customer.pk,))
