"""The tray of text messages that came in and belong nowhere yet."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.permissions import SignedInRequest, agent_required
from incidents.models import Incident
from itsm.refusal import Refused
from itsm.text import clean
from notifications import sms_replies
from notifications.models import InboundText

SHOWN = 100


@require_safe
@agent_required
def tray(request: SignedInRequest) -> HttpResponse:
    return _tray(request)


@require_POST
@agent_required
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Added to an incident that one names, or put aside."""
    text = get_object_or_404(InboundText.objects.visible_to(request.user), pk=pk)
    reference = clean(request.POST.get("reference", ""))[:20].upper()
    try:
        if request.POST.get("decision") == "dismiss":
            sms_replies.dismiss(text, by=request.user)
            messages.success(request, _("Put aside."))
        else:
            incident = Incident.objects.visible_to(request.user).filter(reference=reference).first()
            if incident is None:
                raise Refused(_("There is no incident %(reference)s here.") % {"reference": reference or "…"})
            sms_replies.join(text, by=request.user, incident=incident)
            messages.success(request, _("Added to %(reference)s.") % {"reference": incident.reference})
    except Refused as refused:
        return _tray(request, trouble=(text.pk, reference, refused.sentence), status=refused.status)
    return redirect("notifications:texts")


def _tray(request: SignedInRequest, *, trouble: tuple[int, str, str] = (0, "", ""), status: int = 200) -> HttpResponse:
    seen = InboundText.objects.visible_to(request.user).select_related("person", "customer", "incident")
    waiting = list(seen.in_tray().order_by("-pk")[:SHOWN])
    settled = list(seen.exclude(state__in=[InboundText.State.TRAY, InboundText.State.STORED]).order_by("-pk")[:20])
    context = {"waiting": waiting, "settled": settled, "wrong": trouble[0], "typed": trouble[1], "why": trouble[2]}
    return render(request, "notifications/desk/texts.html", context, status=status)
