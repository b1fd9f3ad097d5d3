"""Around the composer: how others will read it, and the seconds in which words can be taken back."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import clocks, outgoing, queries, slots, update_texts
from incidents.conversation import OTHERS
from incidents.forms.update import UpdateForm
from incidents.models import Incident, Outgoing
from incidents.update_texts import AFFECTED, EXECUTIVES, MOST_OF_A_TEXT_MESSAGE, STAKEHOLDERS
from incidents.views.desk import (
    CHANGED,
    Preview,
    Work,
    done,
    find,
    given_back,
    here,
    incident_context,
    show,
    view_of,
)
from itsm import moment
from itsm.htmx import trigger, wants_fragment
from itsm.middleware import zone
from itsm.refusal import Refused

WAR_PARTS = ["_war_heading", "_war_promise"]
LABELS = {
    AFFECTED: lazy("Affected people"),
    STAKEHOLDERS: lazy("Stakeholders"),
    EXECUTIVES: lazy("Executives"),
}


@require_POST
@agent_required
def preview(request: SignedInRequest, reference: str) -> HttpResponse:
    """What was typed so far as each audience will read it; nothing is sent or kept."""
    incident = find(request, reference)
    form = UpdateForm(request.POST, incident=incident, by=request.user)
    form.is_valid()  # what is missing is shown by sending, not by looking
    shown = _previews(incident, form)
    if wants_fragment(request):
        address = reverse("incidents:desk_preview", kwargs={"reference": reference})
        context = {"preview": shown, "preview_address": address, "incident": incident}
        return render(request, "incidents/desk/_preview.html", context)
    return show(request, incident, Work("update", form, preview=shown), view=view_of(request.POST))


def _previews(incident: Incident, form: UpdateForm) -> list[Preview]:
    """In the language and zone of whoever reported it: so they read it."""
    reader = incident.reporter
    with timezone.override(zone(reader.reads_clocks_in())), translation.override(reader.speaks()):
        said = _said(incident, form)
        letters = {audience: update_texts.framed(said, audience) for audience in LABELS}
        sms = update_texts.short(said)
        here = [update_texts.words_for(said, AFFECTED), update_texts.next_words(said, AFFECTED)]
    return [
        Preview(LABELS[AFFECTED], lazy("E-mail"), letters[AFFECTED]),
        Preview(LABELS[AFFECTED], lazy("SMS"), sms, len(sms), MOST_OF_A_TEXT_MESSAGE),
        Preview(LABELS[AFFECTED], lazy("Portal"), "\n".join(filter(None, here))),
        Preview(LABELS[STAKEHOLDERS], lazy("E-mail"), letters[STAKEHOLDERS]),
        Preview(LABELS[EXECUTIVES], lazy("E-mail"), letters[EXECUTIVES]),
    ]


def _said(incident: Incident, form: UpdateForm) -> update_texts.Said:
    """The update as it would be said now."""
    values: dict[str, Any] = {name: form.data.get(name, "") for name in form.fields} | form.cleaned_data
    typed = form.parts(values)
    news = {"changed": values.get("text") or ""}
    parts = slots.kept(form.start.parts | (typed or {}) | news)
    now = moment.now()
    return update_texts.Said(
        incident=incident,
        body=slots.compose(parts) if typed else news["changed"],
        parts=parts,
        phase=form.cleaned_data.get("phase") or form.start.phase,
        for_others={name: values[name] for name in OTHERS if values.get(name)},
        at=now,
        next_update_at=form.promised() or clocks.latest_promise(incident, now),
    )


@require_GET
@agent_required
def on_its_way(request: SignedInRequest, reference: str) -> HttpResponse:
    """What became of words on their way; asked each two seconds, and whoever asks says what is due."""
    incident = find(request, reference)
    outgoing.say_due(moment.now(), incident)
    waiting = {row.pk for row in queries.on_its_way(incident, request.user) if row.state == Outgoing.State.WAITING}
    known = {int(key) for key in request.GET.get("waiting", "").split(",") if key.isdigit() and len(key) < 10}
    if known == waiting:
        return HttpResponse(status=204)
    fresh = find(request, reference)
    context = incident_context(request, fresh, view_of(request.GET), Work()) | {"oob": True}
    parts = ["_outgoing", *(WAR_PARTS if "room" in context else ["_heading"]), "_clocks", "_deeds", "_timeline"]
    html = [render_to_string(f"incidents/desk/{part}.html", context, request) for part in parts]
    if _wrote_on(request, fresh, known):
        html.append(render_to_string("incidents/desk/_do_version.html", context, request))
    return trigger(HttpResponse("".join(html)), CHANGED)


def _wrote_on(request: SignedInRequest, incident: Incident, known: set[int]) -> bool:
    """Whether the open form is behind only by this person's own words, which have just gone out."""
    said = incident.outgoing.filter(pk__in=known, by=request.user, state=Outgoing.State.SAID)
    versions = {str(row.values["version"]) for row in said}
    return request.GET.get("version") in versions and len(versions) == 1


@require_POST
@agent_required
def undo(request: SignedInRequest, reference: str, outgoing_pk: int) -> HttpResponse:
    """Takes words back, or takes up what could not be sent: they stand in their form again."""
    incident, row = _own(request, reference, outgoing_pk)
    try:
        row = outgoing.take_back(row, by=request.user)
    except Refused as refused:
        return _refused(request, incident, refused)
    if wants_fragment(request):
        work = Work(row.verb, given_back(row, incident))
        return show(request, incident, work, view=view_of(request.POST))
    return redirect(f"{here(incident, view_of(request.POST))}{row.verb}&words={row.pk}#workbench")


@require_POST
@agent_required
def send_now(request: SignedInRequest, reference: str, outgoing_pk: int) -> HttpResponse:
    incident, row = _own(request, reference, outgoing_pk)
    try:
        outgoing.say_now(row, by=request.user)
    except Refused as refused:
        return _refused(request, incident, refused)
    row.refresh_from_db()
    if row.state == Outgoing.State.SAID:
        messages.success(request, _("Sent."))
    return done(request, incident)


@require_POST
@agent_required
def drop_draft(request: SignedInRequest, reference: str, outgoing_pk: int) -> HttpResponse:
    """What could not be sent is not wanted any more."""
    incident, row = _own(request, reference, outgoing_pk)
    try:
        outgoing.take_back(row, by=request.user)
    except Refused as refused:
        return _refused(request, incident, refused)
    messages.success(request, _("Thrown away."))
    return done(request, incident)


def _own(request: SignedInRequest, reference: str, key: int) -> tuple[Incident, Outgoing]:
    """Whoever else's words they are, they are nothing to this person."""
    incident = find(request, reference)
    return incident, get_object_or_404(
        Outgoing.objects.visible_to(request.user), pk=key, incident=incident, by=request.user
    )


def _refused(request: SignedInRequest, incident: Incident, refused: Refused) -> HttpResponse:
    messages.error(request, refused.sentence)
    work = replace(Work(), status=refused.status)
    return show(request, find(request, incident.reference), work, view=view_of(request.POST))
