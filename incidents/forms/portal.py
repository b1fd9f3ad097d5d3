"""What a customer's person fills in: one box, and nothing else that must be filled in."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Service, User
from incidents import ways
from incidents.asked import AFFECTED, LABELS, WHEN, WORKING, kept, wish
from incidents.files import ALLOWED
from incidents.forms.fields import Preset, Token
from itsm.text import LONGEST_PHONE, is_phone

SAY_SOMETHING = {"required": _("Please write at least one sentence.")}
TILES = 8  # more services than that are found faster in a list
# Naming the kinds makes telephones hand over a photo in one of them, whatever they keep it in themselves.
ACCEPT = {"accept": ",".join(sorted({*ALLOWED.values(), *(f".{ending}" for ending in ALLOWED)}))}
FILE_TROUBLE = {
    "empty": _("The file is empty."),
    "missing": _("No file arrived."),
    "invalid": _("The file did not arrive. Please try again."),
}


class Answer(forms.TypedChoiceField):
    """One of some numbered answers; "not sure" is one, and says nothing."""

    widget = forms.RadioSelect

    def __init__(self, *, choices: list[tuple[int, Any]], **kwargs: Any) -> None:
        wrong = {"invalid_choice": _("Please choose one of these, or “Not sure”.")}
        super().__init__(
            choices=[("", _("Not sure")), *choices], coerce=int, empty_value=None, required=False,
            error_messages=wrong, **kwargs,
        )  # fmt: skip


class Number(forms.CharField):
    """A telephone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_PHONE, **kwargs)
        self.widget.input_type = "tel"
        self.widget.attrs["autocomplete"] = "tel"

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and len(value) <= LONGEST_PHONE and not is_phone(value):
            raise ValidationError(_("A number has digits, for example 555 0142."))


class AskedForm(forms.Form):
    """The two plain questions of which impact and urgency are made."""

    affected = Answer(label=_("Who is affected?"), choices=AFFECTED)
    working = Answer(label=_("Can you work?"), choices=WORKING)

    def details(self) -> dict[str, Any]:
        """The answers as the incident keeps them."""
        return kept(self.cleaned_data)


class ReportForm(AskedForm):
    """What is not working? Everything else is optional, and "not sure" is an answer.

    `asked` is what the customer's policy asks for and the profile does not know; whatever else comes is taken too.
    """

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
    phone = Number(label=_("Which number can we call you at?"), required=False)
    since = forms.CharField(
        label=_("Since when?"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"placeholder": _("For example: since this morning")}),
    )
    evidence = forms.CharField(
        label=_("What did you do, and what did you see?"),
        max_length=5000,
        required=False,
        widget=forms.Textarea({"rows": 3, "placeholder": _("Steps, messages, names of machines")}),
    )
    correlation_id = forms.CharField(label=_("Correlation id"), max_length=100, required=False)
    photo = forms.FileField(
        label=_("Add a photo"), required=False, widget=forms.FileInput(ACCEPT), error_messages=FILE_TROUBLE
    )

    def __init__(self, *args: Any, customer: Customer, person: User, knobs: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"client_token": uuid.uuid4()}} | kwargs)
        self.asked = set(knobs["intake"])
        if ways.calls_first(knobs) and not person.phone:
            self.asked.add("phone")
        self.by_matrix = knobs["priority_matrix"] if knobs["priority_by"] == "matrix" else None
        # Answers that came unasked are shown again with the form that was refused: nothing typed is lost.
        self.asked |= {name for name in self.fields if self.data.get(name)}
        self._offer_services(customer)

    def _offer_services(self, customer: Customer) -> None:
        services = customer.services.filter(is_active=True).order_by("-is_critical", "name")
        field: Any = self.fields["service"]
        field.queryset = services
        offered = services.count() if "service" in self.asked else 0
        self.offers_services = bool(offered)
        if offered > TILES:
            field.widget = forms.Select()
            field.widget.choices = field.choices

    def more(self) -> list[forms.BoundField]:
        """What is asked besides the text and the service."""
        return [self[name] for name in LABELS if name in self.asked]


class FollowForm(forms.Form):
    """The base of what can be sent from the tracking page by `person`."""

    client_token = Token(required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        initial = {"client_token": uuid.uuid4()} | self.known(person)
        super().__init__(*args, **{"initial": initial} | kwargs)

    def known(self, person: User) -> dict[str, Any]:
        """What need not be asked."""
        return {}


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


class ChooseTimeForm(FollowForm):
    """Somebody would rather hear from us at a time of their own choice."""

    contact_at = forms.DateTimeField(
        label=_("When shall we contact you?"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Please choose a day and a time."),
            "invalid": _("Please give a day and a time, such as 2026-11-24 14:00."),
        },
    )
    text = forms.CharField(label=_("Anything we should know?"), required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact_at"].help_text = gettext("Until then you hear nothing. Times are in %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }


class PhotoForm(FollowForm):
    file = forms.FileField(
        label=_("Photo or file"),
        widget=forms.FileInput(ACCEPT),
        error_messages=FILE_TROUBLE | {"required": _("Please choose a file.")},
    )


class TellForm(FollowForm, AskedForm):
    """The two plain questions, after the report was sent."""


class CallBackForm(FollowForm):
    """Somebody would rather be called."""

    number = Number(
        label=_("Which number?"), error_messages={"required": _("Please give the number we can call you at.")}
    )
    when = Preset(label=_("When?"), choices=WHEN, default=WHEN[0][0], widget=forms.RadioSelect, initial=WHEN[0][0])
    text = forms.CharField(
        label=_("What is it about?"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("One word is enough."),
    )

    def known(self, person: User) -> dict[str, Any]:
        return {"number": person.phone}

    def wish(self) -> dict[str, str]:
        """The wish as the incident keeps it."""
        return wish(self.cleaned_data["number"], self.cleaned_data["when"])
