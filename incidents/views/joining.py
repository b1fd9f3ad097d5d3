"""Being told of what somebody else reported: the buttons in the portal, and the desk's list of whom it hits."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from customers.permissions import SignedInRequest, agent_required, customer_required
from incidents import following, queries
from incidents.forms.joining import FollowerForm
from incidents.models import Follow, Incident
from itsm.htmx import page_or_partial, trigger, wants_fragment
from itsm.refusal import Refused

# Whoever has to sign in while sending comes back here with a GET.
SENT = require_http_methods(["GET", "POST"])
CHANGED = "followers-changed"


def _incident(request: SignedInRequest, reference: str) -> Incident:
    visible = queries.with_people(Incident.objects.visible_to(request.user))
    return get_object_or_404(visible, reference=reference)


@SENT
@customer_required
def join(request: SignedInRequest, reference: str) -> HttpResponse:
    incident = _incident(request, reference)
    if request.method == "POST":
        try:
            following.join(incident, by=request.user, why=request.POST.get("why", ""))
        except Refused as refused:
            messages.error(request, refused.sentence)
    return redirect("incidents:portal_incident", reference=reference)


@SENT
@customer_required
def leave(request: SignedInRequest, reference: str) -> HttpResponse:
    """Who saw it only because they followed it goes on at home."""
    incident = _incident(request, reference)
    if request.method == "POST" and following.leave(incident, by=request.user):
        messages.success(request, _("You get no more news about %(reference)s.") % {"reference": reference})
    if not Incident.objects.visible_to(request.user).filter(pk=incident.pk).exists():
        return redirect("incidents:portal_home")
    return redirect("incidents:portal_incident", reference=reference)


@SENT
@customer_required
def how_often(request: SignedInRequest, reference: str) -> HttpResponse:
    incident = _incident(request, reference)
    if request.method == "POST":
        try:
            following.how_often(incident, by=request.user, mode=request.POST.get("mode", ""))
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, _("Kept."))
    return redirect("incidents:portal_incident", reference=reference)


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def followers(request: SignedInRequest, reference: str) -> HttpResponse:
    """Whom it hits and who follows; somebody of the same customer can be added."""
    incident = _incident(request, reference)
    if request.method != "POST":
        return _panel(request, incident, FollowerForm(agent=request.user, incident=incident))
    form = FollowerForm(request.POST, agent=request.user, incident=incident)
    if not form.is_valid():
        return _panel(request, incident, form, status=422)
    try:
        following.join(incident, by=request.user, person=form.person, why=form.cleaned_data["why"])
    except Refused as refused:
        form.add_error("who", refused.sentence)
        return _panel(request, incident, form, status=refused.status)
    return _done(request, incident)


@require_POST
@agent_required
def end(request: SignedInRequest, reference: str, follow: int) -> HttpResponse:
    incident = _incident(request, reference)
    rows = Follow.objects.visible_to(request.user).select_related("person")
    ended = get_object_or_404(rows, incident=incident, pk=follow)
    following.leave(incident, by=request.user, person=ended.person)
    return _done(request, incident)


def _done(request: SignedInRequest, incident: Incident) -> HttpResponse:
    if not wants_fragment(request):
        return redirect("incidents:desk_followers", reference=incident.reference)
    return trigger(_panel(request, incident, FollowerForm(agent=request.user, incident=incident)), CHANGED)


def _panel(request: SignedInRequest, incident: Incident, form: FollowerForm, status: int = 200) -> HttpResponse:
    rows = queries.followers(incident, request.user)
    context = {
        "incident": incident,
        "form": form,
        "follows": rows,
        "hits": 1 + sum(row.why == Follow.Why.ME_TOO for row in rows),
    }
    whole, part = "incidents/desk/followers.html", "incidents/desk/_followers.html"
    return page_or_partial(request, whole, part, context, status=status)
