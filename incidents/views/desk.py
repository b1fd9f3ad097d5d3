"""The agents' queue and the page of one incident; the same fragments make the page and the pane beside the queue."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from customers.permissions import SignedInRequest, agent_required
from incidents import clocks, queries, ready_texts, war_rooms
from incidents.forms.corrections import FORMS
from incidents.forms.desk import VerbForm
from incidents.forms.majors import ROOM_FORMS, RoomForm
from incidents.models import Incident, IncidentEvent, Outgoing, ProcessDebt
from itsm import moment, wording
from itsm.htmx import trigger, wants_fragment
from itsm.text import clean

CHANGED = "incident-changed"  # what the panels of upper floors listen to
POLL_SECONDS = 10
WAR_ROOM = "war-room"  # the view of those who run a major incident
PAGES = {"": "incidents/desk/incident.html", WAR_ROOM: "incidents/desk/war_room.html"}
PARTS = {"": "incidents/desk/_incident.html", WAR_ROOM: "incidents/desk/_war_room.html"}
# The big actions that open a form, in their order: verb, words, icon.
ACTIONS = [
    ("restore", _("Restored"), "check"),
    ("ask", _("Ask customer"), "message-circle-question-mark"),
    ("resolve", _("Resolved"), "check-check"),
]
# The lines of the history that say when the next word was promised.
PROMISING = (IncidentEvent.Kind.UPDATED, IncidentEvent.Kind.ASKED, IncidentEvent.Kind.RESTORED)
# What is written most has its place above the box: verb, words, icon, key.
TABS = [("update", _("Public update"), "users", "r"), ("note", _("Internal note"), "lock", "n")]


@dataclass(frozen=True)
class Preview:
    """How one audience will read it by one channel."""

    audience: Any
    channel: Any
    words: str
    characters: int = 0  # of a text message
    most: int = 0


@dataclass(frozen=True)
class Work:
    """What an agent is writing, and what came of it: the form that is open, and what happened meanwhile."""

    doing: str = ""
    form: VerbForm | None = None
    meanwhile: tuple[IncidentEvent, ...] = ()
    status: int = 200
    was_done: bool = False
    preview: list[Preview] | None = None
    beside: dict[str, RoomForm] = field(default_factory=dict)  # what was not accepted in the war room


@require_GET
@agent_required
def queue(request: SignedInRequest) -> HttpResponse:
    """The whole desk; for htmx its list, or 204 when nothing changed since the token it sends."""
    asked = _asked(request)
    if wants_fragment(request):
        return _list(request, asked)
    chosen = None
    if wanted := request.GET.get("incident"):
        visible = queries.with_joined(queries.with_people(Incident.objects.visible_to(request.user)))
        chosen = visible.select_related("parent").filter(reference=wanted).first()
    return _queue_page(request, asked, chosen, Work(doing=doing_of(request)))


@require_GET
@agent_required
def incident(request: SignedInRequest, reference: str) -> HttpResponse:
    """One incident: its page; for htmx the pane, or only the part in which one writes."""
    found = find(request, reference)
    return opened(request, found, Work(doing=doing_of(request)))


def opened(request: SignedInRequest, incident: Incident, work: Work) -> HttpResponse:
    """The incident with a form open: its page; for htmx the pane, or only the part in which one writes."""
    if wants_fragment(request) and request.headers.get("HX-Target") == "workbench":
        context = incident_context(request, incident, view_of(request.GET), work)
        return render(request, "incidents/desk/_workbench.html", context)
    return show(request, incident, work, view=view_of(request.GET))


def find(request: SignedInRequest, reference: str) -> Incident:
    visible = Incident.objects.visible_to(request.user)
    rows = queries.with_joined(queries.with_people(visible)).select_related("parent")
    return get_object_or_404(rows, reference=reference)


def view_of(fields: Any) -> str:
    """Which of the queue's views the incident is shown beside, or the war room; "" on its own page."""
    view: str = fields.get("view", "")
    return view if view in queries.VIEWS or view == WAR_ROOM else ""


def show(request: SignedInRequest, incident: Incident, work: Work, *, view: str = "") -> HttpResponse:
    """The incident as it is now, in the shape in which it was asked for."""
    view = "" if view == WAR_ROOM and not has_room(incident) else view
    if not wants_fragment(request):
        if view in queries.VIEWS:
            return _queue_page(request, {"view": view, "search": ""}, incident, work)
        context = incident_context(request, incident, view, work)
        return render(request, PAGES[view], context, status=work.status)
    context = incident_context(request, incident, view, work)
    parts = [PARTS.get(view, "incidents/desk/_pane.html")]
    html: list[str] = [render_to_string(part, context, request) for part in parts]
    if work.was_done or work.status != 200:
        html.append(render_to_string("components/_messages.html", {"oob": True}, request))
    if view in queries.VIEWS:
        html += _beside(request, incident, view, counts=request.method == "POST")
    answer = HttpResponse("".join(html), status=work.status)
    return trigger(answer, CHANGED) if work.was_done else answer


