"""The pages of people: a customer's at the desk, the customer's own in the portal, and those who help.

Three places, one set of views; a `Place` says whose people are looked at and what may be done there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from customers import directory, invitations, merging, people, personal_data
from customers.forms import people as people_forms
from customers.models import Customer, Team, User
from customers.permissions import SignedInRequest
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

Act = Callable[["Place", User, dict[str, Any]], str]


@dataclass(frozen=True)
class Place:
    """Whose people these are, who looks at them, and what that person may do with them."""

    name: str  # desk, portal or staff
    list_name: str  # of its URLs
    one_name: str
    by: User
    people: QuerySet[User]
    customer: Customer | None
    verbs: frozenset[str]
    arguments: tuple[int, ...] = ()

    @property
    def frame(self) -> str:
        return "portal_base.html" if self.name == "portal" else "desk_base.html"

    @property
    def list_url(self) -> str:
        return reverse(f"customers:{self.list_name}", args=self.arguments)

    @property
    def invite_url(self) -> str:
        return reverse(f"customers:{self.list_name}_invite", args=self.arguments)

    def url_of(self, person: User) -> str:
        return reverse(f"customers:{self.one_name}", args=[*self.arguments, person.pk])

    def invite_form(self, data: Any = None) -> forms.Form:
        kind = people_forms.InviteForm if self.customer else people_forms.StaffInviteForm
        return kind(data, by=self.by)

    def form(self, verb: str, person: User, data: Any = None) -> forms.Form:
        if verb == "change":
            kind = people_forms.ChangeForm if self.customer else people_forms.StaffChangeForm
            return kind(data, person=person, by=self.by)
        return FORMS.get(verb, forms.Form)(data)


FORMS: dict[str, type[forms.Form]] = {"merge": people_forms.MergeForm, "erase": people_forms.EraseForm}


def show_list(request: SignedInRequest, place: Place, form: Any = None, status: int = 200) -> HttpResponse:
    """Search, one page of people, and the form to invite somebody."""
    words, gone = clean(request.GET.get("q", ""))[:100], request.GET.get("left") == "1"
    page = directory.page_of(place.people, words=words, gone=gone, number=request.GET.get("page"))
    context = {
        "place": place,
        "customer": place.customer,
        "page": page,
        "lines": [(person, directory.standing(person), place.url_of(person)) for person in page],
        "words": words,
        "gone": gone,
        "query": "&" + urlencode({"q": words, "left": int(gone)}),
        "form": form or place.invite_form(),
        "teams": _teams(place),
    }
    return render(request, "customers/people/list.html", context, status=status)


def invite(request: SignedInRequest, place: Place) -> HttpResponse:
    form = place.invite_form(request.POST)
    if not form.is_valid():
        return show_list(request, place, form, 422)
    try:
        invitations.count(request.user)
        person = people.invite(by=request.user, customer=place.customer, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return show_list(request, place, form, refused.status)
    messages.success(request, _("%(name)s is invited: a mail is on its way.") % {"name": person.name})
    return redirect(place.list_url)


def show_one(
    request: SignedInRequest, place: Place, number: int, verb: str = "", form: Any = None, status: int = 200
) -> HttpResponse:
    """One person: how they stand, what may be done, and what was."""
    person = _find(place, number)
    own = {each: place.form(each, person) for each in ("change", "merge", "erase")}
    context = {
        "place": place,
        "customer": place.customer,
        "person": person,
        "standing": directory.standing(person),
        "history": directory.history_of(person),
        "memberships": person.memberships.select_related("team").order_by("team__name") if not place.customer else (),
        "merged_url": place.url_of(person.merged_into) if person.merged_into else "",
        "trouble": form if verb not in own else None,
        "opened": verb,
        "is_over": bool(person.erased_at or person.merged_into_id),
        "urls": {each.replace("-", "_"): f"{place.url_of(person)}{each}/" for each in place.verbs},
    }
    own |= {verb: form} if verb in own else {}
    return render(
        request, "customers/people/person.html", context | {f"{each}_form": own[each] for each in own}, status=status
    )


def act(request: SignedInRequest, place: Place, number: int, verb: str) -> HttpResponse:
    """One verb on one person; what is refused comes back with its sentence and what was typed."""
    person = _find(place, number)
    if verb not in place.verbs:
        raise Http404
    form = place.form(verb, person, request.POST)
    if not form.is_valid():
        return show_one(request, place, number, verb, form, 422)
    try:
        if verb == "export":
            return _file(place, person)
        said = ACTS[verb](place, person, form.cleaned_data)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return show_one(request, place, number, verb, form, refused.status)
    messages.success(request, said)
    return redirect(place.url_of(person))


def _find(place: Place, number: int) -> User:
    return get_object_or_404(place.people.select_related("customer", "merged_into"), pk=number)


def _teams(place: Place) -> QuerySet[Team] | tuple[()]:
    return () if place.customer else Team.objects.kept_by(place.by).prefetch_related("customers").order_by("name")


def _file(place: Place, person: User) -> JsonResponse:
    """Everything about them as a file; that it was handed out is part of their history."""
    content = personal_data.export(person, by=place.by)
    people.write_down(person, "changed", by=place.by, at=moment.now(), exported=True)
    response = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="person-{person.pk}.json"'
    return response


def _change(place: Place, person: User, values: dict[str, Any]) -> str:
    people.change(person, by=place.by, **values)
    return _("Saved.")


def _invite_again(place: Place, person: User, _values: dict[str, Any]) -> str:
    invitations.count(place.by)
    people.invite_again(person, by=place.by)
    return _("Another mail is on its way; the link before it has ended.")


def _deactivate(place: Place, person: User, _values: dict[str, Any]) -> str:
    people.deactivate(person, by=place.by)
    return _("%(name)s is signed out everywhere and has no log-in any more.") % {"name": person.name}


def _reactivate(place: Place, person: User, _values: dict[str, Any]) -> str:
    invitations.count(place.by)
    people.reactivate(person, by=place.by)
    return _("%(name)s gets a mail to choose a new password.") % {"name": person.name}


def _merge(place: Place, person: User, values: dict[str, Any]) -> str:
    into = place.people.filter(email__iexact=values["into"]).first()
    if into is None:
        raise Refused(_("Nobody here has this address."))
    merging.merge(person, into=into, by=place.by)
    return _("Everything of this entry is with %(name)s now.") % {"name": into.name}


def _erase(place: Place, person: User, values: dict[str, Any]) -> str:
    personal_data.erase(person, by=place.by, typed=values["typed"])
    return _("Name, addresses and log-in are gone. What happened stays, under a pseudonym.")


ACTS: dict[str, Act] = {
    "change": _change, "invite-again": _invite_again, "deactivate": _deactivate, "reactivate": _reactivate,
    "merge": _merge, "erase": _erase,
}  # fmt: skip
