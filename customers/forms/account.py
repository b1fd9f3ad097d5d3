"""What people say about themselves: how they are called, how they read, and which programs act for them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine, zone_names
from customers.models import User

THEMES = [("system", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
LIFETIMES = [(30, _("30 days")), (90, _("90 days")), (365, _("one year"))]  # of API tokens
DEFAULT_LIFETIME = 90


class ProfileForm(forms.ModelForm):
    name = OneLine(
        label=_("Name"),
        max_length=120,
        help_text=_("This is how colleagues and the people at the desk call you."),
        error_messages={"required": _("Please write how we may call you.")},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    phone = OneLine(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("So that we can call you back."),
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = User
        fields = ["name", "phone", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer = self.instance.customer
        languages = [(code, gettext(str(name))) for code, name in settings.LANGUAGES]
        own_language = dict(languages).get(customer.language if customer else settings.LANGUAGE_CODE, "")
        own_zone = customer.time_zone if customer else "UTC"
        self._offer("language", [("", _as_usual(own_language)), *languages])
        zones = [(name, name.replace("_", " ")) for name in dict.fromkeys([*zone_names(), *self._kept_zone()])]
        self._offer("time_zone", [("", _as_usual(own_zone.replace("_", " "))), *zones])

    def _kept_zone(self) -> list[str]:
        return [self.instance.time_zone] if self.instance.time_zone else []

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them


def _as_usual(value: str) -> str:
    return gettext("The usual one (%(value)s)") % {"value": value}


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(
        choices=THEMES,
        label=_("Light or dark"),
        widget=forms.RadioSelect,
        initial="system",
        error_messages={"invalid_choice": _("Please choose one of the three.")},
    )


class TokenForm(forms.Form):
    """A token for a program; it may do what its owner may do."""

    days = forms.TypedChoiceField(
        choices=LIFETIMES,
        coerce=int,
        label=_("Valid for"),
        initial=DEFAULT_LIFETIME,
        error_messages={"invalid_choice": _("Please choose how long the token is valid.")},
    )
