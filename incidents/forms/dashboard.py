"""The filters of the dashboards and of the lists behind their figures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Level, User
from incidents import measures
from incidents.measures import Wanted
from incidents.models import Clock


class WantedForm(forms.Form):
    """Which period and whose; nothing chosen is the default of `Wanted`."""

    days = forms.TypedChoiceField(
        label=_("Period"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[(days, _("%(days)d days") % {"days": days}) for days in measures.PERIODS],
    )
    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), required=False, empty_label=_("All customers")
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__({"days": Wanted.days} | data.dict())
        self.label_suffix = ""
        own: Any = self.fields["customer"]
        own.queryset = Customer.objects.visible_to(user).order_by("name")

    def clean_days(self) -> int:
        return self.cleaned_data["days"] or Wanted.days

    @property
    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)


class RestoredForm(WantedForm):
    level = forms.TypedChoiceField(
        label=_("Level"), coerce=int, required=False, empty_value=None, choices=[("", _("All levels")), *Level.choices]
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[("", _("All priorities")), *[(number, f"P{number}") for number in (1, 2, 3, 4)]],
    )


class ClocksForm(RestoredForm):
    kind = forms.ChoiceField(
        label=_("Promise"),
        required=False,
        choices=[("", _("All promises")), *[(kind.value, kind.label) for kind in Clock.JUDGED]],
    )
    show = forms.ChoiceField(label=_("Show"), required=False, choices=measures.labels)

    def clean_show(self) -> str:
        return self.cleaned_data["show"] or Wanted.show
