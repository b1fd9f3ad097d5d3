"""The parking lot on an incident's page: cards, searches that serve restoration, evidence before a restart."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import evidence, majors, parking
from incidents.forms.corrections import FORMS
from incidents.forms.desk import VerbForm
from incidents.forms.parking import CardForm
from incidents.models import DestructiveAction, Incident, Investigation, ParkedNote
from incidents.views.desk import CHANGED, find
from incidents.views.verbs import do, said
from itsm.htmx import trigger, wants_fragment
from itsm.refusal import Refused


@require_http_methods(["GET", "POST"])
@agent_required
def panel(request: SignedInRequest, reference: str) -> HttpResponse:
    """What is parked; with POST one card more."""
    incident = find(request, reference)
    if request.method != "POST":
        return _show(request, incident, CardForm())
    form = CardForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, incident, form, status=422)
    values = {name: form.cleaned_data[name] for name in ("kind", "text", "confidence", "link", "is_lost_on_restart")}
    try:
        parking.park(incident, by=request.user, upload=form.cleaned_data["file"], **values)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _show(request, incident, form, status=refused.status)
    return _done(request, incident, _("Parked. It is there when the service works again."))


@require_POST
@agent_required
def judge(request: SignedInRequest, reference: str, card: int) -> HttpResponse:
    def act(incident: Incident, fields: QueryDict) -> str:
        found = get_object_or_404(ParkedNote.objects.visible_to(request.user), incident=incident, pk=card)
        parking.judge(found, by=request.user, status=fields.get("status", ""))
        return _("Kept.")

    return _do(request, reference, act)


@require_POST
@agent_required
def decide(request: SignedInRequest, reference: str, capture: int) -> HttpResponse:
    def act(incident: Incident, fields: QueryDict) -> str:
        found = get_object_or_404(DestructiveAction.objects.visible_to(request.user), incident=incident, pk=capture)
        done = [int(number) for number in fields.getlist("done") if number.isascii() and number.isdigit()]
        evidence.decide(found, by=request.user, decision=fields.get("decision", ""), done=done)
        return _("Written down. Go ahead.")

    return _do(request, reference, act)


@require_POST
@agent_required
def search(request: SignedInRequest, reference: str, search: int) -> HttpResponse:
    def act(incident: Incident, fields: QueryDict) -> str:
        found = get_object_or_404(Investigation.objects.visible_to(request.user), incident=incident, pk=search)
        if fields.get("did") == "prolong":
            parking.prolong(found, by=request.user)
            return _("Half an hour more.")
        parking.conclude(found, by=request.user, found=fields.get("found", ""))
        return _("The search is over. What was found is parked.")

    return _do(request, reference, act)


@require_POST
@agent_required
def suspect(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, fields: QueryDict) -> str:
        is_suspected = fields.get("suspected") == "1"
        evidence.suspect(incident, by=request.user, is_suspected=is_suspected, why=fields.get("why", ""))
        if is_suspected:
            return _("From now on a copy comes before any restart.")
        return _("The suspicion is withdrawn.")

    return _do(request, reference, act)


@require_POST
@agent_required
def close(request: SignedInRequest, reference: str) -> HttpResponse:
    """By whoever runs the major incident: nothing more comes in, or something does again."""

    def act(incident: Incident, fields: QueryDict) -> str:
        major = majors.close_lot(incident, by=request.user, is_closed=fields.get("closed") == "1")
        return _("Closed: notes are still possible.") if major.lot_closed_at else _("Open again.")

    return _do(request, reference, act)


@require_POST
@agent_required
def investigate(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        aim = form.cleaned_data["aim"]
        if form.cleaned_data["way"] == "serve":
            parking.investigate(incident, by=request.user, aim=aim, owner=form.cleaned_data["owner"])
            return _("Half an hour for it. The service comes first.")
        parking.park(incident, by=request.user, kind=ParkedNote.Kind.HYPOTHESIS, text=aim)
        return _("Parked. It is there when the service works again.")

    return do(request, reference, "investigate", FORMS["investigate"], act)


@require_POST
@agent_required
def capture(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        evidence.before(incident, by=request.user, **said(form, "what", "on"))
        return _("What should be saved first stands beside.")

    return do(request, reference, "capture", FORMS["capture"], act)


def _do(request: SignedInRequest, reference: str, act: Callable[[Incident, QueryDict], str]) -> HttpResponse:
    incident = find(request, reference)
    try:
        sentence = act(incident, request.POST)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _show(request, find(request, reference), CardForm(), status=refused.status)
    return _done(request, incident, sentence)


def _done(request: SignedInRequest, incident: Incident, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    if wants_fragment(request):
        return trigger(_show(request, find(request, incident.reference), CardForm()), CHANGED)
    return redirect("incidents:desk_parking", reference=incident.reference)


def _show(request: SignedInRequest, incident: Incident, form: CardForm, *, status: int = 200) -> HttpResponse:
    notes = incident.parked_notes.select_related("by", "attachment").order_by("pk")
    searches = incident.investigations.select_related("owner").order_by("pk")
    context: dict[str, Any] = {
        "incident": incident,
        "form": form,
        "cards": notes,
        "kinds": ParkedNote.Kind.choices,
        "searches": [each for each in searches if each.ended_at is None],
        "manager": majors.manager_of(incident) if incident.is_major else None,
        "captures": incident.destructive_actions.select_related("decided_by").order_by("pk"),
    }
    if wants_fragment(request):
        return render(request, "incidents/desk/_parking.html", context, status=status)
    return render(request, "incidents/desk/parking.html", context, status=status)