def done(request: SignedInRequest, incident: Incident) -> HttpResponse:
    """After a verb: the fresh fragment, or back to where the form was."""
    view = view_of(request.POST)
    if wants_fragment(request):
        return show(request, find(request, incident.reference), Work(was_done=True), view=view)
    if view in queries.VIEWS:
        return redirect(queue_address(view, incident.reference))
    return redirect(f"incidents:desk_{'war_room' if view else 'incident'}", reference=incident.reference)


def queue_address(view: str, reference: str = "", **more: str) -> str:
    """The queue with an incident beside it, scrolled to its row."""
    fields = {"view": view} | ({"incident": reference} if reference else {}) | more
    return f"{reverse('incidents:desk_queue')}?{urlencode(fields)}" + (f"#row-{reference}" if reference else "")


def incident_context(request: SignedInRequest, incident: Incident, view: str, work: Work) -> dict[str, Any]:
    dossier = queries.dossier(incident, request.user, moment.now())
    doing = work.doing or (
        "" if view in queries.VIEWS else next((tab[0] for tab in TABS if not dossier.moves[tab[0]]), "")
    )
    form = work.form or (_form(request, doing, incident) if doing else None)
    if form and work.doing and not work.form:
        form.focus()
    page = reverse("incidents:desk_incident", kwargs={"reference": incident.reference})
    return _room(request, incident, view, work, dossier) | {
        "incident": incident,
        "dossier": dossier,
        "view": view,
        "selected": incident.reference,
        "doing": doing,
        "is_opened": bool(work.doing),
        "form": form,
        "address": _address(form, doing, incident),
        "meanwhile": work.meanwhile,
        "promising": PROMISING,
        "was_done": work.was_done,
        "preview": work.preview,
        "ready_texts": _ready_texts(incident) if doing == "update" else [],
        "outgoing": (words := queries.on_its_way(incident, request.user)),
        "waiting": ",".join(str(one.pk) for one in words if one.state == Outgoing.State.WAITING),
        "write_off_reasons": ProcessDebt.Reason.choices,
        "actions": [(verb, label, icon, dossier.moves[verb]) for verb, label, icon in ACTIONS],
        "refusals": sorted({reason for verb, *_ in ACTIONS if (reason := dossier.moves[verb])}),
        "filled": "" if work.doing else dossier.next_step,
        "tabs": [tab for tab in TABS if not dossier.moves[tab[0]]],
        # Where the same thing with another form open is: for links without script, and for htmx.
        "here": here(incident, view),
        "fragment": f"{page}?{urlencode({'view': view})}&do=",
    }


def here(incident: Incident, view: str) -> str:
    """The same page with another form open: its name follows."""
    if view in queries.VIEWS:
        beside = urlencode({"view": view, "incident": incident.reference})
        return f"{reverse('incidents:desk_queue')}?{beside}&do="
    return reverse(f"incidents:desk_{'war_room' if view else 'incident'}", args=[incident.reference]) + "?do="


def _room(
    request: SignedInRequest, incident: Incident, view: str, work: Work, dossier: queries.Dossier
) -> dict[str, Any]:
    """What the war room shows besides, and the forms that stand there."""
    if view != WAR_ROOM or not has_room(incident):
        return {}
    room = war_rooms.room(incident, request.user, dossier.clocks, dossier.events, moment.now())
    forms = {f"{name}_form": work.beside.get(name) or form(incident=incident) for name, form in ROOM_FORMS.items()}
    return forms | {"room": room, "poll_seconds": POLL_SECONDS}


def has_room(incident: Incident) -> bool:
    """It is major, and was declared so."""
    return incident.is_major and hasattr(incident, "major")


def _form(request: SignedInRequest, doing: str, incident: Incident) -> VerbForm:
    """The form of a verb: fresh, with a ready text to begin with, or with words that came back."""
    kept = request.GET.get("words", "")
    if kept.isdigit() and len(kept) < 10:
        back = incident.outgoing.filter(pk=kept, by=request.user, verb=doing).exclude(state=Outgoing.State.SAID).first()
        if back:
            return given_back(back, incident)
    if doing == "update" and (begin := request.GET.get("begin", "")):
        return FORMS[doing](incident=incident, by=request.user, initial=ready_words(begin, incident))
    return FORMS[doing](incident=incident, by=request.user)


