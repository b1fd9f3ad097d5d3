"""What an agent sees of problems."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from customers.permissions import SignedInRequest, agent_required
from incidents.models import Incident
from problems import queries
from problems.models import Problem


@require_GET
@agent_required
def problems(request: SignedInRequest) -> HttpResponse:
    return render(request, "problems/desk/list.html", {"problems": queries.problem_list(request.user)})


@require_GET
@agent_required
def problem(request: SignedInRequest, reference: str) -> HttpResponse:
    visible = Problem.objects.visible_to(request.user).select_related("customer", "owner")
    found = get_object_or_404(visible, reference=reference)
    context = {
        "problem": found,
        "incidents": found.incidents.visible_to(request.user).order_by("-opened_at"),
        "events": found.events.order_by("-occurred_at", "-pk"),
    }
    return render(request, "problems/desk/problem.html", context)


@require_GET
@agent_required
def incident_panel(request: SignedInRequest, reference: str) -> HttpResponse:
    """The place on an incident's page where its causes are spoken of; fetched by URL, because floors above may not."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    context = {"incident": incident, "problems": incident.problems.visible_to(request.user).order_by("pk")}
    return render(request, "problems/desk/_problems.html", context)
