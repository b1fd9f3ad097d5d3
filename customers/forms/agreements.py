"""A whole layer as a form: each knob left as inherited or set here, and what is said about the change."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from customers import policy
from customers.agreed import GROUPS, layer_words
from customers.agreements import Told
from customers.fields import OneLine
from customers.forms.knobs import KnobForm, form_for
from customers.models import ContractClass
from customers.policy import Layer


class SaidForm(forms.Form):
    """What goes with every change: which state one looked at, and why a rule may be broken."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    told_on = forms.DateField(
        label=lazy("If a channel goes: its people were told on"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=lazy("No channel goes within 30 days of that."),
        error_messages={"invalid": lazy("Please write the day as 2026-12-24.")},
    )
    reason = forms.CharField(
        label=lazy("Why it is right all the same"),
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.Textarea({"rows": 2}),
        help_text=lazy("Only where a rule of fairness is broken. It stays beside the change, with your name."),
    )

    def __init__(self, data: Any, *, version: int, may_except: bool) -> None:
        super().__init__(data, initial={"version": version})
        if not may_except:
            del self.fields["reason"]

    def told(self) -> Told:
        return Told(reason=self.cleaned_data.get("reason", ""), told_on=self.cleaned_data["told_on"])


class ContractForm(SaidForm):
    """A contract class besides its knobs."""

    name = OneLine(label=lazy("Name"), max_length=80)
    meaning = OneLine(
        label=lazy("What it means"), max_length=200, required=False, help_text=lazy("One line, as customers read it.")
    )
    field_order = ["version", "name", "meaning"]

    def __init__(self, data: Any, *, contract: ContractClass, version: int, may_except: bool = True) -> None:
        super().__init__(data, version=version, may_except=may_except)
        self.initial["name"], self.initial["meaning"] = contract.name, contract.meaning


class ChooseContractForm(SaidForm):
    """Which contract class a customer has."""

    contract = forms.ModelChoiceField(
        ContractClass.objects.order_by("name"),
        label=lazy("Contract class"),
        required=False,
        empty_label=lazy("none"),
        error_messages={"invalid_choice": lazy("Please choose one of the list.")},
    )
    field_order = ["version", "contract"]

    def __init__(self, data: Any, *, chosen: int | None, version: int, may_except: bool) -> None:
        super().__init__(data, version=version, may_except=may_except)
        self.initial["contract"] = chosen


class LayerForm:
    """The form of one layer: `said` for the change as a whole, and a small form for each knob."""

    def __init__(self, data: Any, *, below: list[Layer], own: dict[str, Any], said: SaidForm) -> None:
        """`below` are the layers before this one; none where they differ from customer to customer."""
        self.said = said
        values = policy.merged(below)
        self.groups: list[tuple[str, list[KnobForm]]] = []
        for title, names in GROUPS:
            forms_of = [
                form_for(
                    name,
                    data,
                    inherited=(values[name], layer_words(policy.deciding(below, name))) if below else None,
                    own=own.get(name),
                )
                for name in names
            ]
            self.groups.append((str(title), forms_of))

    @property
    def forms(self) -> list[KnobForm]:
        return [form for _title, forms_of in self.groups for form in forms_of]

    def is_valid(self) -> bool:
        right = [form.is_valid() for form in [self.said, *self.forms]]
        if wrong := [str(form.knob.label) for form in self.forms if form.errors]:
            self.said.add_error(None, _("Please look at: %(knobs)s.") % {"knobs": ", ".join(wrong)})
        return all(right)

    def knobs(self) -> dict[str, Any]:
        """What is set here and nothing else."""
        return {form.knob.name: form.value for form in self.forms if form.cleaned_data["how"] == "here"}
