"""What an agent sees of problems: the list, one of them, and their places on other pages."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from customers.models import User
from customers.permissions import SignedInRequest, agent_required
from incidents.models import Incident, ParkedNote
from itsm import moment
from itsm.htmx import page_or_partial, trigger, wants_fragment
from problems import moves, queries
from problems.forms import verbs as shapes
from problems.forms.holding import HoldForm, NewProblemForm
from problems.models import Problem

CHANGED = "problem-changed"
MOST_CARDS = 20  # that are offered to become a problem
# The forms that a problem's page holds, by verb; each is there only where its verb is allowed.
FORMS: dict[str, type[shapes.ProblemForm]] = {
    "dismiss": shapes.DismissForm,
    "assign": shapes.AssignForm,
    "know": shapes.KnowForm,
    "resolve": shapes.ResolveForm,
    "close": shapes.CloseForm,
    "reopen": shapes.ReopenForm,
    "link": shapes.LinkForm,
    "merge": shapes.MergeForm,
    "worksheet": shapes.WorksheetForm,
    "find": shapes.FindForm,
    "hold": HoldForm,
    "add_action": shapes.ActionForm,
}


@dataclass(frozen=True)
class Doing:
    """What somebody is at on the page: a refused form with its words, or the question which problem waits."""

    verb: str = ""
    form: Any = None
    action: int = 0  # of the problem, where the form is about one
    too_many: User | None = None
    status: int = 200
    was_done: bool = False


@require_GET
@agent_required
def problems(request: SignedInRequest) -> HttpResponse:
    view = request.GET.get("view", "")
    view = view if view in queries.VIEWS else "open"
    context = {"listed": queries.problem_list(request.user, view, moment.now()), "view": view, "most": queries.SHOWN}
    return render(request, "problems/desk/list.html", context)


@require_GET
@agent_required
def problem(request: SignedInRequest, reference: str) -> HttpResponse:
    found = find(request, reference)
    code = request.GET.get("close", "")
    if code not in dict(shapes.CLOSING) or moves.why_not(found, "close"):
        return show(request, found)
    # A link in a letter answers nothing by itself: it opens the form with the answer in it.
    form = shapes.CloseForm(problem=found, user=request.user, prefix_id="close", initial={"code": code})
    return show(request, found, Doing("close", form))


def find(request: SignedInRequest, reference: str) -> Problem:
    visible = Problem.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("customer", "owner", "opened_by", "merged_into"), reference=reference
    )


def show(request: SignedInRequest, problem: Problem, doing: Doing | None = None) -> HttpResponse:
    """The problem as it is now, whole or as the fragment that was asked for."""
    doing = doing or Doing()
    context = _context(request, problem, doing)
    if not wants_fragment(request):
        return render(request, "problems/desk/problem.html", context, status=doing.status)
    html = render_to_string("problems/desk/_problem.html", context, request)
    html += render_to_string("components/_messages.html", {"oob": True}, request)
    answer = HttpResponse(html, status=doing.status)
    return trigger(answer, CHANGED) if doing.was_done else answer


def done(request: SignedInRequest, reference: str) -> HttpResponse:
    """After a verb: the fresh fragment, or back to the page."""
    if wants_fragment(request):
        return show(request, find(request, reference), Doing(was_done=True))
    return redirect("problems:desk_problem", reference=reference)


def _context(request: SignedInRequest, problem: Problem, doing: Doing) -> dict[str, Any]:
    dossier = queries.dossier(problem, request.user)
    refused = doing.verb if doing.form and not doing.action else ""
    forms: dict[str, Any] = {
        verb: doing.form if verb == refused else shape(problem=problem, user=request.user, prefix_id=verb)
        for verb, shape in FORMS.items()
        if not dossier.moves[verb] or verb == doing.verb
    }
    context: dict[str, Any] = {"problem": problem, "dossier": dossier, "forms": forms, "doing": doing}
    if "link" in forms:
        context["linkable"] = queries.linkable(problem, request.user)[: queries.OPEN_CHOICES]
    if "merge" in forms:
        context["mergeable"] = queries.mergeable(problem, request.user)[: queries.OPEN_CHOICES]
    if "add_action" in forms:
        context["owners"] = list(forms["add_action"].fields["owner"].queryset)
    if doing.too_many:
        context["in_hand"] = queries.in_hand(doing.too_many, request.user, besides=problem)
    return context


@require_GET
@agent_required
def incident_panel(request: SignedInRequest, reference: str) -> HttpResponse:
    """The place on an incident's page where its causes are spoken of; fetched by URL, because floors above may not."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    return panel(request, incident)


def panel(
    request: SignedInRequest, incident: Incident, form: NewProblemForm | None = None, status: int = 200
) -> HttpResponse:
    """As a fragment in the incident's page, and as a page of its own for whoever has no scripts."""
    problems = list(incident.problems.visible_to(request.user).order_by("pk"))
    may_propose = not any(not problem.is_over for problem in problems)
    context: dict[str, Any] = {"incident": incident, "problems": problems, "may_propose": may_propose}
    if may_propose and incident.is_down:
        context["form"] = form or NewProblemForm(incident=incident)
    elif may_propose:
        notes = ParkedNote.objects.about(incident).exclude(status=ParkedNote.Status.RULED_OUT)
        context["cards"] = notes.order_by("pk")[:MOST_CARDS]
    page, fragment = "problems/desk/incident.html", "problems/desk/_problems.html"
    return page_or_partial(request, page, fragment, context, status)


@require_GET
@agent_required
def queue_strip(request: SignedInRequest) -> HttpResponse:
    """What of one's own problems asks for something, above the queue."""
    waiting = queries.waiting_for(request.user, moment.now())
    return render(request, "problems/desk/_waiting.html", {"waiting": waiting if any(waiting.values()) else None})
