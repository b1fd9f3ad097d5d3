"""Clocks in full: why each says what it says, and what a person may decide about one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.permissions import SignedInRequest, agent_required, lead_required
from incidents import corrections, explanation
from incidents.forms.clocks import DeadlineForm, WaiverForm
from incidents.models import Clock, Incident
from incidents.moves import Stale
from incidents.views.desk import find
from itsm import moment
from itsm.htmx import page_or_partial
from itsm.refusal import Refused

Act = Callable[[], object]


@require_GET
@agent_required
def clocks(request: SignedInRequest, reference: str) -> HttpResponse:
    """Each clock of the incident, explained; for htmx without the frame."""
    return _show(request, find(request, reference))


@require_POST
@lead_required
def waive(request: SignedInRequest, reference: str, clock: int) -> HttpResponse:
    incident = find(request, reference)
    missed = get_object_or_404(Clock.objects.select_related("incident"), incident=incident, pk=clock)
    form = WaiverForm(request.POST, auto_id=f"waive-{clock}-%s")

    def act() -> object:
        return corrections.waive(missed, by=request.user, reason=form.cleaned_data["reason"])

    return _do(request, incident, missed, form, act, _("It is not counted any more; the miss stays written down."))


@require_POST
@agent_required
def deadline(request: SignedInRequest, reference: str, clock: int) -> HttpResponse:
    """Agrees a deadline by hand, or with no time given takes it away."""
    incident = find(request, reference)
    running = get_object_or_404(Clock, incident=incident, pk=clock)
    form = DeadlineForm(request.POST, auto_id=f"deadline-{clock}-%s")

    def act() -> object:
        said = form.cleaned_data
        return corrections.agree_deadline(
            incident,
            by=request.user,
            kind=running.kind,
            due_at=said["due_at"],
            reason=said["reason"],
            expected_version=said["version"],
        )

    return _do(request, incident, running, form, act, _("The deadline is as agreed."))


def _do(
    request: SignedInRequest, incident: Incident, clock: Clock, form: WaiverForm | DeadlineForm, act: Act, done: str
) -> HttpResponse:
    status = 422
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
        else:
            messages.success(request, done)
            return redirect("incidents:desk_clocks", reference=incident.reference)
    return _show(request, incident, clock, form, status)


def _show(
    request: SignedInRequest,
    incident: Incident,
    clock: Clock | None = None,
    refused: WaiverForm | DeadlineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; a form that was refused stands open where it was sent from, with all that was typed."""
    if status == Stale.status and isinstance(refused, DeadlineForm):
        incident.refresh_from_db(fields=["version"])
        refused.open_again(incident.version)
    explained = explanation.explain(incident, moment.now())
    context = {
        "incident": incident,
        "explained": [(one, *_forms(one, incident, clock, refused)) for one in explained],
        "refused": refused,
        "refused_clock": clock.pk if clock else None,
        "may_waive": request.user.is_lead,
    }
    return page_or_partial(request, "incidents/desk/clocks.html", "incidents/desk/_explained.html", context, status)


def _forms(
    one: explanation.Explained, incident: Incident, clock: Clock | None, refused: WaiverForm | DeadlineForm | None
) -> tuple[WaiverForm, DeadlineForm]:
    waiver = WaiverForm(auto_id=f"waive-{one.clock.pk}-%s")
    agreed = DeadlineForm(
        auto_id=f"deadline-{one.clock.pk}-%s", initial={"due_at": one.agreed_for, "version": incident.version}
    )
    if clock and clock.pk == one.clock.pk:
        waiver = refused if isinstance(refused, WaiverForm) else waiver
        agreed = refused if isinstance(refused, DeadlineForm) else agreed
    return waiver, agreed
