"""Hands out attached files: always as downloads, never as pages of this origin."""

import uuid

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from customers.permissions import SignedInRequest
from incidents.models import Attachment
from incidents.views.following import Visit
from incidents.views.tracking import by_link as visit_by_link


@require_GET
def file(request: SignedInRequest, file: uuid.UUID) -> FileResponse:
    return _download(get_object_or_404(Attachment.objects.visible_to(request.user), token=file))


@require_GET
@visit_by_link
def by_link(request: HttpRequest, visit: Visit, file: uuid.UUID) -> FileResponse:
    own = Attachment.objects.visible_to(visit.person).filter(incident=visit.incident)
    return _download(get_object_or_404(own, token=file))


def _download(attachment: Attachment) -> FileResponse:
    response = FileResponse(
        attachment.file.open("rb"), as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    # Whatever a browser makes of it, it is nobody and may do nothing. <img> shows pictures all the same.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response
