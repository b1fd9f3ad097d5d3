"""The people who help and their teams: kept by administrators, who see no customer's incidents, and by managers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers import people as verbs
from customers.forms.people import ServeForm
from customers.models import Team, User
from customers.permissions import SignedInRequest, keeper_required
from customers.views import people
from customers.views.people import Place
from itsm.refusal import Refused

VERBS = frozenset({"change", "invite-again", "deactivate", "reactivate", "export", "erase"})


@require_safe
@keeper_required
def people_list(request: SignedInRequest) -> HttpResponse:
    return people.show_list(request, _place(request))


@require_POST
@keeper_required
def invite(request: SignedInRequest) -> HttpResponse:
    return people.invite(request, _place(request))


@require_safe
@keeper_required
def colleague(request: SignedInRequest, person: int) -> HttpResponse:
    return people.show_one(request, _place(request), person)


@require_POST
@keeper_required
def act(request: SignedInRequest, person: int, verb: str) -> HttpResponse:
    return people.act(request, _place(request), person, verb)


@require_safe
@keeper_required
def team(request: SignedInRequest, team: int) -> HttpResponse:
    """Who is in the team, and whom it serves."""
    return _team(request, _find(request, team))


@require_POST
@keeper_required
def serve(request: SignedInRequest, team: int) -> HttpResponse:
    found, form = _find(request, team), ServeForm(request.POST)
    if not form.is_valid():
        return _team(request, found, form, 422)
    try:
        customer = form.chosen(request.user)
        verbs.serve(found, customer, by=request.user)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _team(request, found, form, refused.status)
    messages.success(request, _("%(team)s serves %(customer)s now.") % {"team": found, "customer": customer})
    return redirect("customers:desk_team", found.pk)


@require_POST
@keeper_required
def end_serving(request: SignedInRequest, team: int, customer: int) -> HttpResponse:
    found, form = _find(request, team), ServeForm()
    served = get_object_or_404(found.customers.all(), pk=customer)
    try:
        verbs.serve(found, served, by=request.user, serves=False)
    except Refused as refused:
        form = ServeForm({"customer": served.name})
        form.full_clean()
        form.add_error(None, refused.sentence)
        return _team(request, found, form, refused.status)
    messages.success(request, _("%(team)s does not serve %(customer)s any more.") % {"team": found, "customer": served})
    return redirect("customers:desk_team", found.pk)


def _place(request: SignedInRequest) -> Place:
    user = request.user
    return Place("staff", "desk_staff", "desk_colleague", user, User.objects.kept_by(user), None, VERBS)


def _find(request: SignedInRequest, number: int) -> Team:
    return get_object_or_404(Team.objects.kept_by(request.user), pk=number)


def _team(request: SignedInRequest, team: Team, form: ServeForm | None = None, status: int = 200) -> HttpResponse:
    context = {
        "team": team,
        "members": team.memberships.select_related("user").order_by("user__name"),
        "customers": team.customers.order_by("name"),
        "form": form or ServeForm(),
    }
    return render(request, "customers/people/team.html", context, status=status)
