"""Where people look after their own account; nobody else's can be reached from here."""

from datetime import timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from knox.models import AuthToken

from customers.forms.account import ProfileForm, ThemeForm, TokenForm
from customers.models import User
from customers.permissions import SignedInRequest

MOST_TOKENS = settings.REST_KNOX["TOKEN_LIMIT_PER_USER"]
THEME_DAYS = 365


@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request)
    # A copy: what cannot be saved must not appear as the person's name in the header.
    person = User.objects.select_related("customer").get(pk=request.user.pk)
    form = ProfileForm(request.POST, instance=person)
    if not form.is_valid():
        return _page(request, form, status=422)
    form.save()
    with translation.override(person.speaks()):
        messages.success(request, _("Saved."))
    return redirect("customers:account")


@require_POST
@reauthentication_required
def create_token(request: SignedInRequest) -> HttpResponse:
    """A new token, which this one answer shows and no other."""
    form = TokenForm(request.POST)
    if form.is_valid() and _tokens(request.user).filter(expiry__gt=timezone.now()).count() >= MOST_TOKENS:
        form.add_error(None, _("You have %(most)d tokens. Please revoke one first.") % {"most": MOST_TOKENS})
    if not form.is_valid():
        return _page(request, token_form=form, status=422)
    lifetime = timedelta(days=form.cleaned_data["days"])
    token = AuthToken.objects.create(request.user, expiry=lifetime)[1]
    return _page(request, new_token=token)


@require_POST
def revoke_token(request: SignedInRequest, key: str) -> HttpResponse:
    revoked, _rows = _tokens(request.user).filter(token_key=key).delete()
    if not revoked:
        raise Http404
    messages.success(request, _("The token is revoked. Programs that use it are refused from now on."))
    return redirect("customers:account")


@require_POST
def theme(request: SignedInRequest) -> HttpResponse:
    """Light, dark, or as the device: kept in this browser, because it is about this screen."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return _page(request, theme_form=form, status=422)
    response = redirect("customers:account")
    if form.cleaned_data["theme"] == "system":
        response.delete_cookie("theme", samesite="Lax")
    else:  # no HttpOnly: the switch in the menu changes it without a request
        response.set_cookie(
            "theme", form.cleaned_data["theme"], THEME_DAYS * 86400, secure=settings.HTTPS, samesite="Lax"
        )
    return response


def _tokens(user: User) -> Any:
    return AuthToken.objects.filter(user=user)


def _page(
    request: SignedInRequest, form: ProfileForm | None = None, *, status: int = 200, **other: Any
) -> HttpResponse:
    person = request.user
    chosen = request.COOKIES.get("theme")
    context = {
        "form": form or ProfileForm(instance=person),
        "person": person,
        "theme_form": ThemeForm(initial={"theme": chosen if chosen in ("light", "dark") else "system"}),
        "token_form": TokenForm(),
        "tokens": _tokens(person).order_by("-created"),
        "now": timezone.now(),
        "new_token": "",
    }
    return render(request, "customers/account.html", context | other, status=status)
