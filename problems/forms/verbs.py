"""What somebody at the desk fills in on a problem, one form per verb."""

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from customers.models import User
from incidents.forms.desk import Version
from incidents.models import CauseCategory, Incident
from problems import queries
from problems.models import Action, Finding, Problem

SAY = {"required": _("Please write at least one sentence.")}
CLOSING = [(code.value, code.label) for code in Problem.CloseCode if code not in ("duplicate", "fixed")]


def words(label: Any, *, rows: int = 2, most: int = 2_000, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, widget=forms.Textarea({"rows": rows}), max_length=most, error_messages=SAY, **more
    )


class ProblemForm(forms.Form):
    """The base: which problem it is about, and who fills it in."""

    def __init__(self, data: Any = None, *, problem: Problem, user: User, prefix_id: str = "", **more: Any) -> None:
        super().__init__(data, auto_id=f"{prefix_id or 'do'}-%s", **more)
        self.problem, self.user = problem, user


class RoomForm(ProblemForm):
    """The answer to "which one waits?", beside whatever was wanted."""

    defer = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def room(self) -> dict[str, Any]:
        """What the verb takes; a problem that nobody may see is none."""
        asked = self.cleaned_data.get("defer") or ""
        waits = Problem.objects.visible_to(self.user).filter(reference=asked).first() if asked else None
        return {"defer": waits, "anyway": bool(self.cleaned_data.get("anyway"))}


class AssignForm(RoomForm):
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Who looks after it?"), empty_label=None)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        owner: Any = self.fields["owner"]
        owner.queryset = queries.colleagues(self.problem)
        self.initial["owner"] = self.problem.owner_id or self.user.pk


class DismissForm(ProblemForm):
    reason = words(_("Why is it not worth looking into?"))


class KnowForm(ProblemForm):
    cause = words(_("The cause, in a sentence"), most=500, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["cause"] = self.problem.cause


class ResolveForm(ProblemForm):
    text = words(_("What do all who reported it read?"), rows=3)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        number = queries.reached(self.problem)
        self.fields["text"].help_text = ngettext(
            "This reaches whoever reported %(n)d incident. They may say no.",
            "This reaches the reporters of %(n)d incidents. They may say no.",
            number,
        ) % {"n": number}
        self.initial["text"] = gettext(
            "We have found the cause and removed it. If it still does not work, please say so."
        )


class CloseForm(ProblemForm):
    code = forms.ChoiceField(label=_("How does it end?"), choices=CLOSING, widget=forms.RadioSelect)
    reason = words(_("Why? Whoever meets the next such incident reads it."))


class ReopenForm(ProblemForm):
    reason = words(_("What shows that it is not over?"))


class LinkForm(ProblemForm):
    """By its reference; the latest incidents without a cause are suggested."""

    incident = forms.CharField(
        label=_("Which incident has the same cause?"),
        max_length=20,
        widget=forms.TextInput({"list": "linkable", "autocomplete": "off", "placeholder": "INC-1042"}),
    )

    def clean_incident(self) -> Incident:
        found = Incident.objects.visible_to(self.user).filter(reference=_reference(self.cleaned_data["incident"]))
        incident = found.first()
        if incident is None:
            raise forms.ValidationError(gettext("There is no such incident among those you may see."))
        return incident


class UnlinkForm(LinkForm):
    """The incident by its row."""


class MergeForm(ProblemForm):
    into = forms.CharField(
        label=_("Which problem goes on?"),
        max_length=20,
        widget=forms.TextInput({"list": "mergeable", "autocomplete": "off", "placeholder": "PRB-17"}),
        help_text=_("All incidents, notes and actions go there; this one ends as a duplicate."),
    )

    def clean_into(self) -> Problem:
        found = Problem.objects.visible_to(self.user).filter(reference=_reference(self.cleaned_data["into"]))
        into = found.first()
        if into is None:
            raise forms.ValidationError(gettext("There is no such problem among those you may see."))
        return into


def _reference(typed: str) -> str:
    """ "inc-7 The printer" as it comes from a list of suggestions is INC-7."""
    return (typed.strip().upper().split() or [""])[0]


class WorksheetForm(ProblemForm):
    """So many whys as its depth asks for; nothing is compulsory."""

    version = Version(required=False)
    factors = words(_("What contributed? One a line."), most=4_000, required=False)
    cause_category = forms.ChoiceField(
        label=_("What kind of cause?"), choices=[("", _("not said yet")), *CauseCategory.choices], required=False
    )
    cause = forms.CharField(label=_("The cause, in a sentence"), max_length=500, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        answers = queries.whys(self.problem)
        for number, answer in enumerate(answers, start=1):
            label = gettext("Why did it happen?") if number == 1 else gettext("And why was that?")
            self.fields[f"why{number}"] = forms.CharField(
                label=label, required=False, max_length=500, widget=forms.TextInput({"autocomplete": "off"})
            )
            self.initial[f"why{number}"] = answer
        self.order_fields([*(f"why{n}" for n in range(1, len(answers) + 1)), "factors", "cause_category", "cause"])
        for name in ("factors", "cause_category", "cause"):
            self.initial[name] = getattr(self.problem, name)
        self.initial["version"] = self.problem.worksheet_version

    def said(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in ("factors", "cause_category", "cause")}
        names = sorted(name for name in self.cleaned_data if name.startswith("why"))
        return values | {
            "whys": [self.cleaned_data[name] for name in names],
            "expected_version": self.cleaned_data["version"],
        }


class FindForm(ProblemForm):
    kind = forms.ChoiceField(label=_("What is it?"), choices=Finding.Kind.choices, widget=forms.RadioSelect)
    text = words(_("In a sentence"), most=4_000)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["kind"] = Finding.Kind.HYPOTHESIS


class JudgeForm(ProblemForm):
    finding = forms.ModelChoiceField(Finding.objects.none())
    state = forms.CharField(max_length=10)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        finding: Any = self.fields["finding"]
        finding.queryset = Finding.objects.visible_to(self.user).filter(problem=self.problem)


class ActionForm(ProblemForm):
    """Who does what until when."""

    kind = forms.ChoiceField(label=_("What is it for?"), choices=Action.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What is to be done?"), max_length=300, error_messages={"required": _("Please say what is to be done.")}
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Who does it?"), empty_label=None)
    due_on = forms.DateField(
        label=_("Until when?"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Please give a day, such as 2026-11-24.")},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        owner: Any = self.fields["owner"]
        owner.queryset = queries.action_owners(self.problem).select_related("customer")
        owner.label_from_instance = lambda one: f"{one.name}, {one.customer}" if one.customer else one.name
        self.initial["owner"], self.initial["kind"] = self.user.pk, Action.Kind.PREVENT


class MoveActionForm(ActionForm):
    """Another person or another day for what is agreed."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        del self.fields["kind"], self.fields["text"]


class EffectForm(ProblemForm):
    effect = forms.ChoiceField(label=_("Did it help?"), choices=Action.Effect.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("What has shown it?"), max_length=500, required=False)


class DropForm(ProblemForm):
    reason = forms.CharField(
        label=_("Why is it dropped?"), max_length=500, error_messages={"required": _("Please say why it is dropped.")}
    )
