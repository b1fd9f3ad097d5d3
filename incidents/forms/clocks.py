"""What may be decided about a clock."""

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms.desk import Version, at_version, words


class WaiverForm(forms.Form):
    reason = words(_("Why is this miss not counted?"), rows=2)


class DeadlineForm(forms.Form):
    version = Version(required=False)
    due_at = forms.DateTimeField(
        label=_("Agreed for"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Please give a day and a time, such as 2026-11-24 14:00.")},
        help_text=_("Leave it empty to go back to what the agreement says."),
    )
    reason = words(_("With whom, and why?"), rows=2)

    def open_again(self, version: int) -> None:
        """The same words, now against the incident as it is: pressing again keeps them."""
        self.data = at_version(self.data, version)


class DecisionForm(forms.Form):
    """What goes with the decision about a recalculation."""

    waive_reason = words(
        _("Leave these misses out of the count?"),
        rows=2,
        required=False,
        max_length=2000,
        help_text=_("Then say why: it stands with each of them, with your name. They stay written down."),
    )
