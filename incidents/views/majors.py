"""A major incident at the desk: declared, taken back, and the room of those who run it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from customers.permissions import SignedInRequest, agent_required
from incidents import lifecycle, majors, war_rooms
from incidents.forms.corrections import FORMS
from incidents.forms.desk import VerbForm
from incidents.forms.majors import CallForm, GiveRoleForm, RoomForm, SuccessorForm
from incidents.models import Incident
from incidents.views.desk import WAR_ROOM, Work, doing_of, find, has_room, incident_context, show
from incidents.views.verbs import do, promised, said
from itsm import moment
from itsm.htmx import trigger, wants_fragment
from itsm.refusal import Refused

CHANGED = "room-changed"  # somebody else did something: the panels look again, the composer stays
LIVE = ("_war_pulse", "_war_heading", "_war_promise", "_roles", "_clocks", "_deeds", "_timeline")


@require_POST
@agent_required
def declare(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        declared = majors.declare(incident, by=request.user, **said(form, "reason"))
        if incident.is_major:
            return _("It was declared already, by %(name)s.") % {"name": declared.declared_by}
        return _("It is a major incident, and you run it. The first word to people is due %(when)s.") % {
            "when": promised(incident)
        }

    return do(request, reference, "declare", FORMS["declare"], act)


@require_POST
@agent_required
def downgrade(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        majors.downgrade(incident, by=request.user, **said(form, "reason"))
        return _("It is not major any more. What was promised stands.")

    return do(request, reference, "downgrade", FORMS["downgrade"], act)


@require_POST
@agent_required
def relapse(request: SignedInRequest, reference: str) -> HttpResponse:
    """The desk sees it itself: it is broken again."""

    def act(incident: Incident, form: VerbForm) -> str:
        lifecycle.still_broken(incident, by=request.user)
        return _("It is open again, and the clock goes on where it stood. Please tell people.")

    return do(request, reference, "", VerbForm, act)


@require_GET
@agent_required
def war_room(request: SignedInRequest, reference: str) -> HttpResponse:
    """The whole room; for htmx what changed since its token, or 204."""
    incident = find(request, reference)
    if not has_room(incident):
        page = reverse("incidents:desk_incident", args=[reference])
        return HttpResponseClientRedirect(page) if wants_fragment(request) else redirect(page)
    if not wants_fragment(request):
        return show(request, incident, Work(doing=doing_of(request)), view=WAR_ROOM)
    before = request.GET.get("since", "")
    if before == war_rooms.token_of(incident, moment.now()):
        return HttpResponse(status=204)
    context = incident_context(request, incident, WAR_ROOM, Work()) | {"oob": True}
    html = [render_to_string(f"incidents/desk/{part}.html", context, request) for part in LIVE]
    has_happened = context["room"].token.split("-")[0] != before.split("-")[0]
    answer = HttpResponse("".join(html))
    return trigger(answer, CHANGED) if has_happened else answer


@require_POST
@agent_required
def give_role(request: SignedInRequest, reference: str) -> HttpResponse:
    """To whom the form says; or, with one click, to whoever presses."""

    def act(incident: Incident, form: Any) -> str:
        values = form.cleaned_data
        seat = majors.give_role(
            incident, by=request.user, role=values["role"], person=values["person"], name=values["name"]
        )
        return _("%(name)s has it: %(role)s.") % {"name": seat.called, "role": seat.get_kind_display()}

    if "mine" not in request.POST:
        return _act(request, reference, GiveRoleForm, act)

    def take(incident: Incident, form: RoomForm) -> str:
        seat = majors.give_role(incident, by=request.user, role=request.POST["mine"], person=request.user)
        return _("You have it: %(role)s.") % {"role": seat.get_kind_display()}

    return _act(request, reference, RoomForm, take)


@require_POST
@agent_required
def hand_over(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: RoomForm) -> str:
        seat = majors.hand_over(incident, by=request.user, **form.cleaned_data)
        return _("%(name)s runs it now.") % {"name": seat.called}

    return _act(request, reference, SuccessorForm, act)


@require_POST
@agent_required
def call_link(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: RoomForm) -> str:
        major = majors.set_call(incident, by=request.user, url=form.cleaned_data["url"])
        return _("Everybody finds the call here now.") if major.call_url else _("There is no call any more.")

    return _act(request, reference, CallForm, act)


def _act(
    request: SignedInRequest, reference: str, shape: type[RoomForm], act: Callable[[Incident, Any], str]
) -> HttpResponse:
    """One verb out of a form beside the work; what it refuses is said there, with everything that was typed."""
    incident = find(request, reference)
    if not has_room(incident):
        messages.error(request, _("This incident is not major."))
        return show(request, incident, Work(status=409))
    form, status = shape(request.POST, incident=incident), 422
    if form.is_valid():
        try:
            sentence = act(incident, form)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
        else:
            messages.success(request, sentence)
            return _done(request, incident)
    if not form.key:  # a button alone has no form to say it in
        messages.error(request, " ".join(str(each) for each in form.non_field_errors()))
    fresh = find(request, reference)
    return show(request, fresh, Work(status=status, beside={form.key: form}), view=WAR_ROOM)


def _done(request: SignedInRequest, incident: Incident) -> HttpResponse:
    if not wants_fragment(request):
        return redirect("incidents:desk_war_room", reference=incident.reference)
    return show(request, find(request, incident.reference), Work(was_done=True), view=WAR_ROOM)
