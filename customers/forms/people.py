"""What is filled in to invite people, to change what they may do, and to end that."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.fields import OneLine
from customers.models import Customer, Team, User
from itsm.refusal import Refused
from itsm.text import clean

Role = User.Role
TOO_LONG = _("This is too long: at most %(limit_value)d characters.")
FITTING = 5  # how many are named where several fit


class InviteForm(forms.Form):
    """Somebody new at a customer."""

    name = OneLine(
        label=_("Name"),
        max_length=120,
        error_messages={"required": _("Please write how they are called."), "max_length": TOO_LONG},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={
            "required": _("Please write their e-mail address."),
            "invalid": _("This is not an e-mail address."),
            "max_length": TOO_LONG,
        },
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("May do"), error_messages={"invalid_choice": _("This role cannot be given here.")})

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_roles(self, User.CUSTOMER_SIDE)


class StaffInviteForm(InviteForm):
    """Somebody new who helps."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("In the teams"),
        required=False,
        help_text=_("One sees the customers of one's teams; administrators need none."),
        error_messages={
            "invalid_choice": _("This team is not yours to choose."),
            "invalid_pk_value": _("This team is not yours to choose."),
        },
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        _offer_roles(self, roles_given_by(by))
        _offer_teams(self, by)


class ChangeForm(forms.Form):
    """What somebody at a customer may do, and how we treat them."""

    role = InviteForm.base_fields["role"]
    is_vip = forms.BooleanField(
        label=_("Very important person"), required=False, help_text=_("Changes how we talk to them, never their rank.")
    )

    def __init__(self, *args: Any, person: User, by: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"role": person.role, "is_vip": person.is_vip}
        super().__init__(*args, **kwargs)
        _offer_roles(self, User.CUSTOMER_SIDE)
        if by.is_customer_side:  # manners are the desk's
            del self.fields["is_vip"]


class StaffChangeForm(forms.Form):
    """What somebody who helps may do, and in which teams."""

    role = InviteForm.base_fields["role"]
    teams = StaffInviteForm.base_fields["teams"]

    def __init__(self, *args: Any, person: User, by: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"role": person.role, "teams": [each.team_id for each in person.memberships.all()]}
        super().__init__(*args, **kwargs)
        _offer_roles(self, roles_given_by(by))
        _offer_teams(self, by)


class MergeForm(forms.Form):
    """The other entry of the same person, which goes on."""

    into = forms.EmailField(
        label=_("E-mail address of the entry that goes on"),
        max_length=254,
        help_text=_("Reports, messages and everything else move there; this entry is closed."),
        error_messages={
            "required": _("Please write the address of the other entry."),
            "invalid": _("This is not an e-mail address."),
            "max_length": TOO_LONG,
        },
    )


class EraseForm(forms.Form):
    """The name typed once more: what follows cannot be undone."""

    typed = OneLine(
        label=_("Their name, typed"),
        max_length=120,
        error_messages={"required": _("Please type the name."), "max_length": TOO_LONG},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ServeForm(forms.Form):
    """A customer by name, for a team to serve."""

    customer = OneLine(
        label=_("Customer"),
        max_length=120,
        help_text=_("The name, or a part of it."),
        error_messages={"required": _("Please write the customer's name."), "max_length": TOO_LONG},
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def chosen(self, by: User) -> Customer:
        """The one customer meant, or a sentence that helps to mean one."""
        words = clean(self.cleaned_data["customer"])
        known = Customer.objects.all() if by.role == Role.ADMINISTRATOR else Customer.objects.visible_to(by)
        exact = known.filter(name__iexact=words)
        found = list(exact or known.filter(name__icontains=words).order_by("name")[: FITTING + 1])
        if not found:
            raise Refused(gettext("No customer of this name is among those you see."))
        if len(found) > 1:
            names = ", ".join(customer.name for customer in found[:FITTING])
            raise Refused(
                gettext("Several customers fit: %(names)s. Please write more of the name.") % {"names": names}
            )
        return found[0]


def roles_given_by(by: User) -> tuple[User.Role, ...]:
    return User.STAFF if by.role == Role.ADMINISTRATOR else (Role.AGENT, Role.LEAD, Role.MANAGER)


def _offer_roles(form: forms.Form, roles: tuple[User.Role, ...]) -> None:
    form.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]  # a ChoiceField has them


def _offer_teams(form: forms.Form, by: User) -> None:
    form.fields["teams"].queryset = Team.objects.kept_by(by).order_by("name")  # type: ignore[attr-defined]  # a ModelChoiceField has one
