"""What an incident looks like, what people say about that, and many reports at once: fragments of their own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import bursts, family, similar
from incidents.models import Burst, Incident, Pairing
from incidents.views.desk import CHANGED, find, view_of
from itsm.htmx import page_or_partial, trigger, wants_fragment
from itsm.refusal import Refused

PAGE, PART = "incidents/desk/similar.html", "incidents/desk/_similar.html"


@require_GET
@agent_required
def likes(request: SignedInRequest, reference: str) -> HttpResponse:
    """Beside the incident; a page of its own where there is no script."""
    return page_or_partial(request, PAGE, PART, _context(request, find(request, reference), view_of(request.GET)))


@require_POST
@agent_required
def pair(request: SignedInRequest, reference: str, other: str) -> HttpResponse:
    """They belong together, or they do not."""
    incident = find(request, reference)
    counterpart = get_object_or_404(Incident.objects.visible_to(request.user), reference=other)
    verdict, refusal = request.POST.get("verdict", ""), ""
    try:
        if verdict not in Pairing.Verdict.values:
            raise Refused(_("Please say whether they belong together."))
        similar.pair(incident, by=request.user, other=counterpart, verdict=verdict)
    except Refused as refused:
        refusal = str(refused.sentence)
    if not wants_fragment(request):
        if refusal:
            messages.error(request, refusal)
        return redirect("incidents:desk_similar", reference=reference)
    context = _context(request, incident, view_of(request.POST)) | {"refusal": refusal}
    answer = render(request, PART, context, status=422 if refusal else 200)
    related = verdict == Pairing.Verdict.RELATED and not refusal
    return trigger(answer, CHANGED) if related else answer


@require_GET
@agent_required
def burst_list(request: SignedInRequest) -> HttpResponse:
    """The bursts somebody has to decide about, above the queue."""
    context = {"bursts": bursts.to_decide(request.user)}
    return page_or_partial(request, "incidents/desk/bursts.html", "incidents/desk/_bursts.html", context)


@require_POST
@agent_required
def dismiss(request: SignedInRequest, burst: int) -> HttpResponse:
    """It is no major incident."""
    found = get_object_or_404(Burst.objects.visible_to(request.user).select_related("first"), pk=burst)
    bursts.dismiss(found, by=request.user)
    if wants_fragment(request):
        context = {"bursts": bursts.to_decide(request.user)}
        return trigger(render(request, "incidents/desk/_bursts.html", context), CHANGED)
    messages.success(request, _("Good: it is not suggested again for an hour."))
    return redirect("incidents:desk_incident", reference=found.first.reference)


def _context(request: SignedInRequest, incident: Incident, view: str) -> dict[str, Any]:
    return {
        "incident": incident,
        "view": view,
        "likes": similar.like(incident, request.user),
        "related": similar.related(incident, request.user),
        "burst": bursts.suggestion(incident),
        "majors": family.open_majors(incident).visible_to(request.user).order_by("opened_at")[:3],
    }
