"""How a person wants to be told, on one page: ways, how often, quiet hours, language and clocks."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.forms.account import ProfileForm
from customers.models import ContactRole, Service, User
from notifications import addresses, availability, preferences
from notifications.models import ChannelWish, Delivery, Preference

Quiet = Preference.Quiet
EMAIL, SMS = Delivery.Channel.EMAIL, Delivery.Channel.SMS
USUAL, PORTAL = "", "portal"
WAYS: dict[str, list[str]] = {"email": [EMAIL], "sms": [SMS], "both": [EMAIL, SMS], PORTAL: []}
WORDS = {
    "email": _("By e-mail"), "sms": _("By text message"), "both": _("By e-mail and text message"),
    PORTAL: _("Only here in the portal"),
}  # fmt: skip
WRONG_TIME = {"invalid": _("Please write a time such as 08:00.")}


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class LanguageForm(ProfileForm):
    """The part of the profile that decides how letters read; the same two fields stand in the account."""

    name = None  # type: ignore[assignment]  # Django's way to leave a field of the parent away
    phone = None  # type: ignore[assignment]  # likewise

    class Meta(ProfileForm.Meta):
        fields = ["language", "time_zone"]


class PreferenceForm(forms.Form):
    """One choice per kind of news; what cannot be chosen by this person is not shown."""

    mode = forms.ChoiceField(label=_("How often"), choices=Preference.Mode)
    digest_at = forms.TimeField(
        label=_("If once a day: at"), required=False, widget=TimeInput(), error_messages=WRONG_TIME
    )
    quiet = forms.ChoiceField(label=_("Quiet hours"))
    quiet_from = forms.TimeField(label=_("Mine: from"), required=False, widget=TimeInput(), error_messages=WRONG_TIME)
    quiet_until = forms.TimeField(label=_("until"), required=False, widget=TimeInput(), error_messages=WRONG_TIME)

    def __init__(self, data: Any = None, *, person: User, sms_first: bool = False) -> None:
        self.person, self.sms_first = person, sms_first
        self.kinds = _kinds(person)
        chosen = preferences.of(person)
        super().__init__(data, initial=self._initial(chosen))
        for kind in self.kinds:
            self.fields[f"way_{kind}"] = forms.ChoiceField(
                label=kind.label, choices=self._ways(kind), required=False, initial=self._way(kind)
            )
        quiet: Any = self.fields["quiet"]
        quiet.choices = self._quiet_choices()
        if not person.is_customer_side:
            del self.fields["mode"], self.fields["digest_at"]

    def _initial(self, chosen: Preference) -> dict[str, Any]:
        quiet = chosen.quiet if self.person.is_customer_side or chosen.quiet == Quiet.OWN else Quiet.NEVER
        return {
            "mode": chosen.mode, "digest_at": chosen.digest_at, "quiet": quiet,
            "quiet_from": chosen.quiet_from, "quiet_until": chosen.quiet_until,
        }  # fmt: skip

    @property
    def ways(self) -> list[forms.BoundField]:
        return [self[f"way_{kind}"] for kind in self.kinds]

    def _way(self, kind: ChannelWish.About) -> str:
        """The choice that stands; somebody who ended mails from within one may have set a single channel."""
        said = {wish.channel: wish.is_wanted for wish in self.person.channel_wishes.all() if wish.about == kind}
        if not said:
            return USUAL
        now = preferences.wanted(self.person, kind, [EMAIL])
        return next(name for name, channels in WAYS.items() if channels == now)

    def _ways(self, kind: ChannelWish.About) -> list[tuple[str, Any]]:
        names = ["email", PORTAL]
        if self.can_text or self._way(kind) in ("sms", "both"):
            names = ["email", "sms", "both", PORTAL]
        if kind == ChannelWish.About.OWN and self._way(kind) != PORTAL:
            names.remove(PORTAL)
        return [(USUAL, self._usual()), *((name, WORDS[name]) for name in names)]

    @property
    def can_text(self) -> bool:
        return availability.can_take_text(self.person.phone)

    @property
    def has_stopped(self) -> bool:
        """Has whoever has this number ended text messages?"""
        return bool(self.person.phone) and addresses.has_stopped(self.person.phone)

    def _usual(self) -> str:
        if self.sms_first and self.can_text:
            return gettext("As usual: by e-mail, what is urgent by text message")
        return gettext("As usual: by e-mail")

    def _quiet_choices(self) -> list[tuple[str, Any]]:
        choices = [(Quiet.OWN, Quiet.OWN.label), (Quiet.NEVER, Quiet.NEVER.label)]
        customer = self.person.customer
        if customer is None:
            return [*reversed(choices)]
        if customer.quiet_from is None or customer.quiet_until is None:
            usual = gettext("As my organisation: none")
        else:
            hours = {"begin": f"{customer.quiet_from:%H:%M}", "end": f"{customer.quiet_until:%H:%M}"}
            usual = gettext("As my organisation: %(begin)s to %(end)s") % hours
        return [(Quiet.CUSTOMER, usual), *choices]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        begin, end = values.get("quiet_from"), values.get("quiet_until")
        if values.get("quiet") == Quiet.OWN and not {"quiet_from", "quiet_until"} & self.errors.keys():
            if begin is None or end is None:
                missing = "quiet_from" if begin is None else "quiet_until"
                self.add_error(missing, gettext("Please say from when until when."))
            elif begin == end:
                self.add_error("quiet_until", gettext("Quiet hours begin and end at different times."))
        return values

    def chosen_ways(self) -> dict[str, list[str] | None]:
        return {kind: WAYS.get(self.cleaned_data[f"way_{kind}"]) for kind in self.kinds}

    def how(self) -> dict[str, Any]:
        """The fields of a Preference, as they were filled in."""
        values = {name: self.cleaned_data[name] for name in ("quiet", "quiet_from", "quiet_until")}
        if "mode" in self.fields:
            at = self.cleaned_data["digest_at"] or preferences.of(self.person).digest_at
            values |= {"mode": self.cleaned_data["mode"], "digest_at": at}
        return values


def _kinds(person: User) -> list[ChannelWish.About]:
    if not person.is_customer_side:
        return [ChannelWish.About.WORK]
    roles = person.role == User.Role.CONTACT or ContactRole.objects.filter(person=person).exists()
    in_a_role = roles or Service.objects.filter(Q(owner=person), customer=person.customer_id).exists()
    return [
        ChannelWish.About.OWN,
        ChannelWish.About.FOLLOWED,
        *([ChannelWish.About.ROLE] if in_a_role else []),
        ChannelWish.About.SURVEYS,
    ]
