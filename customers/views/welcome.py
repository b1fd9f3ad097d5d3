"""Behind the link of an invitation: choosing a password; and when it is too old, asking for another."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from customers import invitations, people
from customers.models import User
from itsm.middleware import zone
from itsm.refusal import Refused


class PasswordForm(SetPasswordForm):
    """Twice the same, with the rules for passwords."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = gettext_lazy("Password")
        self.fields["new_password2"].label = gettext_lazy("The same again")
        self.fields["new_password2"].help_text = ""


def _by_invitation(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Reads the link and answers in its person's language; a link that is none gives nothing away."""

    @login_not_required
    @wraps(view)
    def followed(request: HttpRequest, token: str) -> HttpResponse:
        try:
            person, is_young = invitations.read(token)
        except invitations.InvitationRefused as refused:
            return _private(_page(request, {"ended": refused.sentence}, refused.status))
        with timezone.override(zone(person.reads_clocks_in())), translation.override(person.speaks()):
            return _private(view(request, token, person, is_young))

    return followed


def _private(response: HttpResponse) -> HttpResponse:
    """The address itself is the key: no search engine keeps it and no other site is told."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response


@require_http_methods(["GET", "POST"])
@_by_invitation
def welcome(request: HttpRequest, token: str, person: User, is_young: bool) -> HttpResponse:
    if not is_young:
        return _page(request, {"token": token, "days": invitations.LIFETIME.days}, 410)
    form = PasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.accept(person, password=form.cleaned_data["new_password1"], invited_at=person.invited_at)
        except Refused as refused:
            return _page(request, {"ended": refused.sentence}, refused.status)
        messages.success(request, _("Your password is set. Please sign in with it."))
        return redirect("account_login")
    return _page(request, {"person": person, "form": form}, 422 if request.method == "POST" else 200)


@require_POST
@_by_invitation
def again(request: HttpRequest, token: str, person: User, is_young: bool) -> HttpResponse:
    """The link is too old: another goes to the same address, where only its owner reads it."""
    try:
        invitations.count(person)
        people.invite_again(person, by=person)
    except Refused as refused:
        return _page(request, {"ended": refused.sentence}, refused.status)
    return _page(request, {"sent_again": True})


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    nothing = {"ended": "", "token": "", "days": 0, "person": None, "form": None, "sent_again": False}
    return render(request, "customers/welcome.html", nothing | context, status=status)
