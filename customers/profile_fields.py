"""Fields of the profile's forms: numbers, lengths of time and people, as somebody types them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from customers.models import Customer, User
from itsm import wording
from itsm.text import clean, is_phone

YEAR_MIN = 525_600
MOST_PEOPLE = 10_000_000
_MINUTES = {
    1: ("", "m", "min", "mins", "minute", "minutes", "minuten"),
    60: ("h", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"),
    1440: ("d", "day", "days", "tag", "tage", "jour", "jours"),
}
_UNITS = {word: minutes for minutes, words in _MINUTES.items() for word in words}
_STRETCH = re.compile(r"([0-9]{1,9})\s*([^\W\d_]*)\.?")


class Phone(OneLine):
    """A telephone number that can be dialled."""

    widget = forms.TextInput({"inputmode": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_phone(value):
            raise ValidationError(gettext("Please write a telephone number: digits, spaces and + ( ) / . - only."))


class Stretch(OneLine):
    """A length of time in minutes, written as "30 min", "4 h" or "2 days"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, help_text=_("Such as 30 min, 4 h or 2 days."), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = _STRETCH.fullmatch(text.lower())
        if not found or found[2] not in _UNITS:
            raise ValidationError(gettext("Please write a length of time such as 30 min, 4 h or 2 days."))
        minutes = int(found[1]) * _UNITS[found[2]]
        if not 1 <= minutes <= YEAR_MIN:
            raise ValidationError(gettext("From one minute to a year, please."))
        return minutes

    def prepare_value(self, value: Any) -> Any:
        return wording.minutes_words(value) if isinstance(value, int) else value


class Lines(forms.CharField):
    """Some short lines; kept as a list."""

    widget = forms.Textarea({"rows": 3})
    MOST = 20

    def clean(self, value: Any) -> Any:
        lines = [" ".join(clean(line).split())[:120] for line in super().clean(value).splitlines()]
        found = [line for line in lines if line]
        if len(found) > self.MOST:
            raise ValidationError(gettext("At most %(most)d lines, please.") % {"most": self.MOST})
        return found

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class HowMany(forms.IntegerField):
    """A whole number between two others; what is out of range is told with the range."""

    def __init__(self, *, first: int = 0, last: int = MOST_PEOPLE, **kwargs: Any) -> None:
        sentence = format_lazy(_("Please write a whole number from {first} to {last}."), first=first, last=f"{last:,}")
        super().__init__(
            min_value=first,
            max_value=last,
            error_messages={"invalid": sentence, "min_value": sentence, "max_value": sentence, "required": sentence},
            **kwargs,
        )


class Person(OneLine):
    """Somebody of the customer's, by e-mail address; whose customer it is, the form says."""

    customer: Customer
    widget = forms.TextInput({"inputmode": "email", "list": "people", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> Any:
        email = super().clean(value)
        if not email:
            return None
        found = User.objects.filter(customer=self.customer, email__iexact=email, is_active=True).first()
        if found is None:
            raise ValidationError(
                gettext("Nobody of %(customer)s has this e-mail address.") % {"customer": self.customer.name}
            )
        return found

    def prepare_value(self, value: Any) -> Any:
        return value.email if isinstance(value, User) else value
