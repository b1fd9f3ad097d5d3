"""What is filled in to put an incident right, and the table of all forms of an incident's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Team
from incidents.forms.afterwards import CompleteForm, PromiseCallForm
from incidents.forms.desk import FORMS as DAILY
from incidents.forms.desk import PromiseForm, VerbForm, words
from incidents.forms.majors import DeclareForm, DowngradeForm
from incidents.forms.parking import CaptureForm, InvestigateForm
from incidents.forms.update import UpdateForm
from incidents.models import Incident

OFFERED = 50  # open incidents of the same customer to merge into, the youngest


class WaitForm(PromiseForm):
    buttons = [("", "", _("Wait for it"))]

    text = words(_("What do we wait for, and from whom?"))
    field_order = ["text", "promise", "next_update_at"]


class HandOverForm(VerbForm):
    reaches = ""
    buttons = [("", "", _("Hand over"))]

    team = forms.ModelChoiceField(Team.objects.none(), label=_("Which team goes on?"), empty_label=None)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        team: Any = self.fields["team"]
        team.queryset = (
            Team.objects.filter(customers=incident.customer_id).exclude(pk=incident.team_id).order_by("name")
        )


class MergeForm(VerbForm):
    reaches = ""
    buttons = [("", "", _("Merge"))]

    into = forms.ModelChoiceField(
        Incident.objects.none(), label=_("Which one goes on?"), help_text=_("This one ends, with its clocks.")
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        others = Incident.objects.open().filter(customer=incident.customer_id).exclude(pk=incident.pk)
        into: Any = self.fields["into"]
        into.queryset = others.filter(pk__in=others.order_by("-opened_at").values("pk")[:OFFERED]).order_by(
            "-opened_at"
        )


class CorrectCustomerForm(VerbForm):
    reaches = ""
    buttons = [("", "", _("Correct the customer"))]

    who = forms.CharField(
        label=_("Who reported it really?"),
        max_length=100,
        help_text=_("Name and customer, or the e-mail address. The used time stays; links sent before end."),
    )


# What can be opened beneath the buttons of an incident, by verb.
FORMS: dict[str, type[VerbForm]] = (
    {"update": UpdateForm}
    | DAILY
    | {
        "wait": WaitForm,
        "hand_over": HandOverForm,
        "merge": MergeForm,
        "correct_customer": CorrectCustomerForm,
        "complete": CompleteForm,
        "promise_call": PromiseCallForm,
        "investigate": InvestigateForm,
        "capture": CaptureForm,
        "declare": DeclareForm,
        "downgrade": DowngradeForm,
    }
)
