"""What leads and managers look at: what needs somebody now, and how well promises were kept."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from customers.permissions import SignedInRequest, lead_required
from incidents import measures, satisfaction
from incidents.forms.dashboard import ClocksForm, RestoredForm, WantedForm
from incidents.measures import in_list_order, verdict
from incidents.models import Clock, Incident
from itsm import moment
from itsm.htmx import page_or_partial
from itsm.sheets import csv_response

POLL_SECONDS = 30
PAGE = 50
ROWS_AT_ONCE = 2000
CLOCK_COLUMNS = (
    "reference", "title", "customer", "level", "priority", "promise", "verdict",
    "started_at", "due_at", "stopped_at", "missed_at",
)  # fmt: skip
RESTORED_COLUMNS = (
    "reference", "title", "customer", "level", "priority", "status", "opened_at", "restored_at", "restored_by",
    "seconds_waited", "came_back",
)  # fmt: skip


@require_GET
@lead_required
def now(request: SignedInRequest) -> HttpResponse:
    """Breach risk now and what was kept; for htmx the same without its frame, twice a minute."""
    form, at = WantedForm(request.GET, user=request.user), moment.now()
    if not form.is_valid():
        return refused(request, form)
    wanted = form.wanted
    context = {
        "form": form,
        "wanted": wanted,
        "at": at,
        "filters": _filters(request, form),
        "risks": measures.risks(request.user, wanted, at),
        "kept": measures.attainment(request.user, wanted, at),
        "felt": measures.felt(request.user, wanted, at),
        "said": satisfaction.said(request.user, wanted, at),
        "kinds": Clock.JUDGED,
        "poll_seconds": POLL_SECONDS,
    }
    return page_or_partial(request, "incidents/dashboard/now.html", "incidents/dashboard/_now.html", context)


@require_GET
@lead_required
def clocks(request: SignedInRequest) -> HttpResponseBase:
    """The clocks a figure is counted from; with `format=csv` all of them, for a spreadsheet."""
    form = ClocksForm(request.GET, user=request.user)
    if not form.is_valid():
        return refused(request, form)
    rows = in_list_order(measures.clocks(request.user, form.wanted, moment.now()))
    if wants_csv(request):
        return csv_response("promises", CLOCK_COLUMNS, _clock_cells(rows))
    page = page_of(request, rows)
    for clock in page:
        clock.verdict = verdict(clock)
    return render(request, "incidents/dashboard/clocks.html", list_context(request, form, page))


@require_GET
@lead_required
def restored(request: SignedInRequest) -> HttpResponseBase:
    """The incidents behind what people felt: how long each took, and which came back."""
    form = RestoredForm(request.GET, user=request.user)
    if not form.is_valid():
        return refused(request, form)
    found = measures.restored(request.user, form.wanted, moment.now())
    rows = found.select_related("customer", "policy").order_by("-opened_at", "-pk")
    if wants_csv(request):
        return csv_response("restored", RESTORED_COLUMNS, _restored_cells(rows))
    return render(request, "incidents/dashboard/restored.html", list_context(request, form, page_of(request, rows)))


def refused(request: HttpRequest, form: WantedForm) -> HttpResponse:
    """A filter that cannot be read."""
    return render(request, "incidents/dashboard/refused.html", {"form": form}, status=400)


def list_context(request: HttpRequest, form: WantedForm, page: Any) -> dict[str, Any]:
    """What the head and the foot of each list behind a figure need."""
    return {"form": form, "wanted": form.wanted, "page": page, "filters": _filters(request, form)}


def _filters(request: HttpRequest, form: WantedForm) -> str:
    """The filters in force, as the part of an address that other lists go on with."""
    return urlencode([(name, request.GET[name]) for name in form.fields if request.GET.get(name)])


def wants_csv(request: HttpRequest) -> bool:
    """The same list for a spreadsheet."""
    return request.GET.get("format") == "csv"


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Any:
    """The page of a list that the address asks for."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def _clock_cells(rows: QuerySet[Clock]) -> Iterator[tuple[Any, ...]]:
    for clock in rows.iterator(ROWS_AT_ONCE):
        incident = clock.incident
        yield (
            incident.reference, incident.title, clock.customer.name, clock.level, f"P{clock.priority}", clock.kind,
            verdict(clock), clock.started_at, clock.due_at, clock.stopped_at, clock.breached_at,
        )  # fmt: skip


def _restored_cells(rows: QuerySet[Incident]) -> Iterator[tuple[Any, ...]]:
    for incident in rows.iterator(ROWS_AT_ONCE):
        marks = vars(incident)
        yield (
            incident.reference, incident.title, incident.customer.name, incident.policy.content["level"],
            f"P{incident.priority}", incident.status, incident.opened_at, incident.restored_at, incident.restored_by,
            int(marks["took"].total_seconds()), "yes" if marks["came_back"] else "no",
        )  # fmt: skip
