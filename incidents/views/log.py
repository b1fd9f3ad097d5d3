"""Logging what a caller says, while they say it."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.permissions import SignedInRequest, agent_required
from incidents import conversation, lifecycle, queries
from incidents.forms.desk import LogForm, services_of
from incidents.models import Incident
from itsm.htmx import wants_fragment
from itsm.refusal import Refused
from itsm.text import clean


@require_http_methods(["GET", "POST"])
@agent_required
def log(request: SignedInRequest) -> HttpResponse:
    """The form; for htmx the people who fit what was typed so far."""
    if request.method == "POST":
        return _write(request)
    typed = clean(request.GET.get("caller", ""))[:100]
    context = _offered(request, typed)
    if wants_fragment(request):
        return render(request, "incidents/desk/_people_found.html", context)
    return render(request, "incidents/desk/log.html", context | {"form": LogForm(agent=request.user)})


def _write(request: SignedInRequest) -> HttpResponse:
    form = LogForm(request.POST, agent=request.user)
    if form.is_valid():
        try:
            incident = _open(request, form)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("%(reference)s is logged.") % {"reference": incident.reference})
            return redirect("incidents:desk_incident", reference=incident.reference)
    offered = _offered(request, clean(form.data.get("caller", ""))[:100])
    return render(request, "incidents/desk/log.html", offered | {"form": form}, status=422)


def _offered(request: SignedInRequest, typed: str) -> dict[str, Any]:
    """Who fits what was typed, and the services of their customer."""
    people = queries.people(request.user, typed)
    return {"people": people, "services": services_of(people)}


@transaction.atomic
def _open(request: SignedInRequest, form: LogForm) -> Incident:
    """The report and, where something was said to the caller, the first answer: both or neither."""
    values = form.cleaned_data
    token = values["client_token"] or uuid.uuid4()
    incident = lifecycle.open_incident(
        by=request.user,
        reporter=values["which"],
        text=values["text"],
        service=values["service"],
        origin=Incident.Origin.PHONE,
        impact=values["impact"],
        urgency=values["urgency"],
        client_token=token,
    )
    if told := values["told"]:
        # Its own token out of the form's: the form sent twice says it once.
        once = uuid.uuid5(token, "told")
        conversation.update(incident, by=request.user, text=told, client_token=once)
    return incident
