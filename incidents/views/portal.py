"""What a customer's person sees when signed in: the one box, their reports, and each report's page."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from customers import policy
from customers.models import Customer
from customers.permissions import SignedInRequest, customer_required
from customers.standing import waits_for
from incidents import conversation, intake, lifecycle, queries, surveys, ways
from incidents.forms.portal import CallBackForm, ReportForm
from incidents.models import Incident
from incidents.views.following import Visit, act, show
from itsm import moment
from itsm.refusal import Refused

# Whoever has to sign in while sending comes back here with a GET: then the page with the form is shown again.
SENT = require_http_methods(["GET", "POST"])
MOST_OPEN, MOST_OVER = 50, 10  # how many of a kind the first page lists


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """The first page after the log-in: for customers the portal, for everybody else their own side of the house."""
    user = request.user
    if user.is_agent:
        return redirect("incidents:desk_queue")
    if not user.customer:
        return redirect("customers:levels")
    return _home(request, Box(request))


class Box:
    """What one can send from the first page, as the customer's policy offers it; what was sent, where it was."""

    def __init__(
        self, request: SignedInRequest, *, report: tuple[Any, ...] = (), call_back: tuple[Any, ...] = ()
    ) -> None:
        self.customer, person = _customer(request), request.user
        self.knobs = policy.merged(policy.layers(self.customer))
        self.report = ReportForm(*report, customer=self.customer, person=person, knobs=self.knobs)
        self.call_back = CallBackForm(*call_back, person=person, auto_id="call_back-%s")


def _home(request: SignedInRequest, box: Box, status: int = 200) -> HttpResponse:
    user, now = request.user, moment.now()
    context: dict[str, Any] = {
        "form": box.report,
        "call_back": box.call_back,
        "ways": ways.offered(box.knobs["channels"], box.customer),
        "greeting": greeting(timezone.localtime(now).hour),
        "chose_photo": bool(request.FILES),
        "waits": waits_for(user),
        "known": queries.known_majors(user, now),
        "asked": [survey for survey in surveys.open_for(user, now) if not survey.answered_at],
    }
    for name, mine in (("own", True), ("others", False)):
        context[name] = queries.reports(user, now, mine=mine, is_open=True, limit=MOST_OPEN)
        context[f"{name}_over"] = queries.reports(user, now, mine=mine, is_open=False, limit=MOST_OVER)
    return render(request, "incidents/portal/home.html", context, status=status)


def greeting(hour: int) -> str:
    if 4 <= hour < 12:
        return _("Good morning.")
    return _("Good afternoon.") if 12 <= hour < 18 else _("Good evening.")


@SENT
@customer_required
def report(request: SignedInRequest) -> HttpResponse:
    """One sentence becomes an incident; a photo that cannot be kept does not stop it."""
    if request.method != "POST":
        return redirect("incidents:portal_home")
    box = Box(request, report=(request.POST, request.FILES))
    form = box.report
    if set(form.errors) - {"photo"}:
        return _home(request, box, status=422)
    said = form.cleaned_data
    try:
        incident = lifecycle.open_incident(
            by=request.user,
            reporter=request.user,
            text=said["text"],
            service=said["service"],
            details=form.details(),
            client_token=said["client_token"],
        )
    except Refused as refused:
        form.add_error("text", refused.sentence)
        return _home(request, box, status=refused.status)
    _keep_photo(request, incident, form)
    return _sent(incident)


def _sent(incident: Incident) -> HttpResponse:
    address = reverse("incidents:portal_incident", kwargs={"reference": incident.reference})
    return redirect(f"{address}?sent=1")


@SENT
@customer_required
def call_me(request: SignedInRequest) -> HttpResponse:
    """Whoever would rather be called: a report by phone that has yet to happen, and its first answer is the call."""
    if request.method != "POST":
        return redirect("incidents:portal_home")
    box = Box(request, call_back=(request.POST,))
    form = box.call_back
    if form.errors:
        return _home(request, box, status=422)
    said = form.cleaned_data
    try:
        incident = lifecycle.open_incident(
            by=request.user,
            reporter=request.user,
            text=said["text"] or intake.please_call(),
            origin=Incident.Origin.PHONE,
            call_back=form.wish(),
            client_token=said["client_token"],
        )
    except Refused as refused:
        form.add_error("text", refused.sentence)
        return _home(request, box, status=refused.status)
    return _sent(incident)


def _customer(request: SignedInRequest) -> Customer:
    customer = request.user.customer
    assert customer is not None  # the database holds it for everybody on the customer's side
    return customer


def _keep_photo(request: SignedInRequest, incident: Incident, form: ReportForm) -> None:
    """Who cannot work is not asked to repair a photo first: the report is in, the photo can follow."""
    photo: UploadedFile | None = form.cleaned_data.get("photo")
    sentence = " ".join(str(error) for error in form.errors.get("photo", []))
    if photo and not incident.attachments.exists():  # the same form again brings the same photo again
        try:
            conversation.attach(incident, by=request.user, upload=photo)
        except Refused as refused:
            sentence = refused.sentence
    if sentence:
        messages.warning(request, _("Your report is in. The photo could not be kept: %s") % sentence)


def _visit(request: SignedInRequest, reference: str) -> Visit:
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    return Visit(incident, request.user)


@require_GET
@customer_required
def incident(request: SignedInRequest, reference: str) -> HttpResponse:
    return show(request, _visit(request, reference))


@SENT
@customer_required
def add(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "add")


@SENT
@customer_required
def attach(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "attach")


@SENT
@customer_required
def tell(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "tell")


@SENT
@customer_required
def call_back(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "call_back")


@SENT
@customer_required
def choose_time(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "choose_time")


@SENT
@customer_required
def still_broken(request: SignedInRequest, reference: str) -> HttpResponse:
    return act(request, _visit(request, reference), "still_broken")
