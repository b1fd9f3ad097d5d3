"""Words that letters of one kind need and no other: how it went, calls, and major incidents."""

from typing import Any

from django.utils.translation import gettext as _

from incidents import surveys
from incidents.forms.survey import ANSWERS, THUMBS
from incidents.models import CallTask, IncidentEvent, MajorRole, Survey
from itsm import moment
from notifications.models import Delivery
from notifications.phrases import one_line

SURVEYS = {"how_did_it_go", "how_did_it_go_phone"}
CALLS = {"we_tried_to_call", "call_late"}
MAJORS = {"declared", "given_role", "handover_due"}


def of(delivery: Delivery) -> dict[str, Any]:
    """On top of what all letters about an incident say."""
    if delivery.event is None:
        return {}
    if delivery.kind in SURVEYS:
        return _question(delivery.event)
    if delivery.kind in MAJORS:
        return _major(delivery.event)
    return _call(delivery.event) if delivery.kind in CALLS else {}


def why_not_wanted(delivery: Delivery) -> str:
    """A question that was answered or is closed is not sent any more, nor words about a call that was made."""
    if delivery.event is None:
        return ""
    if delivery.kind in SURVEYS:
        survey = _survey(delivery.event)
        still = survey and survey.answered_at is None and moment.now() < survey.closes_at
        return "" if still else _("meanwhile it was answered, or is closed")
    if delivery.kind in CALLS:
        still = CallTask.objects.to_make().filter(pk=delivery.event.data.get("call_id")).exists()
        return "" if still else _("meanwhile the call was made, or is not needed")
    if delivery.kind in MAJORS and delivery.incident and not delivery.incident.is_major:
        return _("meanwhile it is not major any more")
    return ""


def _survey(event: IncidentEvent) -> Survey | None:
    return Survey.objects.select_related("incident__policy").filter(pk=event.data.get("survey_id")).first()


def _question(event: IncidentEvent) -> dict[str, Any]:
    survey = _survey(event)
    if survey is None:
        return {}
    is_short = surveys.is_short(survey)
    answers = [
        {"number": number, "label": label, "link": surveys.address(survey, number)}
        for number, label in (THUMBS if is_short else ANSWERS)
    ]
    return {"answers": answers, "is_short": is_short, "link": surveys.address(survey)}


def _major(event: IncidentEvent) -> dict[str, Any]:
    role = event.data.get("role", "")
    return {
        "reason": one_line(str(event.data.get("reason", ""))),
        "role": str(MajorRole.Kind(role).label) if role in MajorRole.Kind.values else "",
    }


def _call(event: IncidentEvent) -> dict[str, Any]:
    why = event.data.get("why", "")
    return {
        "whom": one_line(str(event.data.get("whom", ""))),
        "call_why": str(CallTask.Why(why).label) if why in CallTask.Why.values else "",
    }
