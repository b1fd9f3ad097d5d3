"""Reports that the customer owes others, on an incident's page, and the packs of evidence for them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.permissions import SignedInRequest, agent_required
from incidents import duties, packs
from incidents.forms.duties import DutyForm, WhenForm, zone_words
from incidents.models import EvidencePack, ExternalDuty, Incident
from incidents.views.desk import CHANGED, find
from itsm import moment
from itsm.htmx import page_or_partial, trigger, wants_fragment
from itsm.refusal import Refused

POLL_SECONDS = 2
SHOWN = 10  # packs


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def panel(request: SignedInRequest, reference: str) -> HttpResponse:
    """What has to be reported until when; with POST one more."""
    incident = find(request, reference)
    if request.method != "POST":
        return _show(request, incident, DutyForm(incident=incident))
    form = DutyForm(request.POST, incident=incident)
    if not form.is_valid():
        return _show(request, incident, form, status=422)
    try:
        duties.add(incident, by=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _show(request, incident, form, status=refused.status)
    return _done(request, incident, _("It is counted from now on."))


@require_POST
@agent_required
def act(request: SignedInRequest, reference: str, duty: int) -> HttpResponse:
    """What became of one duty: the button that was pressed says it."""
    incident = find(request, reference)
    found = get_object_or_404(ExternalDuty.objects.visible_to(request.user), incident=incident, pk=duty)
    form = WhenForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(str(next(iter(form.errors.values()))[0]))
        sentence = _deed(request.POST.get("did", ""))(found, request, form)
    except Refused as refused:
        return _refused(request, incident, found, refused)
    return _done(request, incident, sentence)


def _deed(did: str) -> Callable[[ExternalDuty, SignedInRequest, WhenForm], str]:
    deeds = {"done": _sent, "not_needed": _not_needed, "reopen": _reopen, "recount": _recount}
    if did not in deeds:
        raise Refused(_("Please say what became of it."))
    return deeds[did]


def _sent(duty: ExternalDuty, request: SignedInRequest, form: WhenForm) -> str:
    duties.done(duty, by=request.user, at=form.when())
    return _("Written down: the customer has sent it.")


def _not_needed(duty: ExternalDuty, request: SignedInRequest, form: WhenForm) -> str:
    duties.not_needed(duty, by=request.user, why=form.cleaned_data["why"])
    return _("Written down: it is not needed.")


def _reopen(duty: ExternalDuty, request: SignedInRequest, form: WhenForm) -> str:
    duties.reopen(duty, by=request.user)
    return _("It is open again.")


def _recount(duty: ExternalDuty, request: SignedInRequest, form: WhenForm) -> str:
    known_at = form.when()
    if known_at is None:
        raise Refused(_("Please write when it became known."))
    duties.recount(duty, by=request.user, known_at=known_at)
    return _("It is counted from there.")


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def make(request: SignedInRequest, reference: str) -> HttpResponse:
    """How far the packs are; with POST one is asked for, and a worker makes it."""
    incident = find(request, reference)
    status = 200
    if request.method == "POST":
        try:
            packs.ask(incident, by=request.user, is_internal=request.POST.get("is_internal") == "1")
        except Refused as refused:
            messages.error(request, refused.sentence)
            status = refused.status
    if wants_fragment(request):
        return render(request, "incidents/desk/_packs.html", _packs(request, incident), status=status)
    return redirect("incidents:desk_duties", reference=reference)


@require_safe
@agent_required
def pack(request: SignedInRequest, reference: str, pack: int) -> FileResponse:
    """The file, always as a download."""
    visible = EvidencePack.objects.visible_to(request.user).filter(state=EvidencePack.State.READY)
    found = get_object_or_404(visible.select_related("incident"), incident__reference=reference, pk=pack)
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=packs.file_name(found), content_type="application/zip"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _refused(request: SignedInRequest, incident: Incident, duty: ExternalDuty, refused: Refused) -> HttpResponse:
    """What was typed beside this duty stands there again, with the sentence why it was not taken."""
    typed = {name: request.POST.get(name, "") for name in ("did", "at", "why")}
    again = {"duty": duty.pk, "sentence": refused.sentence, **typed}
    return _show(request, incident, DutyForm(incident=incident), status=refused.status, again=again)


def _done(request: SignedInRequest, incident: Incident, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    if wants_fragment(request):
        return trigger(_show(request, incident, DutyForm(incident=incident)), CHANGED)
    return redirect("incidents:desk_duties", reference=incident.reference)


def _show(
    request: SignedInRequest, incident: Incident, form: DutyForm, *, status: int = 200, again: Any = None
) -> HttpResponse:
    now = moment.now()
    rows = ExternalDuty.objects.visible_to(request.user).filter(incident=incident).select_related("done_by")
    context = _packs(request, incident) | {
        "form": form,
        "again": again,
        "zone": timezone.get_current_timezone_name(),
        "zone_words": zone_words(),
        "now": now,
        "duties": [duties.face(row, now) for row in rows.order_by("regime", "position", "due_at", "pk")],
    }
    whole, part = "incidents/desk/duties.html", "incidents/desk/_duties.html"
    return page_or_partial(request, whole, part, context, status=status)


def _packs(request: SignedInRequest, incident: Incident) -> dict[str, Any]:
    made = EvidencePack.objects.visible_to(request.user).filter(incident=incident).select_related("by")
    shown = list(made.order_by("-pk")[:SHOWN])
    is_making = any(one.state == EvidencePack.State.MAKING for one in shown)
    return {"incident": incident, "packs": shown, "is_making": is_making, "poll_seconds": POLL_SECONDS}
