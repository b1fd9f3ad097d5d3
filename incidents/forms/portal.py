"""What a customer's person fills in: one box, and nothing else that must be filled in."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Service
from incidents.files import ALLOWED
from incidents.forms.fields import Token

SAY_SOMETHING = {"required": _("Please write at least one sentence.")}
TILES = 12  # more services than that are found faster in a list
# Naming the kinds makes telephones hand over a photo in one of them, whatever they keep it in themselves.
ACCEPT = {"accept": ",".join(sorted({*ALLOWED.values(), *(f".{ending}" for ending in ALLOWED)}))}
FILE_TROUBLE = {
    "empty": _("The file is empty."),
    "missing": _("No file arrived."),
    "invalid": _("The file did not arrive. Please try again."),
}


class ReportForm(forms.Form):
    """What is not working? Everything else is optional, and "not sure" is an answer."""

    client_token = Token(required=False)
    text = forms.CharField(
        label=_("What is not working?"),
        widget=forms.Textarea({"rows": 4, "placeholder": _("For example: the documents at the counter won't print")}),
        error_messages=SAY_SOMETHING,
    )
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("What is it about?"),
        required=False,
        blank=True,  # without it, radio buttons would leave out the answer "not sure"
        empty_label=_("Not sure"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please choose one of these, or “Not sure”.")},
    )
    photo = forms.FileField(
        label=_("Add a photo"), required=False, widget=forms.FileInput(ACCEPT), error_messages=FILE_TROUBLE
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"client_token": uuid.uuid4()}} | kwargs)
        services = customer.services.filter(is_active=True).order_by("-is_critical", "name")
        field = self.fields["service"]
        field.queryset = services  # type: ignore[attr-defined]  # a ModelChoiceField has one
        self.offers_services = services.count()
        if self.offers_services > TILES:
            field.widget = forms.Select()
            field.widget.choices = field.choices  # type: ignore[attr-defined]  # likewise


class FollowForm(forms.Form):
    """The base of what can be sent from the tracking page."""

    client_token = Token(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"client_token": uuid.uuid4()}} | kwargs)


class AddForm(FollowForm):
    text = forms.CharField(label=_("Your message"), widget=forms.Textarea({"rows": 3}), error_messages=SAY_SOMETHING)


class StillBrokenForm(FollowForm):
    text = forms.CharField(
        label=_("What do you still notice?"),
        help_text=_("You can send it without a word."),
        widget=forms.Textarea({"rows": 2}),
        required=False,
    )


class AnswerForm(AddForm):
    """The same, where we asked something."""

    text = forms.CharField(label=_("Your answer"), widget=forms.Textarea({"rows": 3}), error_messages=SAY_SOMETHING)


class PhotoForm(FollowForm):
    file = forms.FileField(
        label=_("Photo or file"),
        widget=forms.FileInput(ACCEPT),
        error_messages=FILE_TROUBLE | {"required": _("Please choose a file.")},
    )
