"""What is said when a goal is agreed or has ended."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import goals


class AgreeForm(forms.Form):
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    due_on = forms.DateField(
        label=_("To be reached by"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: within a quarter."),
    )


class EndForm(forms.Form):
    evidence = forms.CharField(
        label=_("What shows it, or why is it dropped?"),
        widget=forms.Textarea({"rows": 2}),
        max_length=goals.MOST_WORDS,
        error_messages={"required": _("Please write at least one sentence.")},
    )
