"""Reviews at the desk, and the reports that a customer's contacts read."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.permissions import SignedInRequest, agent_required, contact_required
from itsm.refusal import Refused
from problems import moves, pdf, report_words, reviews
from problems.forms.holding import HoldForm
from problems.forms.reviews import ReleaseForm, ReviewForm
from problems.models import Problem, Report, Review
from problems.views.desk import find

MOST_REPORTS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def review(request: SignedInRequest, reference: str) -> HttpResponse:
    """The review; a POST with `begin` makes the draft, one with the sections keeps them."""
    problem = find(request, reference)
    if request.method != "POST":
        return _page(request, problem)
    if "begin" in request.POST or "draft" in request.POST or "finish" in request.POST:
        return _button(request, problem)
    found = get_object_or_404(Review.objects.visible_to(request.user), problem=problem)
    form = ReviewForm(request.POST, review=found, depth=problem.review_depth)
    if not form.is_valid():
        return _page(request, problem, form=form, status=422)
    try:
        reviews.write(problem, by=request.user, words=form.said(), expected_version=form.cleaned_data["version"])
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, problem, form=_at_present(form, found), status=refused.status)
    messages.success(request, _("Kept."))
    return redirect("problems:review", reference=reference)


def _button(request: SignedInRequest, problem: Problem) -> HttpResponse:
    try:
        if "begin" in request.POST:
            reviews.begin(problem, by=request.user)
            messages.success(request, _("There is a draft, made from the timeline."))
        elif "draft" in request.POST:
            reviews.draft_again(problem, by=request.user)
            messages.success(request, _("The report is drafted anew from the timeline."))
        else:
            reviews.finish(problem, by=request.user)
            messages.success(request, _("The review is done."))
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, problem, status=refused.status)
    return redirect("problems:review", reference=problem.reference)


@require_POST
@agent_required
def release(request: SignedInRequest, reference: str) -> HttpResponse:
    problem = find(request, reference)
    found = get_object_or_404(Review.objects.visible_to(request.user), problem=problem)
    form = ReleaseForm(request.POST, review=found)
    if not form.is_valid():
        return _page(request, problem, release=form, status=422)
    said = form.cleaned_data
    try:
        reviews.release(
            problem, by=request.user, text=said["text"], is_preliminary=said["is_preliminary"],
            expected_version=said["version"],
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, problem, release=_at_present(form, found), status=refused.status)
    messages.success(request, _("Released. The customer's contacts are told."))
    return redirect("problems:review", reference=reference)


def _at_present(form: Any, found: Review) -> Any:
    """The same words, against what stands there now: pressing again keeps them."""
    found.refresh_from_db()
    form.data = form.data.copy()
    form.data["version"] = str(found.version)
    return form


def _page(
    request: SignedInRequest, problem: Problem, *, form: Any = None, release: Any = None, status: int = 200
) -> HttpResponse:
    problem = find(request, problem.reference)
    found = Review.objects.filter(problem=problem).first()
    context = {
        "problem": problem,
        "review": found,
        "reports": problem.reports.select_related("released_by").order_by("-number"),
        "refusal": moves.why_not(problem, "review"),
        "may_release": reviews.may_release(problem, request.user),
        "forms": {"hold": HoldForm(problem=problem, user=request.user, prefix_id="hold")} if problem.is_parked else {},
        "form": form or (found and ReviewForm(review=found, depth=problem.review_depth)),
        "release": release or (found and ReleaseForm(review=found, title=problem.title)),
    }
    return render(request, "problems/desk/review.html", context, status=status)


@require_GET
@contact_required
def reports(request: SignedInRequest) -> HttpResponse:
    """All that was released for one's organisation, the latest first."""
    mine = Report.objects.visible_to(request.user).select_related("problem").order_by("-released_at", "-pk")
    return render(request, "problems/portal/reports.html", {"reports": mine[:MOST_REPORTS]})


def _found(request: SignedInRequest, report: int) -> Report:
    visible = Report.objects.visible_to(request.user).select_related("customer", "problem")
    return get_object_or_404(visible, pk=report)


@require_GET
@contact_required
def report(request: SignedInRequest, report: int) -> HttpResponse:
    found = _found(request, report)
    context = {"report": found, "lines": report_words.report_lines(found)}
    return render(request, "problems/portal/report.html", context)


@require_GET
def report_pdf(request: SignedInRequest, report: int) -> HttpResponse:
    """For the customer's contacts, and for the desk that wrote it."""
    found = _found(request, report)
    answer = HttpResponse(pdf.render(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="report-{found.problem.reference}-{found.number}.pdf"'
    return answer
