"""Changing when somebody works: the form, what it would do to open clocks, and the decision."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers import calendars
from customers.forms.calendar import CalendarForm
from customers.models import Calendar, Customer, User
from customers.permissions import SignedInRequest, lead_required
from customers.working_hours import HoursError
from incidents import recalculation
from incidents.forms.clocks import DecisionForm
from incidents.models import Clock, Recalculation
from itsm import moment
from itsm.htmx import page_or_partial
from itsm.refusal import Refused

POLL_SECONDS = 2
A_YEAR = timedelta(days=365)


@require_GET
@lead_required
def calendar_list(request: SignedInRequest) -> HttpResponse:
    """The calendars one may decide about, the customers whose agreement may be applied, and what was decided lately."""
    context = {
        "calendars": Calendar.objects.visible_to(request.user).prefetch_related("customer_set").order_by("name"),
        "customers": Customer.objects.visible_to(request.user).order_by("name"),
        "jobs": Recalculation.objects.visible_to(request.user)
        .select_related("calendar", "customer", "by")
        .order_by("-pk")[:20],
    }
    return render(request, "incidents/desk/calendars/list.html", context)


@require_http_methods(["GET", "POST"])
@lead_required
def calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form; sent, it changes nothing yet but computes what it would do."""
    found = get_object_or_404(Calendar.objects.visible_to(request.user), pk=pk)
    form = CalendarForm(request.POST or None, request.FILES or None, calendar=found)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.cleaned_data["version"] != found.version:
            form.add_error(
                None, _("Meanwhile somebody else changed this calendar. What you wrote is kept; please compare.")
            )
            status = 409
        elif form.is_valid() and (job := _proposed(form, found, request.user)):
            return redirect("incidents:desk_recalculation", pk=job.pk)
    today = moment.now().date()
    context = {
        "form": form,
        "calendar": found,
        "is_stale": status == 409,
        "written": CalendarForm(calendar=found),
        "closed": calendars.closed_days(found, today, today + A_YEAR),
    }
    return render(request, "incidents/desk/calendars/calendar.html", context, status=status)


def _proposed(form: CalendarForm, found: Calendar, by: User) -> Recalculation | None:
    """The preview, or None with the reason on the form."""
    try:
        return recalculation.propose_calendar(found, form.proposal, by=by, expected_version=found.version)
    except HoursError as error:
        form.refuse(error)
        return None


@require_POST
@lead_required
def apply_agreement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Computes what today's agreement would do to the customer's open incidents."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    job = recalculation.propose_agreement(customer, by=request.user)
    return redirect("incidents:desk_recalculation", pk=job.pk)


@require_GET
@lead_required
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far it is, what it would do or has done; for htmx without the frame, until there is something to decide."""
    found = _find(request, pk)
    whole, part = "incidents/desk/calendars/job.html", "incidents/desk/calendars/_job.html"
    return page_or_partial(request, whole, part, _context(found))


@require_POST
@lead_required
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return render(request, "incidents/desk/calendars/job.html", _context(found) | {"decision": form}, status=422)
    try:
        apply = request.POST.get("decision") == "apply"
        recalculation.decide(found, by=request.user, apply=apply, waive_reason=form.cleaned_data["waive_reason"])
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("incidents:desk_recalculation", pk=pk)


def _find(request: SignedInRequest, pk: int) -> Recalculation:
    visible = Recalculation.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("calendar", "customer", "by", "decided_by"), pk=pk)


def _context(found: Recalculation) -> dict[str, Any]:
    return {
        "job": found,
        "is_working": found.state in (Recalculation.State.PREVIEWING, Recalculation.State.APPLYING),
        "examples": [
            example
            | {
                "kind": Clock.Kind(example["clock"]).label,
                "before": parse_datetime(example["before"] or ""),
                "after": parse_datetime(example["after"] or ""),
            }
            for example in found.examples
            if "clock" in example
        ],
        "unreadable": [example["reference"] for example in found.examples if "clock" not in example],
        "decision": DecisionForm(),
        "poll_seconds": POLL_SECONDS,
    }
