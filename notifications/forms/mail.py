"""What is filled in at the tray, and by whoever tries out answers in the demo."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.text import clean


class AssignForm(forms.Form):
    """Whose mail it is."""

    who = forms.CharField(
        label=_("Whose report is it?"),
        max_length=100,
        help_text=_("The e-mail address, or name and customer. An incident is opened for this person."),
    )


class JoinForm(forms.Form):
    """What it belongs to."""

    reference = forms.CharField(label=_("Which incident does it belong to?"), max_length=20, help_text=_("INC-1042"))

    def clean_reference(self) -> str:
        found = re.fullmatch(r"(?:INC-?)?([0-9]{1,12})", clean(self.cleaned_data["reference"]).upper(), re.ASCII)
        if not found:
            raise forms.ValidationError(_("Please give the number of an incident, such as INC-1042."))
        return f"INC-{found.group(1)}"


class MailForm(forms.Form):
    """The demo: a mail to the desk, as somebody who has no mail program here would write it."""

    sender = forms.EmailField(label=_("From"))
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Text"), max_length=20_000, widget=forms.Textarea({"rows": 6}))


class AnswerForm(forms.Form):
    """The demo: an answer to a mail that is shown."""

    text = forms.CharField(label=_("Answer as this person"), max_length=20_000, widget=forms.Textarea({"rows": 4}))
