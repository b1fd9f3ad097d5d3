"""All calls that are to be made, and what came of each, with one click."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import calls
from incidents.call_list import MOST_SHOWN, Whose, call_list
from incidents.forms.afterwards import CallForm
from incidents.forms.desk import VerbForm
from incidents.models import CallTask, Incident
from incidents.views.desk import find
from incidents.views.verbs import do, said
from itsm import moment
from itsm.refusal import Refused


@require_GET
@agent_required
def listed(request: SignedInRequest) -> HttpResponse:
    """One's own calls, a team's or all, what is due first on top."""
    return _page(request, _whose(request.GET))


@require_POST
@agent_required
def call(request: SignedInRequest, reference: str, call: int) -> HttpResponse:
    """Of the incident's page, or with the field `list` of the page of all: there one goes on to the next."""
    incident = find(request, reference)
    task = get_object_or_404(CallTask.objects.visible_to(request.user), incident=incident, pk=call)

    def act(incident: Incident, form: VerbForm) -> str:
        tries = form.cleaned_data["tries"]
        return _came_of(calls.record_call(task, by=request.user, expected_tries=tries, **said(form, "outcome")))

    if "list" not in request.POST:
        return do(request, reference, "", CallForm, act)
    form = CallForm(request.POST, incident=incident)
    try:
        messages.success(request, act(incident, form) if form.is_valid() else "")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, _whose(request.POST), refused.status)
    whose = _whose(request.POST)
    return redirect(reverse("incidents:desk_calls") + (f"?{whose.query}" if whose.query else ""))


def _came_of(made: CallTask) -> str:
    if made.done_at:
        return _("Kept: %(name)s, %(outcome)s.") % {"name": made.called, "outcome": made.get_outcome_display()}
    if made.is_written_to and made.tries == calls.TRIES:
        return _("Twice not reached. A message goes to %(name)s by itself now.") % {"name": made.called}
    if made.wants_another_way:
        return _("Twice not reached. A message in writing may reach %(name)s sooner.") % {"name": made.called}
    return _("Kept. The call comes up again.")


def _page(request: SignedInRequest, whose: Whose, status: int = 200) -> HttpResponse:
    context = {"list": call_list(request.user, whose, moment.now()), "whose": whose, "most": MOST_SHOWN}
    return render(request, "incidents/desk/calls.html", context, status=status)


def _whose(fields: Any) -> Whose:
    """What cannot be read is not said."""
    team: str = fields.get("team", "")
    number = int(team) if team.isascii() and team.isdigit() and len(team) < 10 else None
    return Whose(team=number, everybody=number is None and bool(fields.get("all")))
