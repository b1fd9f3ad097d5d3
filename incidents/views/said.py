"""What people answered when they were asked how it went: to each agent their own, to leads and managers the trend."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from customers.permissions import SignedInRequest, agent_required, lead_required
from incidents import satisfaction
from incidents.forms.dashboard import WantedForm
from incidents.models import Survey
from incidents.views.dashboard import PAGE, ROWS_AT_ONCE, list_context, page_of, refused, wants_csv
from itsm import moment
from itsm.sheets import csv_response

COLUMNS = ("reference", "title", "customer", "answered_at", "by", "satisfaction", "ease", "lost_min", "comment")


@require_GET
@agent_required
def own(request: SignedInRequest) -> HttpResponse:
    """About the incidents one has or had last."""
    page = Paginator(satisfaction.own(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "incidents/desk/said.html", {"page": page})


@require_GET
@lead_required
def trend(request: SignedInRequest) -> HttpResponseBase:
    """By customer and month, and the answers one by one; with `format=csv` those for a spreadsheet."""
    form, at = WantedForm(request.GET, user=request.user), moment.now()
    if not form.is_valid():
        return refused(request, form)
    rows = satisfaction.in_list_order(satisfaction.answers(request.user, form.wanted, at))
    if wants_csv(request):
        return csv_response("surveys", COLUMNS, _cells(rows))
    months, lines = satisfaction.by_month(request.user, form.wanted, at)
    context = list_context(request, form, page_of(request, rows)) | {
        "said": satisfaction.said(request.user, form.wanted, at),
        "months": months,
        "lines": lines,
        "too_few": satisfaction.TOO_FEW,
    }
    return render(request, "incidents/dashboard/surveys.html", context)


def _cells(rows: QuerySet[Survey]) -> Iterator[tuple[Any, ...]]:
    for survey in rows.iterator(ROWS_AT_ONCE):
        incident = survey.incident
        yield (
            incident.reference, incident.title, incident.customer.name, survey.answered_at, survey.answered_by,
            survey.satisfaction, survey.ease, survey.lost_min, survey.comment,
        )  # fmt: skip
