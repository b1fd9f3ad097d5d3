"""The page on which everybody says how they want to be told."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers import policy
from customers.models import User
from customers.permissions import SignedInRequest
from itsm.refusal import Refused
from notifications import availability
from notifications import preferences as wishes
from notifications.forms.preferences import LanguageForm, PreferenceForm


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedInRequest) -> HttpResponse:
    """One form and one button; a refusal keeps what was typed."""
    # A copy: what cannot be saved must not change how this page reads.
    person = User.objects.select_related("customer").get(pk=request.user.pk)
    wishes.load([person])
    sent = request.POST if request.method == "POST" else None
    form = PreferenceForm(sent, person=person, sms_first=_sms_first(person))
    language = LanguageForm(sent, instance=person, auto_id="lang-%s")
    if sent is None:
        return _page(request, form, language, 200)
    if not (form.is_valid() and language.is_valid()):
        return _page(request, form, language, 422)
    try:
        with transaction.atomic():
            wishes.choose(person, ways=form.chosen_ways(), **form.how())
            language.save()
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, form, language, refused.status)
    with translation.override(person.speaks()):
        messages.success(request, _("Saved."))
    return redirect("notifications:preferences")


def _sms_first(person: User) -> bool:
    if person.customer is None:
        return False
    return availability.sms_first(policy.merged(policy.layers(person.customer))["channels"])


def _page(request: SignedInRequest, form: PreferenceForm, language: LanguageForm, status: int) -> HttpResponse:
    context = {"form": form, "language": language, "person": request.user, "texts": availability.texts()}
    return render(request, "notifications/preferences.html", context, status=status)
