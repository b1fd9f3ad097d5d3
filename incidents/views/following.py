"""The page on which a customer's person follows an incident: the same one signed in and behind a signed link."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from customers.models import Level, User
from incidents import conversation, lifecycle, queries
from incidents.forms.portal import AddForm, FollowForm, PhotoForm, StillBrokenForm
from incidents.models import Incident, IncidentEvent
from itsm import moment
from itsm.htmx import page_or_partial, wants_fragment
from itsm.refusal import Refused

FORMS: dict[str, type[FollowForm]] = {"add": AddForm, "attach": PhotoForm, "still_broken": StillBrokenForm}


@dataclass(frozen=True)
class Visit:
    """Who looks at which incident; `token` is the signed link they came by, or empty."""

    incident: Incident
    person: User
    token: str = ""

    def address(self, verb: str = "") -> str:
        end = f"_{verb}" if verb else ""
        if self.token:
            return reverse(f"incidents:tracking{end}", kwargs={"token": self.token})
        name = f"incidents:portal{end or '_incident'}"
        return reverse(name, kwargs={"reference": self.incident.reference})

    def file_address(self, event: IncidentEvent) -> str:
        if event.attachment is None:
            return ""
        file = {"file": event.attachment.token}
        if self.token:
            return reverse("incidents:tracking_file", kwargs={"token": self.token, **file})
        return reverse("incidents:file", kwargs=file)


@dataclass(frozen=True)
class Line:
    """One line of the history as this reader sees it."""

    event: IncidentEvent
    is_mine: bool
    file_address: str


@dataclass
class Page:
    """What the page is in the middle of: a form that was refused, or nothing."""

    forms: dict[str, Form] = field(default_factory=dict)
    status: int = 200


def show(request: HttpRequest, visit: Visit, page: Page | None = None) -> HttpResponse:
    """The whole page, or its one region for htmx."""
    page = page or Page()
    context = _context(visit) | {
        name: page.forms.get(name) or form(auto_id=f"{name}-%s") for name, form in FORMS.items()
    }
    context["opened"] = next(iter(page.forms), "")
    whole, region = "incidents/portal/incident.html", "incidents/portal/_incident.html"
    return page_or_partial(request, whole, region, context, status=page.status)


def _context(visit: Visit) -> dict[str, Any]:
    incident, now = visit.incident, moment.now()
    row = queries.row(queries.with_clocks(Incident.objects.filter(pk=incident.pk)).get(), now)
    lines = [
        Line(event, event.actor_id == visit.person.pk, visit.file_address(event))
        for event in queries.timeline(incident, visit.person)
    ]
    shows_restore = row.incident.customer.works_at >= Level.STRUCTURED and incident.is_down
    return {
        "incident": row.incident,
        "customer": row.incident.customer,
        "person": visit.person,
        "promise": row.promise,
        "restore": row.restore if shows_restore else None,
        "lines": lines,
        "moves": lifecycle.allowed_moves(row.incident, visit.person),
        "address": {"here": visit.address()} | {verb: visit.address(verb) for verb in FORMS},
        "by_link": bool(visit.token),
    }


def act(request: HttpRequest, visit: Visit, verb: str) -> HttpResponse:
    """Sends one of the page's forms; a refusal comes back with everything that was typed."""
    form = FORMS[verb](request.POST, request.FILES, auto_id=f"{verb}-%s")
    status = 422
    if form.is_valid():
        try:
            _VERBS[verb](visit, form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
        else:
            return _fresh(request, visit)
    visit.incident.refresh_from_db()
    return show(request, visit, Page({verb: form}, status))


def _fresh(request: HttpRequest, visit: Visit) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(visit.address())
    visit.incident.refresh_from_db()
    return show(request, visit)


def _add(visit: Visit, said: dict[str, Any]) -> None:
    conversation.add(visit.incident, by=visit.person, text=said["text"], client_token=said["client_token"])


def _attach(visit: Visit, said: dict[str, Any]) -> None:
    conversation.attach(visit.incident, by=visit.person, upload=said["file"])


def _still_broken(visit: Visit, said: dict[str, Any]) -> None:
    lifecycle.still_broken(visit.incident, by=visit.person, text=said["text"], client_token=said["client_token"])


_VERBS: dict[str, Callable[[Visit, dict[str, Any]], None]] = {
    "add": _add,
    "attach": _attach,
    "still_broken": _still_broken,
}
