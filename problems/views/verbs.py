"""What is done to a problem: each verb reads a form, calls one function, and shows the page as it is then."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.permissions import SignedInRequest, agent_required
from incidents.models import Incident, ParkedNote
from itsm import moment
from itsm.htmx import trigger, wants_fragment
from itsm.refusal import Refused
from problems import actions, holding, lifecycle, linking, worksheet
from problems.forms import verbs as shapes
from problems.forms.holding import HoldForm, NewProblemForm, typed
from problems.models import Action, Problem
from problems.views.desk import Doing, done, find, panel, show

# Takes the problem, the filled-in form and who it is; returns the sentence that tells what was done.
Act = Callable[[Problem, Any, Any], str]


def _accept(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.accept(problem, by=user, **form.room())
    return _("Opened.")


def _dismiss(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.dismiss(problem, by=user, reason=form.cleaned_data["reason"])
    return _("Dismissed. Its incidents stay as they are.")


def _assign(problem: Problem, form: Any, user: Any) -> str:
    owner = form.cleaned_data["owner"]
    lifecycle.assign(problem, by=user, owner=owner, **form.room())
    return _("%(name)s looks after it now.") % {"name": owner.name}


def _take_up(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.take_up(problem, by=user, **form.room())
    return _("It is in hand again.")


def _know(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.know(problem, by=user, cause=form.cleaned_data["cause"])
    return _("It is a known error now.")


def _resolve(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.resolve(problem, by=user, text=form.cleaned_data["text"])
    return _("Resolved. Those who reported it are being told, and may say no.")


def _close(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.close(problem, by=user, code=form.cleaned_data["code"], reason=form.cleaned_data["reason"])
    return _("Closed.")


def _fixed(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.close(problem, by=user, code=Problem.CloseCode.FIXED)
    return _("Closed: the cause is gone.")


def _reopen(problem: Problem, form: Any, user: Any) -> str:
    lifecycle.reopen(problem, by=user, reason=form.cleaned_data["reason"])
    return _("It is being looked into again.")


def _link(problem: Problem, form: Any, user: Any) -> str:
    incident = form.cleaned_data["incident"]
    linking.link(problem, by=user, incident=incident)
    return _("%(reference)s is linked.") % {"reference": incident.reference}


def _unlink(problem: Problem, form: Any, user: Any) -> str:
    incident = form.cleaned_data["incident"]
    linking.unlink(problem, by=user, incident=incident)
    return _("%(reference)s is linked no more.") % {"reference": incident.reference}


def _merge(problem: Problem, form: Any, user: Any) -> str:
    into = linking.merge(problem, by=user, into=form.cleaned_data["into"])
    return _("It goes on as %(reference)s.") % {"reference": into.reference}


def _worksheet(problem: Problem, form: Any, user: Any) -> str:
    worksheet.write(problem, by=user, **form.said())
    return _("Kept.")


def _find(problem: Problem, form: Any, user: Any) -> str:
    worksheet.find(problem, by=user, kind=form.cleaned_data["kind"], text=form.cleaned_data["text"])
    return _("Kept.")


def _judge(problem: Problem, form: Any, user: Any) -> str:
    worksheet.judge(form.cleaned_data["finding"], by=user, state=form.cleaned_data["state"])
    return _("Kept.")


def _add_action(problem: Problem, form: Any, user: Any) -> str:
    said = {name: form.cleaned_data[name] for name in ("kind", "text", "owner", "due_on")}
    actions.add(problem, by=user, **said)
    return _("Agreed.")


def _hold(problem: Problem, form: Any, user: Any) -> str:
    said = form.cleaned_data
    if form.serves():
        holding.serve(problem, by=user, incident=said["incident"], aim=said["text"], owner=said["owner"])
        return _("Half an hour for it. The service comes first.")
    kind = said["kind"] or ParkedNote.Kind.HYPOTHESIS
    holding.park(problem, by=user, incident=said["incident"], text=said["text"], kind=kind)
    return _("Parked. It is there when the service works again.")


def _plain(verb: Callable[..., Problem], sentence: Any) -> tuple[type[shapes.ProblemForm], Act]:
    """A button alone."""

    def act(problem: Problem, form: Any, user: Any) -> str:
        verb(problem, by=user)
        return str(sentence())

    return shapes.ProblemForm, act


# Part of the URL -> the form, and what is done with it.
VERBS: dict[str, tuple[type[shapes.ProblemForm], Act]] = {
    "accept": (shapes.RoomForm, _accept),
    "dismiss": (shapes.DismissForm, _dismiss),
    "assign": (shapes.AssignForm, _assign),
    "take_up": (shapes.RoomForm, _take_up),
    "investigate": _plain(lifecycle.investigate, lambda: _("It is being looked into.")),
    "fix": _plain(lifecycle.fix, lambda: _("It is being fixed.")),
    "defer": _plain(lifecycle.defer, lambda: _("It waits.")),
    "go_on": _plain(lifecycle.go_on, lambda: _("It goes on. You are asked again in 60 days without a sign.")),
    "know": (shapes.KnowForm, _know),
    "resolve": (shapes.ResolveForm, _resolve),
    "close": (shapes.CloseForm, _close),
    "fixed": (shapes.ProblemForm, _fixed),
    "reopen": (shapes.ReopenForm, _reopen),
    "link": (shapes.LinkForm, _link),
    "unlink": (shapes.UnlinkForm, _unlink),
    "merge": (shapes.MergeForm, _merge),
    "worksheet": (shapes.WorksheetForm, _worksheet),
    "find": (shapes.FindForm, _find),
    "judge": (shapes.JudgeForm, _judge),
    "hold": (HoldForm, _hold),
    "add_action": (shapes.ActionForm, _add_action),
}


@require_POST
@agent_required
def act(request: SignedInRequest, reference: str, verb: str) -> HttpResponse:
    """One verb of a problem, once; whatever stands in its way is said beside the words, which stay in their form."""
    problem = find(request, reference)
    if verb not in VERBS:
        raise Http404
    shape, do = VERBS[verb]
    return _do(request, problem, verb, shape, lambda form: do(problem, form, request.user))


def _do(
    request: SignedInRequest,
    problem: Problem,
    verb: str,
    shape: type[shapes.ProblemForm],
    do: Callable[[Any], str],
    action: int = 0,
) -> HttpResponse:
    form = shape(request.POST, problem=problem, user=request.user, prefix_id=f"{verb}-{action}" if action else verb)
    doing = Doing(verb, form, action, status=422)
    if asks := _question(problem, doing, request.user):
        return show(request, problem, asks)
    if not form.is_valid():
        return show(request, problem, doing)
    try:
        sentence = do(form)
    except lifecycle.TooMany as too_many:
        form.add_error(None, too_many.sentence)
        asked = Doing(verb, form, action, too_many=too_many.owner, status=too_many.status)
        return show(request, find(request, problem.reference), asked)
    except Refused as refused:
        return _refused(request, problem, Doing(verb, form, action, status=refused.status), refused.sentence)
    messages.success(request, sentence)
    return done(request, problem.reference)


def _question(problem: Problem, doing: Doing, user: Any) -> Doing | None:
    """Work that begins while the service is down is not refused: it asks, with what was typed."""
    verb = "work_action" if doing.action else doing.verb
    if not problem.is_parked or verb not in holding.WORK:
        return None
    kind = ParkedNote.Kind.FOLLOW_UP if "action" in verb else ParkedNote.Kind.HYPOTHESIS
    asked = HoldForm(
        problem=problem, user=user, prefix_id="hold", initial={"text": typed(doing.form), "kind": kind.value}
    )
    return Doing("hold", asked, status=409)


def _refused(request: SignedInRequest, problem: Problem, doing: Doing, sentence: str) -> HttpResponse:
    fresh = find(request, problem.reference)
    if asks := _question(fresh, doing, request.user):
        return show(request, fresh, asks)
    if doing.form.visible_fields():
        doing.form.add_error(None, sentence)
        if "version" in doing.form.fields:  # pressed again, it is against what stands there now
            doing.form.data = doing.form.data.copy()
            doing.form.data["version"] = str(fresh.worksheet_version)
    else:  # a button alone has no form to say it in
        messages.error(request, sentence)
        doing = Doing(status=doing.status)
    return show(request, fresh, doing)


def _move_action(action: Action, form: Any, user: Any) -> str:
    actions.move(action, by=user, owner=form.cleaned_data["owner"], due_on=form.cleaned_data["due_on"])
    return _("Changed.")


def _finish(action: Action, form: Any, user: Any) -> str:
    actions.finish(action, by=user)
    return _("Done. In 30 days somebody looks whether it helped.")


def _check(action: Action, form: Any, user: Any) -> str:
    actions.check_effect(action, by=user, effect=form.cleaned_data["effect"], note=form.cleaned_data["note"])
    return _("Kept.")


def _drop(action: Action, form: Any, user: Any) -> str:
    actions.drop(action, by=user, reason=form.cleaned_data["reason"])
    return _("Dropped.")


OF_ACTIONS: dict[str, tuple[type[shapes.ProblemForm], Callable[[Action, Any, Any], str]]] = {
    "move": (shapes.MoveActionForm, _move_action),
    "finish": (shapes.ProblemForm, _finish),
    "check": (shapes.EffectForm, _check),
    "drop": (shapes.DropForm, _drop),
}


@require_POST
@agent_required
def act_on_action(request: SignedInRequest, reference: str, action: int, verb: str) -> HttpResponse:
    """One verb of something that was agreed."""
    problem = find(request, reference)
    found = get_object_or_404(Action.objects.visible_to(request.user), problem=problem, pk=action)
    if verb not in OF_ACTIONS:
        raise Http404
    shape, do = OF_ACTIONS[verb]
    return _do(request, problem, verb, shape, lambda form: do(found, form, request.user), action=found.pk)


@require_POST
@agent_required
def propose(request: SignedInRequest, reference: str) -> HttpResponse:
    """A new kind of trouble, thinks whoever works at the incident; while it is down it is parked, or serves."""
    incident = _incident(request, reference)
    if not incident.is_down:
        lifecycle.propose([incident], why=Problem.Trigger.NEW_KIND.value, at=moment.now(), by=request.user)
        return _proposed(request, incident, _("Kept for later: it stands among the problems."))
    form = NewProblemForm(request.POST, incident=incident)
    if not form.is_valid():
        return panel(request, incident, form, status=422)
    said = form.cleaned_data
    try:
        holding.begin(incident, by=request.user, text=said["text"], serves=form.serves(), owner=said["owner"])
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return panel(request, incident, form, status=refused.status)
    if form.serves():
        return _proposed(request, incident, _("Half an hour for it. The service comes first."))
    return _proposed(request, incident, _("Parked. It is there when the service works again."))


@require_POST
@agent_required
def promote(request: SignedInRequest, reference: str) -> HttpResponse:
    """A card of an incident is worth looking into: a candidate, at any time after it works again."""
    incident = _incident(request, reference)
    number = request.POST.get("card", "")
    cards = ParkedNote.objects.visible_to(request.user).about(incident)
    card = get_object_or_404(cards, pk=number if number.isascii() and number.isdigit() and len(number) < 18 else 0)
    try:
        holding.promote(card, onto=incident, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return panel(request, incident, status=refused.status)
    return _proposed(request, incident, _("It stands among the problems, with what was parked."))


def _incident(request: SignedInRequest, reference: str) -> Incident:
    return get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)


def _proposed(request: SignedInRequest, incident: Incident, sentence: str) -> HttpResponse:
    if wants_fragment(request):
        return trigger(panel(request, _incident(request, incident.reference)), "incident-changed")
    messages.success(request, sentence)
    return redirect("incidents:desk_incident", reference=incident.reference)
