"""What is filled in once people can work again: the record, and what came of calls."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Service
from incidents import later
from incidents.forms.desk import VerbForm, Version, words
from incidents.models import CauseCategory, Detection, Incident, ProcessDebt, ResolutionCode

Rule = ProcessDebt.Rule
NOT_SAID = ("", _("not said yet"))


class CompleteForm(VerbForm):
    """Those fields of the record that the customer's policy wants; each says who reads it, and none is compulsory."""

    reaches = ""
    buttons = [("", "", _("Write it down"))]

    resolution_code = forms.ChoiceField(choices=[NOT_SAID, *ResolutionCode.choices], required=False)
    outcome = words("", rows=2, required=False)
    service = forms.ModelChoiceField(Service.objects.none(), required=False, empty_label=NOT_SAID[1])
    cause_category = forms.ChoiceField(choices=[NOT_SAID, *CauseCategory.choices], required=False)
    configuration_item = forms.CharField(max_length=120, required=False)
    known_error = forms.CharField(max_length=200, required=False)
    detection = forms.ChoiceField(choices=[NOT_SAID, *Detection.choices], required=False)
    change = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        initial = {field: getattr(incident, field) for field in later.FIELDS}
        super().__init__(*args, incident=incident, initial=initial, **kwargs)
        wanted = later.wanted(incident)
        for name in later.FIELDS:
            if name in wanted:
                self.fields[name].label = Rule(name).label
                self.fields[name].help_text = str(ProcessDebt.READERS[name])
            else:
                del self.fields[name]
        if "service" in self.fields:
            service: Any = self.fields["service"]
            of_them = Service.objects.filter(customer=incident.customer_id)
            service.queryset = of_them.filter(Q(is_active=True) | Q(incident=incident)).distinct().order_by("name")

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in later.FIELDS}


class PromiseCallForm(VerbForm):
    reaches = ""
    buttons = [("", "", _("Promise the call"))]

    due_at = forms.DateTimeField(
        label=_("We call at"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Please say when we call."),
            "invalid": _("Please give a day and a time, such as 2026-11-24 14:00."),
        },
    )
    name = forms.CharField(label=_("Whom?"), max_length=120, required=False)
    number = forms.CharField(label=_("Which number?"), max_length=80, required=False)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        self.fields["name"].help_text = _("Nobody named: whoever reported it.")


class CallForm(VerbForm):
    """What a button beside a call says; the verb knows what can come of one."""

    reaches = ""

    outcome = forms.CharField(required=False, widget=forms.HiddenInput)
    tries = Version(required=False)


class WriteOffForm(VerbForm):
    reaches = ""

    reason = forms.CharField(required=False, widget=forms.HiddenInput)
