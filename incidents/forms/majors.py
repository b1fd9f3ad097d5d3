"""What is filled in about a major incident: that it is one, who does what, who goes on, where one talks."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from customers.models import User
from incidents.forms.desk import VerbForm, words
from incidents.majors import MOST_NAME, MOST_NOTE, MOST_REASON
from incidents.models import Incident, MajorRole


class DeclareForm(VerbForm):
    """Two clicks; the sentence is for those who come to help."""

    reaches: ClassVar[str] = "desk"
    buttons = [("", "", _("Declare major"))]

    reason = words(_("What makes it major? One sentence, if you like."), rows=1, required=False, max_length=MOST_REASON)


class DowngradeForm(VerbForm):
    reaches: ClassVar[str] = "desk"
    buttons = [("", "", _("Not major any more"))]

    reason = words(_("Why is it not major any more?"), rows=1, max_length=MOST_REASON)


class RoomForm(forms.Form):
    """The base of what stands beside the work; `prefix` keeps ids apart, names stay plain."""

    key = ""

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        super().__init__(data, auto_id=f"{self.key}-%s")
        self.incident = incident


class GiveRoleForm(RoomForm):
    key = "give"

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[kind for kind in MajorRole.Kind.choices if kind[0] != MajorRole.Kind.MANAGER],
        error_messages={"invalid_choice": _("Please choose one of the roles.")},
    )
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Who takes it?"), required=False, empty_label=_("somebody without a log-in:")
    )
    name = OneLine(label=_("Name"), max_length=MOST_NAME, required=False)

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        super().__init__(data, incident=incident)
        contacts = Q(customer=incident.customer_id, role=User.Role.CONTACT)
        people = User.objects.filter(Q(memberships__team=incident.team_id) | contacts, is_active=True)
        person: Any = self.fields["person"]
        person.queryset = people.distinct().order_by("name")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("person") and not values.get("name") and not self.errors:
            self.add_error("name", str(_("Please say who takes it.")))
        return values


class SuccessorForm(RoomForm):
    key = "successor"

    to = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who goes on?"),
        empty_label=_("Please choose"),
        error_messages={"required": _("Please say who goes on.")},
    )
    note = words(
        _("How does it stand? Five lines"), rows=5, max_length=MOST_NOTE,
        help_text=_("What is broken · what was tried · what runs now · what was promised · who waits for what"),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        super().__init__(data, incident=incident)
        desk = (User.Role.AGENT, User.Role.LEAD, User.Role.MANAGER)
        people = User.objects.filter(memberships__team=incident.team_id, is_active=True, role__in=desk)
        to: Any = self.fields["to"]
        to.queryset = people.distinct().order_by("name")


class CallForm(RoomForm):
    key = "call"

    url = forms.CharField(
        label=_("Where do you talk? Any web address"),
        required=False,
        widget=forms.URLInput({"placeholder": "https://", "inputmode": "url"}),
    )

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        super().__init__(data, incident=incident)
        self.fields["url"].initial = incident.major.call_url


# What stands in the war room beside the work, by its name there.
ROOM_FORMS: dict[str, type[RoomForm]] = {form.key: form for form in (GiveRoleForm, SuccessorForm, CallForm)}
