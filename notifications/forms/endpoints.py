"""What is written down when a program is to be told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from itsm.outbound import LONGEST_URL
from notifications import endpoints
from notifications.models import Endpoint


class EndpointForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is it?"), choices=Endpoint.Kind.choices, initial=Endpoint.Kind.WEBHOOK)
    name = OneLine(
        label=_("Name"), max_length=endpoints.LONGEST_NAME, help_text=_("As you call it: ticket system, room of IT.")
    )
    url = OneLine(
        label=_("Address"),
        max_length=LONGEST_URL,
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Begins with https://. It is kept sealed and never shown in full again."),
    )
    up_to_priority = forms.TypedChoiceField(
        label=_("What is it told of?"),
        coerce=int,
        initial=4,
        choices=[(4, _("All incidents")), (3, _("P1 to P3")), (2, _("P1 and P2")), (1, _("P1 only"))],
    )
