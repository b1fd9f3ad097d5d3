"""Whom the desk adds to those who are told of an incident."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from customers.models import User
from incidents import queries
from incidents.models import Follow, Incident
from itsm.refusal import Refused
from itsm.text import clean

NAMED = 5  # of several who fit
LONGEST = 20  # characters of a reference


class FollowerForm(forms.Form):
    """`person` is set once it is valid."""

    who = OneLine(
        label=_("Add somebody"),
        max_length=100,
        help_text=_("Name, e-mail or phone of somebody at this customer."),
        error_messages={"required": _("Please say who.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    why = forms.ChoiceField(
        choices=Follow.Why,
        label=_("Why?"),
        initial=Follow.Why.ME_TOO,
        error_messages={"invalid_choice": _("Please choose one of the two.")},
    )

    def __init__(self, data: Any = None, *, agent: User, incident: Incident) -> None:
        super().__init__(data, auto_id="follower-%s")
        self.agent, self.incident = agent, incident
        self.person: User | None = None

    def clean_who(self) -> str:
        words: str = self.cleaned_data["who"]
        found = queries.people(self.agent, words, self.incident.customer_id)
        exact = [person for person in found if words.lower() in (person.email, person.name.lower())]
        fitting = exact or found
        if not fitting:
            raise forms.ValidationError(_("Nobody of that name is at this customer."))
        if len(fitting) > 1:
            several = ", ".join(f"{person.name} ({person.email})" for person in fitting[:NAMED])
            raise forms.ValidationError(
                _("Several people fit: %(people)s. Please write the e-mail."), params={"people": several}
            )
        (self.person,) = fitting
        return words


class ReportForm(forms.Form):
    """Which report or which major incident is meant, by its reference."""

    reference = OneLine(
        label=_("Reference"),
        max_length=20,
        required=False,
        help_text=_("For example INC-1042."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, agent: User) -> None:
        super().__init__(data, auto_id="child-%s")
        self.agent = agent

    def report(self) -> Incident:
        """The incident that is meant, or a refusal with a sentence."""
        words = clean(self.data.get("reference", "")).strip().upper()
        words = f"INC-{words}" if words.isascii() and words.isdigit() else words
        found = (
            Incident.objects.visible_to(self.agent).filter(reference=words).first() if len(words) <= LONGEST else None
        )
        if found is None:
            raise Refused(str(_("There is no incident of this reference. Please write it like INC-1042.")))
        return found

    def refuse(self, sentence: str) -> None:
        """Shown above what was typed."""
        self.is_valid()
        self.add_error(None, sentence)
