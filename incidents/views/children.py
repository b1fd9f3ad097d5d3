"""Reports that belong to a major incident: the desk's panel, and "I have this too" in the portal."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from customers.permissions import SignedInRequest, agent_required, customer_required
from incidents import children, clocks, family
from incidents.forms.joining import ReportForm
from incidents.models import Incident
from incidents.views.desk import CHANGED, done, find
from itsm.htmx import page_or_partial, trigger, wants_fragment
from itsm.refusal import Refused

# Whoever has to sign in while sending comes back here with a GET.
SENT = require_http_methods(["GET", "POST"])
PAGE, PART = "incidents/desk/children.html", "incidents/desk/_children.html"
SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def panel(request: SignedInRequest, reference: str) -> HttpResponse:
    """Of a parent its reports, counts first; of a report what it belongs to. Joining and taking off."""
    incident = find(request, reference)
    if request.method != "POST":
        return _panel(request, incident, ReportForm(agent=request.user))
    form = ReportForm(request.POST, agent=request.user)
    try:
        _act(request, incident, form)
    except Refused as refused:
        if wants_fragment(request):
            form.refuse(refused.sentence)
            return _panel(request, find(request, reference), form, status=refused.status)
        messages.error(request, refused.sentence)
    if wants_fragment(request):
        return trigger(_panel(request, find(request, reference), ReportForm(agent=request.user)), CHANGED)
    return done(request, incident)


def _act(request: SignedInRequest, incident: Incident, form: ReportForm) -> None:
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Refused(_("Please choose what to do with this report."))
    act(request, incident, form)


def _join(request: SignedInRequest, incident: Incident, form: ReportForm) -> None:
    children.attach(incident, to=form.report(), by=request.user)


def _add(request: SignedInRequest, incident: Incident, form: ReportForm) -> None:
    children.attach(form.report(), to=incident, by=request.user)


def _burst(request: SignedInRequest, incident: Incident, _form: ReportForm) -> None:
    number = children.join_burst(incident, by=request.user)
    words = ngettext("%(count)d report has joined.", "%(count)d reports have joined.", number)
    messages.success(request, words % {"count": number})


def _detach(request: SignedInRequest, incident: Incident, form: ReportForm) -> None:
    children.detach(_one_of(incident, form), by=request.user)


def _dissent(request: SignedInRequest, incident: Incident, form: ReportForm) -> None:
    children.dissent(_one_of(incident, form), by=request.user)


ACTS: dict[str, Callable[[SignedInRequest, Incident, ReportForm], None]] = {
    "join": _join, "add": _add, "burst": _burst, "detach": _detach, "dissent": _dissent,
}  # fmt: skip


def _one_of(incident: Incident, form: ReportForm) -> Incident:
    """The report that is meant: one of this parent's, or this one itself."""
    report = form.report() if form.data.get("reference") else incident
    if report.pk != incident.pk and report.parent_id != incident.pk:
        raise Refused(_("%(reference)s does not belong to this incident.") % {"reference": report.reference})
    return report


def _panel(request: SignedInRequest, incident: Incident, form: ReportForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"incident": incident, "form": form, "parent": incident.parent}
    if incident.parent:
        context["promised"] = clocks.open_promise(incident.parent)
    else:
        rows = incident.children.visible_to(request.user).select_related("reporter")
        rows = rows.exclude(status=Incident.Status.CANCELLED).order_by("-is_dissent", "-joined_at", "-pk")
        context["page"] = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
        context["counts"] = family.counts(incident)
        context["near"] = children.could_join(incident).visible_to(request.user).count()
    return page_or_partial(request, PAGE, PART, context, status=status)


@SENT
@customer_required
def i_have_this_too(request: SignedInRequest, reference: str) -> HttpResponse:
    """One click, nothing to type: a report of their own that has joined the major incident."""
    mine = Incident.objects.filter(reporter=request.user, parent__reference=reference).exclude(status__in=family.OVER)
    made = mine.order_by("-pk").first()
    if made is None:
        parent = get_object_or_404(family.known_majors(request.user), reference=reference)
        if request.method != "POST":
            return redirect("incidents:portal_home")
        try:
            made = children.report_too(parent, by=request.user)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("incidents:portal_home")
    return redirect("incidents:portal_incident", reference=made.reference)


@SENT
@customer_required
def same_trouble(request: SignedInRequest, reference: str, other: str) -> HttpResponse:
    """Whoever reported it says that it is the trouble we know of."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    parent = get_object_or_404(family.known_majors(request.user), reference=other)
    if request.method == "POST":
        try:
            children.attach(incident, to=parent, by=request.user)
        except Refused as refused:
            messages.error(request, refused.sentence)
    return redirect("incidents:portal_incident", reference=reference)
