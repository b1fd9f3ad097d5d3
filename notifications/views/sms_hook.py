"""Where the SMS gateway posts what people wrote back. The signed address is its key."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from itsm.refusal import Refused
from notifications import sms_replies

LARGEST = 16 * 1024  # bytes


@csrf_exempt  # a gateway has no session, and no cookie of ours is looked at
@login_not_required  # the signed address is the key
@require_POST
def sms_hook(request: HttpRequest, token: str) -> HttpResponse:
    """202: kept, or known already. It is read afterwards."""
    if not sms_replies.is_hook(token):
        raise Http404
    said = _said(request)
    if said is None:
        return _plain(400, "Please send a form or JSON of up to 16 kB.")
    try:
        sms_replies.keep(said)
    except Refused as refused:
        return _plain(refused.status, refused.sentence)
    return HttpResponse(status=202)


def _said(request: HttpRequest) -> Mapping[str, Any] | None:
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            return None
        if request.content_type != "application/json":
            return request.POST.dict()
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _plain(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
