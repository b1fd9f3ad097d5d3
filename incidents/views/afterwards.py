"""What is done once people can work again, and whenever it suits: the record, what is owed of it, and calls."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import backlog, calls
from incidents import later as records
from incidents.backlog import Whose
from incidents.forms.afterwards import WriteOffForm
from incidents.forms.corrections import FORMS
from incidents.forms.desk import VerbForm
from incidents.models import Incident, ProcessDebt
from incidents.views.desk import find
from incidents.views.verbs import do, said
from itsm.refusal import Refused


@require_GET
@agent_required
def later(request: SignedInRequest) -> HttpResponse:
    """What is still to be written down: one's own, a team's, or a colleague's."""
    return _later(request, _whose(request.GET))


@require_POST
@agent_required
def complete(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: Any) -> str:
        version = form.cleaned_data["version"]
        records.complete(incident, by=request.user, values=form.said(), expected_version=version)
        return _("Written down.")

    return do(request, reference, "complete", FORMS["complete"], act)


@require_POST
@agent_required
def write_off(request: SignedInRequest, reference: str, debt: int) -> HttpResponse:
    """Of the incident's page, or with the field `list` of the page of all: there one goes on to the next."""
    incident = find(request, reference)
    owed = get_object_or_404(ProcessDebt.objects.visible_to(request.user), incident=incident, pk=debt)

    def act(incident: Incident, form: VerbForm) -> str:
        records.write_off(owed, by=request.user, **said(form, "reason"))
        return _("Written off. Nobody is asked for it any more.")

    if "list" not in request.POST:
        return do(request, reference, "", WriteOffForm, act)
    form = WriteOffForm(request.POST, incident=incident)
    try:
        messages.success(request, act(incident, form) if form.is_valid() else "")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _later(request, _whose(request.POST), refused.status)
    return redirect(_address(_whose(request.POST)))


@require_POST
@agent_required
def promise_call(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        calls.promise_call(incident, by=request.user, **said(form, "due_at", "name", "number"))
        return _("Promised. It stands among the calls until it is made.")

    return do(request, reference, "promise_call", FORMS["promise_call"], act)


def _later(request: SignedInRequest, whose: Whose, status: int = 200) -> HttpResponse:
    context = {
        "backlog": backlog.backlog(request.user, whose),
        "whose": whose,
        "reasons": ProcessDebt.Reason.choices,
        "most": backlog.MOST_SHOWN,
    }
    return render(request, "incidents/desk/later.html", context, status=status)


def _whose(fields: Any) -> Whose:
    """What cannot be read is not said."""
    return Whose(team=_number(fields.get("team", "")), owner=_number(fields.get("owner", "")))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _address(whose: Whose) -> str:
    return reverse("incidents:desk_later") + (f"?{whose.query}" if whose.query else "")
