"""What is filled in about causes while people cannot work: cards, a search with an aim, evidence before a restart."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import User
from incidents.forms.desk import VerbForm, words
from incidents.models import DestructiveAction, Incident, ParkedNote


class CardForm(forms.Form):
    """A card; which of the three kinds it is says the button that was pressed."""

    text = forms.CharField(
        label=_("What do you think, know or want to do later?"),
        widget=forms.Textarea({"rows": 2}),
        required=False,
        help_text=_("Quicker in a note: ? for a hypothesis, ! for evidence, > for a follow-up."),
    )
    file = forms.FileField(label=_("File"), required=False)
    link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    is_lost_on_restart = forms.BooleanField(label=_("A restart would destroy it"), required=False)
    confidence = forms.ChoiceField(label=_("How sure is that?"), choices=ParkedNote.Confidence.choices, required=False)
    kind = forms.CharField(required=False, widget=forms.HiddenInput)


class InvestigateForm(VerbForm):
    """The service is down: park the thought, or look for the cause because it helps to restore."""

    reaches: ClassVar[str] = "desk"
    buttons = [
        ("way", "park", _("Park it")),
        ("way", "serve", _("It serves restoration")),
    ]

    aim = words(
        _("The service is still down. Park it for later, or does it serve restoration?"),
        rows=2,
        help_text=_("Say what you think, or what finding it would make possible: “find a way to print until noon”."),
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Who looks for it?"), required=False, empty_label=_("I do")
    )
    way = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(memberships__team=incident.team_id, is_active=True).order_by("name")


class CaptureForm(VerbForm):
    """Before something that may destroy evidence."""

    reaches: ClassVar[str] = ""
    buttons = [("what", value, label) for value, label in DestructiveAction.What.choices]

    on = forms.CharField(
        label=_("Which machine or service?"),
        required=False,
        max_length=200,
        help_text=_("What should be saved first comes up at once; going ahead without is one click."),
    )
    what = forms.CharField(required=False, widget=forms.HiddenInput)
