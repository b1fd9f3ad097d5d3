"""What a customer's person sees when signed in: the one box, their reports, and each report's page."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.permissions import SignedInRequest, customer_required
from incidents import conversation, lifecycle, queries
from incidents.files import FileRefused
from incidents.forms.portal import TILES, ReportForm
from incidents.models import Incident
from incidents.views.following import Visit, act, show
from itsm import moment
from itsm.refusal import Refused


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """The first page after the log-in: for customers the portal, for everybody else their own side of the house."""
    user = request.user
    if user.is_agent:
        return redirect("incidents:desk_queue")
    if not user.customer:
        return redirect("admin:index")
    return _home(request, ReportForm(customer=user.customer))


def _home(request: SignedInRequest, form: ReportForm, status: int = 200) -> HttpResponse:
    user, now = request.user, moment.now()
    rows = queries.own_reports(user, now, is_open=True)
    services = form.fields["service"].queryset  # type: ignore[attr-defined]  # a ModelChoiceField has one
    context = {
        "form": form,
        "greeting": greeting(timezone.localtime(now).hour),
        "shows_services": 0 < len(services) <= TILES,
        "own": [row for row in rows if row.incident.reporter_id == user.pk],
        "others": [row for row in rows if row.incident.reporter_id != user.pk],
        "over": queries.own_reports(user, now, is_open=False, limit=10),
    }
    return render(request, "incidents/portal/home.html", context, status=status)


def greeting(hour: int) -> str:
    if hour < 12:
        return _("Good morning.")
    return _("Good afternoon.") if hour < 18 else _("Good evening.")


@require_POST
@customer_required
def report(request: SignedInRequest) -> HttpResponse:
    """One sentence becomes an incident; a photo that cannot be kept does not stop it."""
    user = request.user
    if user.customer is None:
        raise Http404
    form = ReportForm(request.POST, request.FILES, customer=user.customer)
    if not _without_photo(form):
        return _home(request, form, status=422)
    said = form.cleaned_data
    try:
        incident = lifecycle.open_incident(
            by=user, reporter=user, text=said["text"], service=said["service"], client_token=said["client_token"]
        )
    except Refused as refused:
        form.add_error("text", refused.sentence)
        return _home(request, form, status=refused.status)
    _keep_photo(request, incident, said.get("photo"))
    address = reverse("incidents:portal_incident", kwargs={"reference": incident.reference})
    return redirect(f"{address}?sent=1")


def _without_photo(form: ReportForm) -> bool:
    """Is what was said complete? What is wrong with the photo is told on the next page."""
    return form.is_valid() or set(form.errors) == {"photo"}


def _keep_photo(request: SignedInRequest, incident: Incident, photo: UploadedFile | None) -> None:
    if not request.FILES or incident.attachments.exists():
        return
    try:
        if photo is None:
            raise FileRefused(_("The file is empty or could not be read."))
        conversation.attach(incident, by=request.user, upload=photo)
    except FileRefused as refused:
        messages.warning(request, _("Your report is in. The photo could not be kept: %s") % refused.sentence)


def _visit(request: SignedInRequest, reference: str) -> Visit:
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    return Visit(incident, request.user)


@require_GET
@customer_required
def incident(request: SignedInRequest, reference: str) -> HttpResponse:
    return show(request, _visit(request, reference))


@require_POST
@customer_required
def add(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "add")


@require_POST
@customer_required
def attach(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "attach")


@require_POST
@customer_required
def still_broken(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "still_broken")
