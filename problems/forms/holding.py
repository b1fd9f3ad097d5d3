"""The question that is asked while people cannot work: park it, or does it serve restoration?"""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import User
from incidents.models import Incident, ParkedNote
from problems import holding
from problems.forms.verbs import ProblemForm, words
from problems.models import Problem

PARK, SERVE = "park", "serve"
QUESTION = _("Service is still down. Park it, or does it serve restoration?")


class Question(forms.Form):
    """What somebody thinks or is after, and which button was pressed; parking is what happens by itself."""

    text = words(
        _("What do you think, or what would finding it make possible?"),
        most=20_000,
        help_text=_("Such as “the certificate on relay 1 has expired”, or “find a way to print until noon”."),
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Who looks for it, if it serves?"), required=False, empty_label=_("I do")
    )
    way = forms.CharField(required=False, widget=forms.HiddenInput)

    def serves(self) -> bool:
        return bool(self.cleaned_data.get("way") == SERVE)

    def _whose(self, incident: Incident) -> None:
        owner: Any = self.fields["owner"]
        serving = User.objects.filter(memberships__team=incident.team_id, is_active=True)
        owner.queryset = serving.distinct().order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        length = len(said.get("text") or "")
        if said.get("way") == SERVE and length > holding.MOST_AIM:
            self.add_error("text", gettext("An aim is a sentence: at most %(most)d characters.") % {
                "most": holding.MOST_AIM,
            })  # fmt: skip
        return said


class HoldForm(Question, ProblemForm):
    """On the page of a parked problem; `incident` is which of those that are down."""

    incident = forms.ModelChoiceField(Incident.objects.none(), label=_("For which incident?"), empty_label=None)
    kind = forms.ChoiceField(
        choices=ParkedNote.Kind.choices, required=False, initial=ParkedNote.Kind.HYPOTHESIS, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, problem: Problem, **more: Any) -> None:
        super().__init__(*args, problem=problem, **more)
        down = holding.down_of(problem)
        incident: Any = self.fields["incident"]
        incident.queryset = Incident.objects.filter(pk__in=[one.pk for one in down])
        if len(down) == 1:
            incident.widget = forms.HiddenInput()
        self.initial["incident"] = down[0].pk if down else None
        self._whose(down[0] if down else problem.opened_by)


class NewProblemForm(Question):
    """In the place of an incident that is down: the thought may stay out when it is only parked."""

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        super().__init__(data, auto_id="new-problem-%s")
        self.fields["text"].required = False
        self._whose(incident)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("way") == SERVE and not (said.get("text") or "").strip():
            self.add_error("text", gettext("Please say what it is for, such as “find a way to print until noon”."))
        return said


def typed(form: forms.Form) -> str:
    """What somebody had written when the service went down, in one piece: nothing of it is lost."""
    boxes = [name for name, field in form.fields.items() if type(field) is forms.CharField]
    said = [str(form[name].value() or "").strip() for name in boxes if not form[name].is_hidden]
    return "\n".join(line for line in said if line)
