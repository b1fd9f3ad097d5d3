"""The desk's tray: mails that wait for a decision, and what became of the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.permissions import SignedInRequest, agent_required, lead_required
from incidents import queries
from incidents.models import Incident
from itsm.htmx import page_or_partial
from itsm.refusal import Refused
from itsm.text import clean
from notifications import loops
from notifications.forms.mail import AssignForm, JoinForm
from notifications.inbound import desk, reading
from notifications.models import Address, InboundMail, InboundText

State = InboundMail.State
PAGE = 50
FLOODS_SHOWN = 20
# Mail programs know no style sheets; what strangers send carries none that is let through, and nothing is fetched.
SANDBOX = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
VIEWS = {
    "waiting": [State.TRAY, State.QUARANTINED],
    "filed": [State.OPENED, State.JOINED, State.ANSWERED],
    "kept": [State.KEPT],
    "aside": [State.DISMISSED],
}


@dataclass(frozen=True)
class Flood:
    """What was held back of one sender, as one line."""

    sender: str
    count: int
    since: datetime


@require_safe
@agent_required
def tray(request: SignedInRequest) -> HttpResponse:
    """What waits; on its other pages what was filed by itself, kept, or put aside."""
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "waiting"
    visible = InboundMail.objects.visible_to(request.user)
    rows = visible.filter(state__in=VIEWS[view]).exclude(state=State.TRAY, kind="")
    found = rows.select_related("customer", "incident", "perhaps").order_by("-pk")
    context = {
        "view": view,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "floods": _floods(visible) if view == "waiting" else [],
        "suspended": _suspended(request) if view == "waiting" else [],
        "texts": InboundText.objects.visible_to(request.user).in_tray().count(),
    }
    return render(request, "notifications/desk/tray.html", context)


@require_safe
@agent_required
def count(request: SignedInRequest) -> HttpResponse:
    """How much waits, for the navigation: a number, or nothing. Text messages count, since they are found there."""
    waiting = InboundMail.objects.visible_to(request.user).in_tray().exclude(state=State.TRAY, kind="").count()
    waiting += InboundText.objects.visible_to(request.user).in_tray().count()
    return HttpResponse(str(waiting or ""))


@require_safe
@agent_required
def mail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _mail(request, pk))


@require_safe
@agent_required
def html(request: SignedInRequest, pk: int) -> HttpResponse:
    """The mail as a mail program would show it: cleaned when it was read, and shut in a sandbox."""
    content = reading.kept(_mail(request, pk)).get("html", "")
    if not content:
        raise Http404
    response = HttpResponse(content)
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_safe
@lead_required
def raw(request: SignedInRequest, pk: int) -> FileResponse:
    """The bytes as they came, to be looked at elsewhere; nothing opens them here."""
    found = _mail(request, pk)
    try:
        file = found.raw.open("rb")
    except (OSError, ValueError):  # not there any more, or not kept any longer
        raise Http404 from None
    name = f"mail-{found.pk}.eml"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_POST
@agent_required
def assign(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = _mail(request, pk), AssignForm(request.POST, auto_id="assign-%s")

    def act() -> None:
        people = queries.people(request.user, clean(form.cleaned_data["who"]))
        if len(people) != 1:
            raise Refused(_who(people))
        desk.assign(found, by=request.user, person=people[0])

    return _do(request, found, form, act, "assign")


@require_POST
@agent_required
def join(request: SignedInRequest, pk: int) -> HttpResponse:
    found, form = _mail(request, pk), JoinForm(request.POST, auto_id="join-%s")

    def act() -> None:
        reference = form.cleaned_data["reference"]
        incident = Incident.objects.visible_to(request.user).filter(reference=reference).first()
        if incident is None:
            raise Refused(_("There is no such incident at a customer you serve."))
        desk.join(found, by=request.user, incident=incident)

    return _do(request, found, form, act, "join")


@require_POST
@agent_required
def dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _mail(request, pk)
    return _do(request, found, None, lambda: desk.dismiss(found, by=request.user), "")


@require_POST
@agent_required
def read_again(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _mail(request, pk)
    return _do(request, found, None, lambda: desk.read_again(found, by=request.user), "")


@require_POST
@agent_required
def flood(request: SignedInRequest) -> HttpResponse:
    """All mails that were held back of one sender: read after all, or put aside."""
    sender = clean(request.POST.get("sender", ""))[:254]
    if request.POST.get("do") == "read":
        done = desk.read_flood(by=request.user, sender=sender)
        messages.success(request, _("%(count)d mails are read now.") % {"count": done})
    else:
        done = desk.dismiss_flood(by=request.user, sender=sender)
        messages.success(request, _("%(count)d mails are put aside.") % {"count": done})
    return redirect("notifications:tray")


@require_POST
@agent_required
def use_again(request: SignedInRequest, pk: int) -> HttpResponse:
    loops.use_again(get_object_or_404(Address.objects.visible_to(request.user), pk=pk))
    messages.success(request, _("This address is used again."))
    return redirect("notifications:tray")


def _mail(request: SignedInRequest, pk: int) -> InboundMail:
    rows = InboundMail.objects.visible_to(request.user)
    related = ("customer", "person", "incident", "perhaps", "bounced", "settled_by")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _show(request: SignedInRequest, found: InboundMail, status: int = 200, **forms: Any) -> HttpResponse:
    visible = Incident.objects.visible_to(request.user)
    seen = set(visible.filter(pk__in=[found.incident_id or 0, found.perhaps_id or 0]).values_list("pk", flat=True))
    perhaps = found.perhaps if found.perhaps_id in seen else None
    initial = {"reference": perhaps.reference} if perhaps else {}
    context = {
        "mail": found,
        "shown": reading.kept(found),
        "incident": found.incident if found.incident_id in seen else None,
        "perhaps": perhaps,
        "waits": found.state in (State.TRAY, State.QUARANTINED),
        "is_read": found.state not in (State.STORED, State.LEASED),
        "assign": forms.get("assign") or AssignForm(auto_id="assign-%s"),
        "join": forms.get("join") or JoinForm(initial=initial, auto_id="join-%s"),
        "refusal": forms.get("refusal", ""),
    }
    return page_or_partial(
        request, "notifications/desk/mail.html", "notifications/desk/_mail.html", context, status=status
    )


def _do(request: SignedInRequest, found: InboundMail, form: Any, act: Any, name: str) -> HttpResponse:
    """One decision; what is refused comes back with all that was typed."""
    status = 422
    if form is None or form.is_valid():
        try:
            act()
        except Refused as refused:
            status = refused.status
            if form is None:
                return _show(request, _mail(request, found.pk), status, refusal=refused.sentence)
            form.add_error(None, refused.sentence)
        else:
            return redirect("notifications:mail", pk=found.pk)
    return _show(request, _mail(request, found.pk), status, **{name: form})


def _who(people: list[Any]) -> str:
    if not people:
        return _("Nobody of that name is at the customers you serve.")
    names = "; ".join(f"{person.name}, {person.customer}, {person.email}" for person in people[:5])
    return _("Several people fit: %(names)s. Please give the e-mail address.") % {"names": names}


def _floods(visible: "QuerySet[InboundMail]") -> list[Flood]:
    held = visible.filter(state=State.TRAY, kind="").order_by().values("sender")
    counted = held.annotate(count=Count("pk"), since=Min("received_at")).order_by("-count")[:FLOODS_SHOWN]
    return [Flood(each["sender"], each["count"], each["since"]) for each in counted]


def _suspended(request: SignedInRequest) -> list[Address]:
    rows = Address.objects.visible_to(request.user).filter(state=Address.State.SUSPENDED)
    return list(rows.select_related("customer").order_by("-since")[:FLOODS_SHOWN])
