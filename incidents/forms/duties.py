"""What is filled in about reports that a customer owes others."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from incidents import duties
from incidents.models import Incident
from itsm import moment


class Instant(forms.DateTimeField):
    """A day and a time, on the reader's wall clock; nothing is now."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        sentence = _("Please give a day and a time, such as 2026-11-24 14:00.")
        super().__init__(required=False, error_messages={"invalid": sentence}, **kwargs)


def zone_words() -> str:
    """Which clock is meant where somebody types a time."""
    return gettext("Times are in %(zone)s.") % {"zone": timezone.get_current_timezone_name()}


class DutyForm(forms.Form):
    """A duty that somebody adds by hand."""

    what = forms.ChoiceField(
        label=_("What has to be reported?"),
        error_messages={"required": _("Please choose what has to be reported."),
                        "invalid_choice": _("Please choose what has to be reported.")},
    )  # fmt: skip
    known_at = Instant(label=_("When did it become known?"))
    name = OneLine(label=_("If something else: what?"), max_length=120, required=False)
    hours = forms.IntegerField(
        label=_("If something else: due after how many hours?"), required=False, min_value=1,
        max_value=duties.LONGEST_H,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        super().__init__(data, auto_id="duty-%s", initial={"known_at": moment.now()})
        what: Any = self.fields["what"]
        what.choices = [("", "…"), *duties.choices(incident)]
        self.fields["known_at"].help_text = zone_words()


class WhenForm(forms.Form):
    """When something happened, for one of the buttons beside a duty."""

    at = Instant(label=_("When?"))
    why = forms.CharField(required=False, max_length=1000)

    def when(self) -> datetime | None:
        found: datetime | None = self.cleaned_data.get("at")
        return found
