"""What a customer's person fills in: one box, and nothing else that must be filled in."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Service
from incidents.forms.fields import Token

SAY_SOMETHING = {"required": _("Please write at least one sentence.")}
TILES = 8  # more services than that are no help to somebody in a hurry


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
        empty_label=_("Not sure"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please choose one of these, or “Not sure”.")},
    )
    photo = forms.FileField(label=_("Add a photo"), required=False)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, initial={"client_token": uuid.uuid4()}, **kwargs)
        services = customer.services.filter(is_active=True).order_by("-is_critical", "name")
        self.fields["service"].queryset = services  # type: ignore[attr-defined]  # a ModelChoiceField has one


class FollowForm(forms.Form):
    """The base of what can be sent from the tracking page."""

    client_token = Token(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"client_token": uuid.uuid4()}, **kwargs)


class AddForm(FollowForm):
    text = forms.CharField(label=_("Your message"), widget=forms.Textarea({"rows": 3}), error_messages=SAY_SOMETHING)


class StillBrokenForm(FollowForm):
    text = forms.CharField(
        label=_("What do you still notice?"),
        help_text=_("You can send it without a word."),
        widget=forms.Textarea({"rows": 2}),
        required=False,
    )


class PhotoForm(FollowForm):
    file = forms.FileField(label=_("Photo or file"), error_messages={"required": _("Please choose a file.")})
