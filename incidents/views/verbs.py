"""What an agent does to an incident: each view reads a form, calls one verb and shows what is true then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import conversation, lifecycle, outgoing, parking, queries
from incidents.forms.corrections import FORMS
from incidents.forms.desk import VerbForm
from incidents.models import Incident
from incidents.views.desk import Work, done, find, show, view_of
from itsm import moment, wording
from itsm.refusal import Refused

# Calls the verb with what the form says; returns the sentence that tells what was done.
Act = Callable[[Incident, Any], str]


@require_POST
@agent_required
def take(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        lifecycle.take(incident, by=request.user, expected_version=form.cleaned_data["version"])
        return _("You have it now.")

    return do(request, reference, "", VerbForm, act)


@require_POST
@agent_required
def update(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: Any) -> str:
        if later := _speak(request, incident, "update", form, form.said()):
            return later
        return _("Sent. The next update is due %(when)s.") % {"when": promised(incident)}

    return do(request, reference, "update", FORMS["update"], act)


@require_POST
@agent_required
def note(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        token = form.cleaned_data["client_token"]
        if parking.jot(incident, by=request.user, client_token=token, **said(form, "text")):
            return _("Parked. It is there when the service works again.")
        return _("Kept as an internal note.")

    return do(request, reference, "note", FORMS["note"], act)


@require_POST
@agent_required
def ask(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: Any) -> str:
        words = {"next_update_at": form.promised(), **said(form, "question")}
        if later := _speak(request, incident, "ask", form, words):
            return later
        return _("Asked. The clock to restore waits for the answer; the next update is due %(when)s.") % {
            "when": promised(incident)
        }

    return do(request, reference, "ask", FORMS["ask"], act)


@require_POST
@agent_required
def restore(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        if later := _speak(request, incident, "restore", form, said(form, "outcome", "restored_by")):
            return later
        return _("Restored. The customer is told, and asked to say if it is not so.")

    return do(request, reference, "restore", FORMS["restore"], act)


@require_POST
@agent_required
def resolve(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        version = form.cleaned_data["version"]
        if not form.cleaned_data["note"].strip():  # nothing to take back: the customer only learns the state
            lifecycle.resolve(incident, by=request.user, expected_version=version)
        elif later := _speak(request, incident, "resolve", form, said(form, "note")):
            return later
        return _("Resolved. The customer is told and may say no.")

    return do(request, reference, "resolve", FORMS["resolve"], act)


@require_POST
@agent_required
def prioritise(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        version = form.cleaned_data["version"]
        changed = lifecycle.prioritise(
            incident, by=request.user, expected_version=version, **said(form, "impact", "urgency")
        )
        if (changed.impact, changed.urgency) == (incident.impact, incident.urgency):
            return _("Confirmed: P%(priority)d.") % {"priority": changed.priority}
        return _("The priority is P%(priority)d now.") % {"priority": changed.priority}

    return do(request, reference, "prioritise", FORMS["prioritise"], act)


@require_POST
@agent_required
def cancel(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        lifecycle.cancel(incident, by=request.user, **said(form, "reason"))
        return _("Withdrawn. The customer is told why.")

    return do(request, reference, "cancel", FORMS["cancel"], act)


@require_POST
@agent_required
def attach(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        upload, is_public = form.cleaned_data["file"], form.cleaned_data["is_public"]
        attachment = conversation.attach(incident, by=request.user, upload=upload, is_public=is_public)
        return _("“%(name)s” is attached.") % {"name": attachment.name}

    return do(request, reference, "attach", FORMS["attach"], act)


@require_POST
@agent_required
def revoke_links(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        lifecycle.revoke_links(incident, by=request.user)
        return _("All tracking links sent so far have ended. The next mail brings a new one.")

    return do(request, reference, "", VerbForm, act)


def do(
    request: SignedInRequest, reference: str, doing: str, form_class: Callable[..., VerbForm], act: Act
) -> HttpResponse:
    """One verb, once; whatever stands in its way is said beside the words, which stay in their form."""
    incident = find(request, reference)
    form = form_class(request.POST, request.FILES, incident=incident, by=request.user)
    if not form.is_valid():
        return _refused(request, incident, Work(doing, form, status=422))
    try:
        version = form.cleaned_data["version"]
        form.cleaned_data["version"] = outgoing.hurry(incident, by=request.user, version=version)
        sentence = act(incident, form)
    except lifecycle.Stale as stale:
        since = queries.since(incident, request.user, form.cleaned_data["version"])
        return _refused(request, incident, Work(doing, form, tuple(since), status=409), stale.sentence)
    except Refused as refused:
        return _refused(request, incident, Work(doing, form, status=refused.status), refused.sentence)
    messages.success(request, sentence)
    for remark in form.remarks():
        messages.warning(request, remark)
    return done(request, incident)


def _refused(request: SignedInRequest, incident: Incident, work: Work, sentence: str = "") -> HttpResponse:
    fresh = find(request, incident.reference)
    if work.form and sentence:
        work.form.add_error(None, sentence)
        work.form.open_again(fresh)
    if not work.doing and sentence:  # a button alone has no form to say it in
        messages.error(request, sentence)
        work = replace(work, form=None)
    return show(request, fresh, work, view=view_of(request.POST))


def _speak(request: SignedInRequest, incident: Incident, verb: str, form: VerbForm, words: dict[str, Any]) -> str:
    """Sends words to the customer off; the sentence about when they go out, "" when they are out already."""
    sent = outgoing.send(incident, by=request.user, verb=verb, said=words, typed=form.typed(), **once(form))
    if sent is None:
        return ""
    at = timezone.localtime(sent.send_at)
    return _("On its way: it goes out at %(time)s.") % {"time": f"{at:%H:%M:%S}"}


def said(form: VerbForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}


def once(form: VerbForm) -> dict[str, Any]:
    """So that it is said once, and against the state it was written for."""
    return {"expected_version": form.cleaned_data["version"], "client_token": form.cleaned_data["client_token"]}


def promised(incident: Incident) -> str:
    due: datetime | None = incident.clocks.promises().order_by("due_at").values_list("due_at", flat=True).first()
    return wording.due_words(due, moment.now(), timezone.get_current_timezone()) if due else ""
