"""Taking over customers, people and services from files: upload, what it would do, the decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers import imports
from customers.forms.imports import ImportForm
from customers.import_rows import COLUMNS, NEEDED
from customers.models import Import
from customers.permissions import SignedInRequest, admin_required
from itsm.htmx import page_or_partial
from itsm.refusal import Refused

POLL_SECONDS = 2
MOST_SHOWN = 20
WORKING = (Import.State.CHECKING, Import.State.IMPORTING)


@require_http_methods(["GET", "POST"])
@admin_required
def import_list(request: SignedInRequest) -> HttpResponse:
    """What was taken over lately, and the form for the next file."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = imports.upload(by=request.user, kind=form.cleaned_data["kind"], name=file.name, content=file.read())
            return redirect("customers:import", pk=job.pk)
        except Refused as refused:
            form.add_error("file", refused.sentence)
    lately = Import.objects.visible_to(request.user).defer("content", "errors").select_related("by")
    context = {
        "form": form,
        "jobs": lately.order_by("-pk")[:MOST_SHOWN],
        "kinds": [(kind.label, [(name, name in NEEDED[kind]) for name in COLUMNS[kind]]) for kind in Import.Kind],
    }
    return render(request, "customers/desk/imports/list.html", context, status=422 if form.errors else 200)


@require_GET
@admin_required
def import_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far it is, what is wrong, what it would do or did; for htmx without the frame."""
    visible = Import.objects.visible_to(request.user).defer("content").select_related("by")
    found = get_object_or_404(visible, pk=pk)
    done = imports.progress(found)
    context: dict[str, Any] = {
        "job": found,
        "is_working": found.state in WORKING,
        "done": done,
        "percent": 100 * done // found.rows_total if found.rows_total else 0,
        "columns": list(found.examples[0]) if found.examples else [],
        "examples": [list(row.values()) for row in found.examples],
        "poll_seconds": POLL_SECONDS,
    }
    return page_or_partial(request, "customers/desk/imports/job.html", "customers/desk/imports/_import.html", context)


@require_POST
@admin_required
def decide_import(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user).defer("content"), pk=pk)
    try:
        imports.decide(found, take_over=request.POST.get("decision") == "take_over")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("customers:import", pk=pk)
