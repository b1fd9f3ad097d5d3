"""On the desk's page of an incident: whom our words reached."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from customers.models import User
from customers.permissions import agent_required
from incidents.models import Incident
from itsm.htmx import page_or_partial, wants_fragment
from notifications import sending
from notifications.models import Delivery
from notifications.wording import delivery_words


@require_safe
@agent_required
def incident_panel(request: HttpRequest, reference: str) -> HttpResponse:
    return _panel(request, _incident(request, reference))


@require_POST
@agent_required
def send_again(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    incident = _incident(request, reference)
    visible = Delivery.objects.visible_to(cast(User, request.user))
    sending.send_again(get_object_or_404(visible.select_related("recipient"), incident=incident, pk=pk))
    if not wants_fragment(request):
        return redirect("incidents:desk_incident", reference=reference)
    return _panel(request, incident)


def _incident(request: HttpRequest, reference: str) -> Incident:
    return get_object_or_404(Incident.objects.visible_to(cast(User, request.user)), reference=reference)


def _panel(request: HttpRequest, incident: Incident) -> HttpResponse:
    deliveries = Delivery.objects.visible_to(cast(User, request.user)).filter(incident=incident)
    newest = deliveries.select_related("recipient").order_by("-pk")
    context = {"incident": incident, "lines": [delivery_words(delivery) for delivery in newest]}
    return page_or_partial(
        request, "notifications/desk/deliveries.html", "notifications/desk/_deliveries.html", context
    )
