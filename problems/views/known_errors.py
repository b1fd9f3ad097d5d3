"""The stock of known errors at the desk: the list, the page of one, and what can be done with it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.models import User
from customers.permissions import SignedInRequest, agent_required
from incidents.forms.desk import at_version
from itsm.htmx import page_or_partial
from itsm.refusal import Refused
from problems import communicating, known_error_queries, known_errors
from problems.known_error_forms import CommunicateForm, KnownErrorForm, NewKnownErrorForm, StockFilter, first_values
from problems.models import KnownError, Problem

WRITE = require_http_methods(["GET", "POST"])
USES_SHOWN = 20
# Verb -> what it is called, what it does, what is said afterwards; in the order of its buttons.
Verb = Callable[..., KnownError]
VERBS: dict[str, tuple[Any, Verb, Any]] = {
    "publish": (gettext_lazy("Publish to the desk"), known_errors.publish, gettext_lazy("The desk works with it now.")),
    "review": (
        gettext_lazy("Reviewed: publish to customers"), known_errors.review,
        gettext_lazy("Customers read it from now on."),
    ),
    "withdraw": (
        gettext_lazy("Take it back from customers"), known_errors.withdraw,
        gettext_lazy("Only the desk reads it now."),
    ),
    "share": (
        gettext_lazy("Share it with all customers"), known_errors.share,
        gettext_lazy("It is shared, and names nobody."),
    ),
    "take_up": (gettext_lazy("Take it up again"), known_errors.take_up, gettext_lazy("The desk works with it again.")),
    "retire": (gettext_lazy("Retire it"), known_errors.retire, gettext_lazy("It is offered to nobody any more.")),
}  # fmt: skip


@require_GET
@agent_required
def known_list(request: SignedInRequest) -> HttpResponse:
    """The stock; for htmx only its list."""
    form = StockFilter({"state": "published"} | request.GET.dict(), agent=request.user)
    wanted = form.wanted()
    page = known_error_queries.stock(request.user, wanted, request.GET.get("page"))
    kept = {name: getattr(value, "pk", value) for name, value in wanted.items() if value or name == "state"}
    context = {"form": form, "page": page, "query": "&" + urlencode(kept)}
    return page_or_partial(request, "problems/desk/known/list.html", "problems/desk/known/_stock.html", context)


@require_GET
@agent_required
def known_error(request: SignedInRequest, known_error: int) -> HttpResponse:
    return _page(request, find(request, known_error))


def find(request: SignedInRequest, pk: int) -> KnownError:
    rows = KnownError.objects.visible_to(request.user).defer("lexemes")
    return get_object_or_404(rows.select_related("customer", "service", "problem", "written_by", "reviewed_by"), pk=pk)


def _page(request: SignedInRequest, known: KnownError, tell: CommunicateForm | None = None, status: int = 200) -> Any:
    user = request.user
    moves = known_errors.allowed_moves(known, user)
    uses = known.uses.visible_to(user).select_related("incident", "by", "customer")
    context = {
        "known": known,
        "moves": moves,
        "verbs": [(verb, words[0]) for verb, words in VERBS.items() if not moves[verb]],
        "waits_for": moves["review"] if known.status == KnownError.Status.AGENTS else None,
        "events": known.events.visible_to(user).select_related("actor").order_by("-occurred_at", "-pk"),
        "uses": uses.order_by("-used_at", "-pk")[:USES_SHOWN],
    }
    if known.problem and known.is_published:
        context |= {
            "reach": communicating.reach(known.problem, user),
            "tell": tell or CommunicateForm(known=known),
            "told": known.communications.visible_to(user).select_related("by").order_by("-pk")[:5],
        }
    return render(request, "problems/desk/known/known_error.html", context, status=status)


@WRITE
@agent_required
def new(request: SignedInRequest) -> HttpResponse:
    """A first draft by hand; of a problem, with what is known of it."""
    about = Problem.objects.visible_to(request.user).filter(reference=request.GET.get("problem", "")).first()
    form = _new_form(request, about)
    if request.method == "POST" and form.is_valid():
        try:
            values = dict(form.cleaned_data)
            customer = about.customer if about else values.pop("customer")
            known = known_errors.draft(customer, by=request.user, values=values)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The draft is kept. Nobody else is offered it before it is published."))
            return redirect("problems:known_error", known_error=known.pk)
    status = 422 if form.errors else 200
    return render(request, "problems/desk/known/change.html", {"form": form}, status=status)


def _new_form(request: SignedInRequest, about: Problem | None) -> KnownErrorForm:
    if about is None:
        return NewKnownErrorForm(request.POST or None, agent=request.user)
    known = {name: getattr(about, name) for name in ("title", "workaround", "cause")}
    known |= {"problem": about.pk, "service": about.opened_by.service_id, "category": about.cause_category}
    return KnownErrorForm(request.POST or None, agent=request.user, customer=about.customer, initial=known)


@WRITE
@agent_required
def change(request: SignedInRequest, known_error: int) -> HttpResponse:
    """Other words; what somebody else wrote meanwhile is not undone."""
    known = find(request, known_error)
    data = request.POST if request.method == "POST" else None
    form = KnownErrorForm(data, agent=request.user, customer=known.customer, initial=first_values(known))
    status = 200
    if data is not None:
        status = 422
        if form.is_valid():
            try:
                version = form.cleaned_data["version"]
                changed = known_errors.edit(known, by=request.user, values=form.cleaned_data, expected_version=version)
            except Refused as refused:
                form.add_error(None, refused.sentence)
                form.data = at_version(form.data, known.version)
                status = refused.status
            else:
                _say_changed(request, known, changed)
                return redirect("problems:known_error", known_error=known.pk)
    return render(request, "problems/desk/known/change.html", {"form": form, "known": known}, status=status)


def _say_changed(request: SignedInRequest, before: KnownError, after: KnownError) -> None:
    if before.status == KnownError.Status.CUSTOMERS and after.status == KnownError.Status.AGENTS:
        messages.success(request, _("Kept. Customers read it again once somebody else has looked at it."))
    else:
        messages.success(request, _("Kept."))


@require_POST
@agent_required
def act(request: SignedInRequest, known_error: int, verb: str) -> HttpResponse:
    """One of its buttons."""
    known = find(request, known_error)
    if verb not in VERBS:
        raise Http404
    _label, move, sentence = VERBS[verb]
    try:
        move(known, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, find(request, known_error), status=refused.status)
    messages.success(request, sentence)
    return redirect("problems:known_error", known_error=known.pk)


@require_POST
@agent_required
def communicate(request: SignedInRequest, known_error: int) -> HttpResponse:
    """The workaround goes to all incidents of its problem."""
    known, user = find(request, known_error), request.user
    form, status = CommunicateForm(request.POST, known=known), 422
    if form.is_valid():
        try:
            token = form.cleaned_data["client_token"] or form.initial["client_token"]
            people = _reached(known, user)
            communicating.begin(known, by=user, text=form.cleaned_data["text"], client_token=token)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
        else:
            messages.success(request, _("%(people)d people are being told.") % {"people": people})
            return redirect("problems:known_error", known_error=known.pk)
    return _page(request, known, form, status)


def _reached(known: KnownError, user: User) -> int:
    return communicating.reach(known.problem, user).people if known.problem else 0
