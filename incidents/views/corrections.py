"""Putting an incident right: waiting for others, another team, one out of two, the right customer."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents import corrections, lifecycle, queries
from incidents.forms.corrections import FORMS
from incidents.forms.desk import VerbForm
from incidents.models import Incident
from incidents.views.verbs import do, once, promised, said
from itsm.refusal import Refused
from itsm.text import clean


@require_POST
@agent_required
def wait(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: Any) -> str:
        lifecycle.wait_for_supplier(
            incident, by=request.user, next_update_at=form.promised(), **said(form, "text"), **once(form)
        )
        return _("The customer is told. No clock stands still; the next update is due %(when)s.") % {
            "when": promised(incident)
        }

    return do(request, reference, "wait", FORMS["wait"], act)


@require_POST
@agent_required
def go_on(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        lifecycle.go_on(incident, by=request.user)
        return _("The waiting is over; the clocks go on.")

    return do(request, reference, "", VerbForm, act)


@require_POST
@agent_required
def hand_over(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        version = form.cleaned_data["version"]
        corrections.hand_over(incident, by=request.user, expected_version=version, **said(form, "team"))
        return _("%(team)s has it now.") % {"team": form.cleaned_data["team"]}

    return do(request, reference, "hand_over", FORMS["hand_over"], act)


@require_POST
@agent_required
def merge(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        into = corrections.merge(incident, by=request.user, **said(form, "into"))
        return _("It goes on as %(reference)s.") % {"reference": into.reference}

    return do(request, reference, "merge", FORMS["merge"], act)


@require_POST
@agent_required
def correct_customer(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        found = queries.people(request.user, clean(form.cleaned_data["who"]))
        if not found:
            raise Refused(_("Nobody of that name is at the customers you serve."))
        if len(found) > 1:
            names = "; ".join(f"{person.name}, {person.customer}, {person.email}" for person in found[:5])
            raise Refused(_("Several people fit: %(names)s. Please give the e-mail address.") % {"names": names})
        version = form.cleaned_data["version"]
        corrections.correct_customer(incident, by=request.user, reporter=found[0], expected_version=version)
        return _("It is booked on %(customer)s now.") % {"customer": found[0].customer}

    return do(request, reference, "correct_customer", FORMS["correct_customer"], act)


@require_POST
@agent_required
def name_service(request: SignedInRequest, reference: str) -> HttpResponse:
    def act(incident: Incident, form: VerbForm) -> str:
        service, version = form.cleaned_data["service"], form.cleaned_data["version"]
        corrections.name_service(incident, by=request.user, service=service, expected_version=version)
        return _("It is about %(service)s.") % {"service": service} if service else _("The service is open again.")

    return do(request, reference, "name_service", FORMS["name_service"], act)
