"""How it went: the page behind the link of a question, and the questions of whoever is signed in.

Only a sent form is an answer. A link opens the page with its number chosen; programs that follow the links of mails
answer nothing.
"""

import uuid

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from customers.permissions import SignedInRequest, customer_required
from incidents import surveys
from incidents.forms.survey import MoreForm, SurveyForm
from incidents.models import Survey
from incidents.views.tracking import ended, private, too_often
from itsm import moment
from itsm.middleware import zone
from itsm.refusal import Refused


@require_http_methods(["GET", "POST"])
@login_not_required
def survey(request: HttpRequest, survey: uuid.UUID) -> HttpResponse:
    """Open to whoever has the link, as long as the person it was sent to is with this customer."""
    asked = _find(survey)
    if asked is None:
        return private(ended(request))
    with timezone.override(zone(asked.person.reads_clocks_in())), translation.override(asked.person.speaks()):
        if request.method != "POST":
            return private(_show(request, asked, _form(asked, chosen=_chosen(request))))
        if too_often(asked.incident_id, asked.person_id):
            sentence = _("That was a lot at once. Please wait ten minutes, or call.")
            return private(render(request, "error.html", {"sentence": sentence, "status": 429}, status=429))
        return private(_answer(request, asked))


@require_GET
@customer_required
def mine(request: SignedInRequest) -> HttpResponse:
    """What one is asked now, and what one said."""
    open_ones = list(surveys.open_for(request.user, moment.now()))
    return render(request, "incidents/portal/surveys.html", {"surveys": open_ones})


def _find(token: uuid.UUID) -> Survey | None:
    found = (
        Survey.objects.select_related("person__customer", "customer", "incident__policy").filter(token=token).first()
    )
    if found is None or not found.person.is_active:
        return None
    moved = {found.customer_id} != {found.incident.customer_id, found.person.customer_id}
    return None if moved else found


def _chosen(request: HttpRequest) -> int | None:
    number = request.GET.get("answer", "")
    return int(number) if number in {"1", "2", "3", "4", "5"} else None


def _form(asked: Survey, *data: object, chosen: int | None = None) -> SurveyForm:
    kind = MoreForm if asked.answered_at else SurveyForm
    return kind(*data, survey=asked, chosen=chosen)


def _answer(request: HttpRequest, asked: Survey) -> HttpResponse:
    # Sent from the second page, or from a first page that was answered elsewhere meanwhile: read as it was shown.
    form = (MoreForm if "more" in request.POST else SurveyForm)(request.POST, survey=asked)
    if not form.is_valid():
        return _show(request, asked, form, 422)
    try:
        surveys.answer(asked, by=asked.person, by_way=Survey.By.PAGE, **form.said())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _show(request, asked, form, refused.status)
    return redirect(f"{request.path}?sent=1")


def _show(request: HttpRequest, asked: Survey, form: SurveyForm, status: int = 200) -> HttpResponse:
    context = {
        "survey": asked,
        "form": form,
        "customer": asked.customer,
        "is_open": moment.now() < asked.closes_at,
        "is_more": isinstance(form, MoreForm),
        "sent": "sent" in request.GET and bool(asked.answered_at),
    }
    return render(request, "incidents/portal/survey.html", context, status=status)
