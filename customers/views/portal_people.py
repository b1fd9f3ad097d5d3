"""The people of one's own organisation, kept by its contact."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_safe

from customers.models import User
from customers.permissions import SignedInRequest, contact_required
from customers.views import people
from customers.views.people import Place

VERBS = frozenset({"change", "invite-again", "deactivate", "reactivate"})


@require_safe
@contact_required
def people_list(request: SignedInRequest) -> HttpResponse:
    return people.show_list(request, _place(request))


@require_POST
@contact_required
def invite(request: SignedInRequest) -> HttpResponse:
    return people.invite(request, _place(request))


@require_safe
@contact_required
def person(request: SignedInRequest, person: int) -> HttpResponse:
    return people.show_one(request, _place(request), person)


@require_POST
@contact_required
def act(request: SignedInRequest, person: int, verb: str) -> HttpResponse:
    return people.act(request, _place(request), person, verb)


def _place(request: SignedInRequest) -> Place:
    user = request.user
    own = User.objects.visible_to(user)
    return Place("portal", "portal_people", "portal_person", user, own, user.customer, VERBS)
