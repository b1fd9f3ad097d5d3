"""Whom the desk adds to those who are told of an incident."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from customers.models import User
from incidents import queries
from incidents.models import Follow, Incident

NAMED = 5  # of several who fit


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
