"""What the demo's SMS gateway took, and a telephone to answer with. Only where settings.DEMO is set."""

import json
import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from itsm import outbound
from itsm.outbound import Failed
from itsm.text import clean
from notifications import sms_replies, smsfolder


@require_safe
@login_not_required  # the demo's text messages are nobody's, and the customers of the story have no telephone
def inbox(request: HttpRequest) -> HttpResponse:
    to = request.GET.get("to", "")
    return render(request, "notifications/dev/sms.html", {"texts": smsfolder.texts(to), "to": to})


@require_POST
@login_not_required  # likewise
def reply(request: HttpRequest) -> HttpResponse:
    """Through the gateway, as from a telephone: it posts the answer to our hook."""
    if not settings.SMS_FOLDER:  # another gateway than the demo's
        raise Http404
    said = {name: clean(request.POST.get(name, ""))[:300] for name in ("from", "text")}
    body = json.dumps(said | {"id": uuid.uuid4().hex, "hook": sms_replies.hook_url()}).encode()
    url = settings.SMS_URL.removesuffix("/messages") + "/replies"
    try:
        outbound.post(url, body, {"Content-Type": "application/json"}, limit=5, is_ours=True)
        messages.success(request, _("Sent. In a moment it stands on its incident, or in the tray."))
    except Failed as failed:
        messages.error(request, str(failed))
    return redirect("notifications:dev_sms")
