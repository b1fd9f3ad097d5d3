"""What is filled in about known errors: themselves, using one, passing one on."""

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Service, User
from incidents.forms.desk import VerbForm, Version, words
from incidents.forms.fields import Token
from incidents.models import CauseCategory, Incident
from problems.models import KnownError, Problem

LONGEST = 5_000


def _text(label: Any, rows: int = 2, *, required: bool = False, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, widget=forms.Textarea({"rows": rows}), **kwargs
    )


class KnownErrorForm(forms.Form):
    """A known error in words; with `customer` also what of that customer it is about."""

    version = Version(required=False)
    title = forms.CharField(
        label=_("In one line"), max_length=200, error_messages={"required": _("Please give it a title.")}
    )
    symptom = _text(_("What people notice"))
    applies_when = _text(_("When it applies"))
    workaround = _text(_("What helps"), 4, required=True, error_messages={"required": _("Please say what helps.")})
    verify = _text(_("How one sees that it helped"))
    service = forms.ModelChoiceField(
        Service.objects.none(), label=_("Service"), required=False, empty_label=_("not said")
    )
    service_name = forms.CharField(label=_("Kind of service, in words"), max_length=80, required=False)
    error_code = forms.CharField(label=_("Error code"), max_length=60, required=False)
    cause = _text(_("Cause"), help_text=_("Only the desk reads this, and what follows."))
    risk = _text(_("What can go wrong"))
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("not said")), *CauseCategory.choices]
    )
    affected_version = forms.CharField(label=_("Version"), max_length=60, required=False)
    problem = forms.ModelChoiceField(Problem.objects.none(), label=_("Problem"), required=False, empty_label=_("none"))

    def __init__(self, *args: Any, agent: User, customer: Customer | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if customer is None:
            del self.fields["service"], self.fields["problem"]
            return
        service: Any = self.fields["service"]
        service.queryset = Service.objects.visible_to(agent).filter(customer=customer, is_active=True).order_by("name")
        problem: Any = self.fields["problem"]
        problem.queryset = Problem.objects.visible_to(agent).filter(customer=customer).order_by("-opened_at")


class NewKnownErrorForm(KnownErrorForm):
    """A first draft; which of the customer's services it is about is said on its page."""

    customer = forms.ModelChoiceField(
        Customer.objects.none(),
        label=_("Customer"),
        error_messages={"required": _("Please say whose it is."), "invalid_choice": _("Please say whose it is.")},
    )
    field_order = ["customer"]

    def __init__(self, *args: Any, agent: User, **kwargs: Any) -> None:
        super().__init__(*args, agent=agent, customer=None, **kwargs)
        customer: Any = self.fields["customer"]
        customer.queryset = Customer.objects.visible_to(agent).order_by("name")


def first_values(known: KnownError) -> dict[str, Any]:
    """What stands in the form of one that is there."""
    values = {name: getattr(known, name) for name in (*KnownError.WORDS, "category", "version")}
    return values | {"service": known.service_id, "problem": known.problem_id}


class CommunicateForm(forms.Form):
    """An agent's words to all who are affected."""

    client_token = Token(required=False)
    text = _text(_("What they read"), 4, required=True, error_messages={"required": _("Please write what helps.")})

    def __init__(self, data: Any = None, *, known: KnownError) -> None:
        super().__init__(data, initial={"client_token": uuid.uuid4(), "text": reads(known)}, auto_id="tell-%s")


class ApplyForm(VerbForm):
    """The workaround as the update that the customer reads: it works by it, or they try it."""

    RESTORE, TELL = "restore", "tell"
    buttons = [("how", RESTORE, _("It works by this")), ("how", TELL, _("Send it: they try it"))]

    text = words(_("What the customer reads"), rows=5)
    how = forms.CharField(required=False, widget=forms.HiddenInput)  # said by the button that was pressed

    def __init__(self, *args: Any, incident: Incident, known: KnownError, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, initial={"text": reads(known)}, **kwargs)
        self.sends_to = reverse("problems:apply_known_error", args=[incident.reference, known.pk])


def reads(known: KnownError) -> str:
    """The workaround as somebody reads it who has the trouble."""
    return "\n\n".join(filter(None, [known.workaround, known.verify]))


class StockFilter(forms.Form):
    """Which of the stock are shown."""

    SHOW = [("", _("all")), ("never", _("never used")), ("stale", _("not used for half a year"))]
    STATES = [
        ("published", _("published")), ("", _("all")), *KnownError.Status.choices,
    ]  # fmt: skip

    q = forms.CharField(label=_("Search"), max_length=100, required=False, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    customer = forms.ModelChoiceField(
        Customer.objects.none(), label=_("Customer"), required=False, empty_label=_("all")
    )
    service = forms.CharField(label=_("Service"), max_length=80, required=False)
    show = forms.ChoiceField(label=_("Use"), choices=SHOW, required=False)

    def __init__(self, *args: Any, agent: User) -> None:
        super().__init__(*args)
        customer: Any = self.fields["customer"]
        customer.queryset = Customer.objects.visible_to(agent).order_by("name")

    def wanted(self) -> dict[str, Any]:
        """What was asked for; what makes no sense is not asked."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}
