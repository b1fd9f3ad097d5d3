"""Whom the next update of an incident reaches, read off the table that sends it."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from customers.models import User
from customers.permissions import agent_required
from incidents.models import Incident
from itsm.htmx import page_or_partial
from notifications import stakeholders

NAMED = 5  # of each group; of the rest it says how many


@require_safe
@agent_required
def incident_audience(request: HttpRequest, reference: str) -> HttpResponse:
    rows = Incident.objects.visible_to(cast(User, request.user)).select_related("customer", "policy", "service")
    incident = get_object_or_404(rows.select_related("reporter__customer", "owner", "team"), reference=reference)
    context = {"incident": incident, "named": NAMED, **stakeholders.of(incident)}
    return page_or_partial(request, "notifications/desk/audience.html", "notifications/desk/_audience.html", context)