def given_back(outgoing: Outgoing, incident: Incident) -> VerbForm:
    """The form as it was filled in, against the incident as it is now."""
    data = QueryDict(mutable=True)
    for name, values in outgoing.values["typed"].items():
        data.setlist(name, values)
    data["client_token"], data["version"] = str(uuid.uuid4()), str(incident.version)
    return FORMS[outgoing.verb](data, incident=incident, by=outgoing.by)


def _ready_texts(incident: Incident) -> list[ready_texts.Ready]:
    language = incident.reporter.language or incident.customer.language
    return ready_texts.offered(language, clocks.terms_of(incident).knob("tone"))


def ready_words(key: str, incident: Incident) -> dict[str, str]:
    """A ready text with this incident's names in it."""
    found = next((ready for ready in _ready_texts(incident) if ready.key == key), None)
    if found is None:
        return {}
    latest = clocks.latest_promise(incident, moment.now())
    known = {
        "service": incident.service.name if incident.service else incident.title,
        "hotline": incident.customer.hotline,
        "next_update": wording.by_words(latest, moment.now(), timezone.get_current_timezone()) if latest else "",
    }
    return found.filled(known)


def _address(form: VerbForm | None, doing: str, incident: Incident) -> str:
    """Where the open form is sent."""
    if form and form.sends_to:
        return form.sends_to
    return reverse(f"incidents:desk_{doing}", kwargs={"reference": incident.reference}) if doing else ""


def _asked(request: SignedInRequest) -> dict[str, str]:
    return {"view": view_of(request.GET) or "open", "search": clean(request.GET.get("q", ""))[:100]}


def doing_of(request: SignedInRequest) -> str:
    """The form that is asked for, if there is one of this name."""
    doing = request.GET.get("do", "")
    return doing if doing in FORMS else ""


def _list(request: SignedInRequest, asked: dict[str, str]) -> HttpResponse:
    token = queries.queue_token(request.user, moment.now())
    if request.GET.get("since") == token:
        return HttpResponse(status=204)
    shown = re.findall(r"INC-[0-9]{1,12}", request.GET.get("shown", ""))[: queries.QUEUE_PAGE]
    context = _queue_context(request, asked, token, shown) | {
        "selected": request.GET.get("selected", ""),
        "oob": True,
    }
    parts = ("_rows.html", "_views.html", "_calls.html")
    html: list[str] = [render_to_string(f"incidents/desk/{part}", context, request) for part in parts]
    return HttpResponse("".join(html))


def _queue_page(request: SignedInRequest, asked: dict[str, str], incident: Incident | None, work: Work) -> HttpResponse:
    token = queries.queue_token(request.user, moment.now())
    context = _queue_context(request, asked, token) | {"drafts": queries.drafts(request.user)}
    if incident:
        context |= incident_context(request, incident, asked["view"], work)
    return render(request, "incidents/desk/queue.html", context, status=work.status)


def _queue_context(
    request: SignedInRequest, asked: dict[str, str], token: str, shown: list[str] | None = None
) -> dict[str, Any]:
    now = moment.now()
    views = queries.queue_views(request.user, now)
    plain = urlencode({"view": asked["view"], "q": asked["search"]})
    return asked | {
        "board": queries.board(request.user, asked["view"], now, asked["search"], shown or ()),
        "views": views,
        "calls": queries.calls_to_make(request.user),
        "calls_shown": queries.CALLS_SHOWN,
        "current": next(view for view in views if view.key == asked["view"]),
        "most": queries.QUEUE_PAGE,
        "token": token,
        "poll_seconds": POLL_SECONDS,
        "again": f"{reverse('incidents:desk_queue')}?{plain}",
        "incident": None,
        "selected": "",
    }


def _beside(request: SignedInRequest, incident: Incident, view: str, *, counts: bool) -> list[str]:
    """What changes in the list beside the pane: the row, the one that was chosen before, after a verb the counts."""
    now = moment.now()
    before = request.GET.get("selected", "")
    rows = queries.rows_of(request.user, [incident.reference, before], view, now)
    html: list[str] = [
        render_to_string(
            "incidents/desk/_row.html",
            {"row": row, "view": view, "selected": incident.reference, "oob": True},
            request,
        )
        for row in rows.values()
    ]
    if counts:
        context = {
            "views": queries.queue_views(request.user, now),
            "calls": queries.calls_to_make(request.user),
            "calls_shown": queries.CALLS_SHOWN,
            "view": view,
            "oob": True,
        }
        html += [
            render_to_string(f"incidents/desk/{part}", context, request) for part in ("_views.html", "_calls.html")
        ]
    return html
