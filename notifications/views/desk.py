"""On the desk's page of an incident: whom our words reached, and what became of each try."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import Case, Count, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from customers.models import User
from customers.permissions import agent_required
from incidents.models import Incident
from itsm.htmx import page_or_partial, wants_fragment
from notifications import addresses, sending
from notifications.models import Delivery
from notifications.wording import MEANINGS, delivery_words

FEW, PAGE = 20, 50  # lines on the incident's page, and on a page of all of them
RELATED = (
    "recipient",
    "endpoint",
    "event",
    "customer_event",
    "staff_event",
    "problem_event",
    "instead_of",
    "sent_with",
)
State = Delivery.State


@require_safe
@agent_required
def incident_panel(request: HttpRequest, reference: str) -> HttpResponse:
    return _panel(request, _incident(request, reference))


@require_POST
@agent_required
def send_again(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    incident = _incident(request, reference)
    sending.send_again(_delivery(request, incident, pk))
    return _done(request, incident)


@require_POST
@agent_required
def works_again(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The address takes our messages again, says a person who knows; so this one is sent again."""
    incident = _incident(request, reference)
    sending.works_again(_delivery(request, incident, pk), by=cast(User, request.user))
    return _done(request, incident)


def _done(request: HttpRequest, incident: Incident) -> HttpResponse:
    if not wants_fragment(request):
        return redirect("incidents:desk_incident", reference=incident.reference)
    return _panel(request, incident)


def _delivery(request: HttpRequest, incident: Incident, pk: int) -> Delivery:
    visible = Delivery.objects.visible_to(cast(User, request.user))
    return get_object_or_404(visible.select_related("recipient"), incident=incident, pk=pk)


def _incident(request: HttpRequest, reference: str) -> Incident:
    return get_object_or_404(Incident.objects.visible_to(cast(User, request.user)), reference=reference)


def _panel(request: HttpRequest, incident: Incident) -> HttpResponse:
    """What needs somebody stands first, then the newest; of many the incident's own page shows a few and sums up."""
    deliveries = Delivery.objects.visible_to(cast(User, request.user)).filter(incident=incident)
    trouble = Case(When(state__in=[State.BOUNCED, State.DEAD], then=0), default=1)
    rows = deliveries.select_related(*RELATED).prefetch_related("tries").order_by(trouble, "-pk")
    paginator = Paginator(rows, FEW if wants_fragment(request) else PAGE)
    page = paginator.get_page(request.GET.get("page"))
    shown = list(page)
    known = addresses.not_in_use(shown)
    context = {
        "incident": incident,
        "lines": [delivery_words(each, addresses.why_not_at_all(each, known)) for each in shown],
        "page": page,
        "sums": _sums(deliveries) if page.has_other_pages() else [],
        "is_part": wants_fragment(request),
    }
    return page_or_partial(
        request, "notifications/desk/deliveries.html", "notifications/desk/_deliveries.html", context
    )


def _sums(deliveries: Any) -> list[dict[str, Any]]:
    """How many there are in each state."""
    numbers = dict(deliveries.order_by().values_list("state").annotate(Count("pk")))
    return [
        {"number": numbers[state], "word": state.label, "tone": MEANINGS[state][0], "icon": MEANINGS[state][1]}
        for state in State
        if state in numbers
    ]
