"""The page on which a customer's person follows an incident: the same one signed in and behind a signed link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from customers import policy
from customers.models import Level, User
from incidents import asked, clocks, conversation, family, intake, lifecycle, links, priority, queries, ways
from incidents.forms.portal import (
    AddForm,
    AnswerForm,
    CallBackForm,
    ChooseTimeForm,
    FollowForm,
    PhotoForm,
    StillBrokenForm,
    TellForm,
)
from incidents.models import Follow, Incident, IncidentEvent
from itsm import moment
from itsm.htmx import page_or_partial, wants_fragment
from itsm.refusal import Refused

FORMS: dict[str, type[FollowForm]] = {
    "add": AddForm,
    "attach": PhotoForm,
    "still_broken": StillBrokenForm,
    "tell": TellForm,
    "call_back": CallBackForm,
    "choose_time": ChooseTimeForm,
}


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


def show(
    request: HttpRequest, visit: Visit, refused: tuple[str, FollowForm] | None = None, status: int = 200
) -> HttpResponse:
    """The whole page, or its one region for htmx; `refused` is the verb and the form that was not accepted."""
    opened, wrong = refused or ("", None)
    forms = {verb: _form(visit, verb) for verb in FORMS}
    context = _context(visit) | forms | ({opened: wrong} if wrong else {})
    context["opened"] = opened
    whole, region = "incidents/portal/incident.html", "incidents/portal/_incident.html"
    return page_or_partial(request, whole, region, context, status=status)


def _form(visit: Visit, verb: str, *sent: Any) -> FollowForm:
    waits = verb == "add" and visit.incident.asks_customer
    return (AnswerForm if waits else FORMS[verb])(*sent, person=visit.person, auto_id=f"{verb}-%s")


def _context(visit: Visit) -> dict[str, Any]:
    now = moment.now()
    rows = queries.with_followers(Incident.objects.filter(pk=visit.incident.pk), visit.person)
    row = queries.row(queries.with_clocks(rows).get(), now)
    incident = row.incident
    terms = policy.terms(incident.policy)  # those this incident is held to
    moves = lifecycle.allowed_moves(incident, visit.person)
    return {
        "incident": incident,
        "customer": incident.customer,
        "person": visit.person,
        "promise": row.promise,
        "restore": row.restore if terms.level >= Level.STRUCTURED and incident.is_down else None,
        "closes_at": _closes_at(incident, now),
        "chosen_at": clocks.chosen_time(incident, now),
        "lines": _lines(visit, incident),
        "belongs": family.counts(incident.parent).whole + 1 if incident.is_joined and incident.parent else 0,
        "same": _same(visit, incident),
        "moves": moves,
        "can_reopen": not moves["still_broken"],
        "asks_more": not moves["tell"] and _asks_more(incident, terms),
        "ways": ways.offered(terms.knob("channels"), incident.customer),
        "told": asked.in_words(incident.details),
        "address": {"here": visit.address()} | {verb: visit.address(verb) for verb in FORMS},
        "by_link": bool(visit.token),
        "is_mine": incident.reporter_id == visit.person.pk,
        "how_often": Follow.Mode.choices,
        "sees_numbers": visit.person.pk == incident.reporter_id or visit.person.role == User.Role.CONTACT,
    }


def _lines(visit: Visit, incident: Incident) -> list[Line]:
    """Its own history, and where it has joined another incident what that one says to all: its words only."""
    own = queries.timeline(incident, visit.person)
    said = family.told(incident)
    heard = {event.kind for event in said}
    own = [event for event in own if not (event.data.get("with_parent") and event.kind in heard)]
    events = sorted(own + said, key=lambda event: (event.occurred_at, event.pk), reverse=True)
    return [Line(event, event.actor_id == visit.person.pk, visit.file_address(event)) for event in events]


def _same(visit: Visit, incident: Incident) -> list[Incident]:
    """Troubles that we know of and that this report may be part of; whoever reported it decides."""
    mine = incident.reporter_id == visit.person.pk and not visit.token
    if not mine or not incident.is_down or incident.parent_id or incident.is_major:
        return []
    known = family.known_majors(visit.person)
    known = known.filter(service=incident.service_id) if incident.service_id else known
    return [major for major in known[:3] if major.pk != incident.pk]


def _asks_more(incident: Incident, terms: policy.Terms) -> bool:
    """The two plain questions, where their answers would move something and have not been given yet."""
    unsaid = not {"affected", "working"} <= incident.details.keys()
    asks = terms.knob("priority_by") in priority.WAYS
    return asks and unsaid and incident.priority_basis != Incident.PriorityBasis.AGENT


def _closes_at(incident: Incident, now: datetime) -> datetime | None:
    """When a solved incident closes by itself, as long as that lies ahead."""
    at = lifecycle.close_at(incident) if incident.status == Incident.Status.RESOLVED else now
    return at if at > now else None


def act(request: HttpRequest, visit: Visit, verb: str) -> HttpResponse:
    """Sends one of the page's forms; a refusal comes back with everything that was typed."""
    if request.method != "POST":
        return redirect(visit.address())
    form = _form(visit, verb, request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            incident = VERBS[verb](visit, form)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
        else:
            return _done(request, visit) if incident == visit.incident else _gone_on(request, visit, incident)
    visit.incident.refresh_from_db()
    return show(request, visit, (verb, form), status)


def _done(request: HttpRequest, visit: Visit) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(visit.address())
    visit.incident.refresh_from_db()
    return show(request, visit)


def _gone_on(request: HttpRequest, visit: Visit, incident: Incident) -> HttpResponse:
    """It was solved too long ago: what the customer said is a new incident, and that is where they are led."""
    token = links.make(incident, visit.person) if visit.token else ""
    address = Visit(incident, visit.person, token).address()
    return HttpResponseClientRedirect(address) if wants_fragment(request) else redirect(address)


def _add(visit: Visit, form: Any) -> Incident:
    said = form.cleaned_data
    return conversation.add(visit.incident, by=visit.person, text=said["text"], client_token=said["client_token"])


def _attach(visit: Visit, form: Any) -> Incident:
    return conversation.attach(visit.incident, by=visit.person, upload=form.cleaned_data["file"]).incident


def _still_broken(visit: Visit, form: Any) -> Incident:
    said = form.cleaned_data
    token = said["client_token"]
    return lifecycle.still_broken(visit.incident, by=visit.person, text=said["text"], client_token=token)


def _tell(visit: Visit, form: Any) -> Incident:
    return intake.tell(visit.incident, by=visit.person, details=form.details())


def _call_back(visit: Visit, form: Any) -> Incident:
    said, wish = form.cleaned_data, form.wish()
    token = said["client_token"]
    return intake.want_call(visit.incident, by=visit.person, call_back=wish, text=said["text"], client_token=token)


def _choose_time(visit: Visit, form: Any) -> Incident:
    said = form.cleaned_data
    values = {name: said[name] for name in ("contact_at", "text", "client_token")}
    return conversation.choose_time(visit.incident, by=visit.person, **values)


# Verb -> what it does with its form.
VERBS: dict[str, Callable[[Visit, Any], Incident]] = {
    "add": _add,
    "attach": _attach,
    "still_broken": _still_broken,
    "tell": _tell,
    "call_back": _call_back,
    "choose_time": _choose_time,
}
