"""Known errors where they are used: beside an incident, while a caller speaks."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import queries
from incidents.models import Incident
from incidents.views.desk import CHANGED, Work, find, opened, view_of
from incidents.views.verbs import do
from itsm.htmx import page_or_partial, trigger, wants_fragment
from itsm.text import clean
from problems import known_error_uses, suggestions
from problems.known_error_forms import ApplyForm
from problems.models import KnownError, KnownErrorUse

PAGE, PART = "problems/desk/known/incident.html", "problems/desk/known/_known_errors.html"


@require_GET
@agent_required
def incident_panel(request: SignedInRequest, reference: str) -> HttpResponse:
    """What the desk knows that may help here; a page of its own where there is no script."""
    return page_or_partial(request, PAGE, PART, _context(request, find(request, reference), view_of(request.GET)))


def _context(request: SignedInRequest, incident: Incident, view: str) -> dict[str, Any]:
    user = request.user
    uses = incident.known_error_uses.visible_to(user).select_related("known_error", "by").order_by("-used_at")
    used = list(uses)
    # What was told may be applied yet; what did not help is not offered again.
    known = {use.known_error_id for use in used if use.worked is False}
    found = suggestions.for_incident(incident, user) if incident.is_down else []
    return {
        "incident": incident,
        "view": view,
        "uses": used,
        "found": [each for each in found if each.known.pk not in known],
    }


@require_http_methods(["GET", "POST"])
@agent_required
def apply(request: SignedInRequest, reference: str, known_error: int) -> HttpResponse:
    """The form opens filled; sent, it says that it works by this workaround, or that they try it."""
    incident = find(request, reference)
    rows = KnownError.objects.visible_to(request.user).of(incident.customer_id).published()
    known = get_object_or_404(rows.select_related("problem"), pk=known_error)
    form = partial(ApplyForm, known=known)
    if request.method != "POST":
        return opened(request, incident, Work(doing="restore", form=form(incident=incident)))

    def act(incident: Incident, form: Any) -> str:
        said = form.cleaned_data
        once = {"expected_version": said["version"], "client_token": said["client_token"] or uuid.uuid4()}
        if said["how"] == ApplyForm.TELL:
            known_error_uses.tell(known, incident, by=request.user, text=said["text"], **once)
            return _("Sent. Whether it has helped is asked beside the incident.")
        known_error_uses.restore_by(known, incident, by=request.user, text=said["text"], **once)
        return _("Restored by %(known)s. The customer is told, and asked to say if it is not so.") % {
            "known": known.reference
        }

    return do(request, reference, "restore", form, act)


@require_POST
@agent_required
def judge(request: SignedInRequest, known_error: int, use: int) -> HttpResponse:
    """Has it helped? An agent says so."""
    uses = KnownErrorUse.objects.visible_to(request.user).select_related("incident")
    found = get_object_or_404(uses, pk=use, known_error=known_error)
    known_error_uses.judge(found, by=request.user, worked=request.POST.get("worked") == "yes")
    if wants_fragment(request) and found.incident:
        incident = find(request, found.incident.reference)
        return trigger(render(request, PART, _context(request, incident, view_of(request.POST))), CHANGED)
    messages.success(request, _("Kept."))
    return redirect("problems:known_error", known_error=known_error)


@require_POST
@agent_required
def suggest(request: SignedInRequest) -> HttpResponse:
    """While a caller speaks: what may help them, to be read out; once it is known whose they are."""
    text, caller = clean(request.POST.get("text", "")), clean(request.POST.get("caller", ""))[:100]
    people = queries.people(request.user, caller) if caller else []
    callers = {person.customer_id for person in people}
    customer = callers.pop() if len(callers) == 1 and len(people) < queries.PEOPLE_FOUND else None
    found = suggestions.for_words(text, request.user, customer=customer)
    return render(request, "problems/desk/known/_read_out.html", {"found": found})
