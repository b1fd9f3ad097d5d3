"""What is written into a customer's profile, one form for each part; saving is the verb's (`customers.profile`)."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers import profile
from customers.fields import OneLine, zone_names
from customers.models import Calendar, ContactRole, Customer, ExternalDeadline, Service, User
from customers.profile_fields import HowMany, Lines, Person, Phone, Stretch
from customers.regimes import REGIMES

YEAR_H = 8760
OFFERED_CALENDARS = 200


class PartForm(forms.Form):
    """The base: fills itself from a row and remembers how it stood, so that nobody is overwritten unseen."""

    part: ClassVar[str]  # its name in addresses
    section: ClassVar[str]  # the region of the page it opens in
    title: ClassVar[str | Promise]
    row: ClassVar[Any] = Customer  # the model whose rows it shows
    may_add: ClassVar[bool] = False
    may_change: ClassVar[bool] = True  # of what is there already
    may_remove: ClassVar[bool] = False

    seen = OneLine(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, customer: Customer, user: User, row: Any) -> None:
        super().__init__(data, auto_id=f"id_{self.part}_%s")
        self.customer, self.user, self.row_shown = customer, user, row
        self.names = [name for name in self.fields if name != "seen"]
        for field in self.fields.values():
            if isinstance(field, Person):
                field.customer = customer
            if isinstance(field, forms.ChoiceField):  # Django's own words would repeat whatever was sent
                field.error_messages["invalid_choice"] = gettext("Please choose one of those in the list.")
        self.offer()
        self.fields[self.names[0]].widget.attrs["autofocus"] = True
        self.initial = self.stored()

    def offer(self) -> None:
        """Fills the choices that depend on the customer."""

    def stored(self) -> dict[str, Any]:
        """What stands in the row now."""
        if self.row_shown is None or self.row_shown.pk is None:
            return {name: self.fields[name].initial for name in self.names}
        values = {name: getattr(self.row_shown, name) for name in self.names}
        return values | {"seen": profile.fingerprint(self.row_shown, self.names)}

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.names}

    def shown(self) -> list[dict[str, Any]]:
        """Each field as it stands, in words: for somebody who has to compare."""
        return [{"label": self[name].label, "text": _said(self[name])} for name in self.names]

    @property
    def has_people(self) -> bool:
        return any(isinstance(field, Person) for field in self.fields.values())


class ObjectiveForm(PartForm):
    part, section, title = "objective", "objective", _("What matters to them")
    objective = OneLine(
        label=_("What matters to them"),
        max_length=200,
        required=False,
        help_text=_("One line in their words; it stands above each of their incidents."),
    )


class WordsForm(PartForm):
    """Language and time zone: what the customer's contact may change too."""

    part, section, title = "words", "reach", _("Language and hotline")
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [(name, name.replace("_", " ")) for name in zone_names()]
    )


class ReachForm(WordsForm):
    """With our hotline for them, which is ours to say."""

    hotline = Phone(label=_("Our hotline for them"), required=False)
    hotline_hours = OneLine(label=_("When it is answered"), max_length=80, required=False)


class QuietForm(PartForm):
    part, section, title = "quiet", "reach", _("Quiet hours")
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("Nobody is woken then for what can wait (P3 and P4). Leave both empty for no quiet hours."),
        error_messages={"invalid": _("Please write a time such as 20:00.")},
    )
    quiet_until = forms.TimeField(
        label=_("until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Please write a time such as 07:00.")},
    )

    def clean(self) -> dict[str, Any]:
        written = super().clean() or {}
        if not self.errors:
            first, last = written["quiet_from"], written["quiet_until"]
            if (first is None) != (last is None):
                self.add_error(
                    "quiet_until" if first else "quiet_from", gettext("Please write both times, or neither.")
                )
            elif first and first == last:
                self.add_error("quiet_until", gettext("Quiet hours begin and end at different times."))
        return written


class MannersForm(PartForm):
    part, section, title = "manners", "manners", _("Manners")
    vip_manners = OneLine(
        label=_("How we treat people marked VIP"),
        max_length=300,
        required=False,
        help_text=_("Such as: call back in person, never by mail. It changes manners, never the rank."),
    )


class VipForm(PartForm):
    part, section, title = "vip", "manners", _("Mark somebody as VIP")
    row, may_add, may_change, may_remove = User, True, False, True
    person = Person(label=_("Whom"), help_text=_("By e-mail address."))


class ServiceForm(PartForm):
    """What the customer knows best about a service."""

    part, section, title = "services", "services", _("Service")
    row = Service
    purpose = OneLine(
        label=_("What it is for"),
        max_length=200,
        required=False,
        help_text=_("Who does what with it, in everyday words."),
    )
    tolerable_min = Stretch(label=_("How long work can go on without it"), required=False)
    users = HowMany(label=_("About how many people use it"), required=False)
    owner = Person(
        label=_("Who answers for it"), required=False, help_text=_("By e-mail address, somebody of the organisation.")
    )


class DeskServiceForm(ServiceForm):
    """With what is agreed about it: criticality and hours belong to the contract."""

    may_add = True
    name = OneLine(
        label=_("Name"), max_length=80, error_messages={"required": _("Please write how the customer calls it.")}
    )
    is_critical = forms.BooleanField(label=_("Critical: much stops without it"), required=False)
    is_channel = forms.ChoiceField(
        label=_("Is it itself a way to reach people?"),
        required=False,
        choices=lambda: [("", gettext("no")), *Service.Channel.choices],
    )
    capture_first = Lines(
        label=_("What to save before it is restarted"),
        required=False,
        help_text=_("One thing a line: the log of the relay, a screenshot of the queue."),
    )
    hours = forms.ModelChoiceField(
        label=_("Its hours"),
        required=False,
        queryset=Calendar.objects.none(),
        empty_label=_("the customer's calendar"),
    )
    coordinator = forms.ModelChoiceField(
        label=_("Who of us coordinates its problems"),
        required=False,
        queryset=User.objects.none(),
        empty_label=_("the coordinator of the team"),
        help_text=_(
            "New problems of this service are theirs. With five in hand they are asked which one waits; nothing is "
            "refused."
        ),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    field_order = [
        "seen",
        "name",
        "purpose",
        "is_critical",
        "tolerable_min",
        "users",
        "owner",
        "is_channel",
        "hours",
        "capture_first",
        "coordinator",
    ]

    def offer(self) -> None:
        self.fields["coordinator"].queryset = profile.coordinators(  # type: ignore[attr-defined]  # it has one
            self.customer
        )
        mine = Q(pk__in=Calendar.objects.visible_to(self.user).values("pk"))
        used = Q(pk=self.customer.calendar_id) | Q(service__customer=self.customer)
        offered = Calendar.objects.filter(mine | used).distinct().order_by("name")
        self.fields["hours"].queryset = Calendar.objects.filter(  # type: ignore[attr-defined]  # a ModelChoiceField has it
            pk__in=offered.values("pk")[:OFFERED_CALENDARS]
        ).order_by("name")


class ContactForm(PartForm):
    part, section, title = "contacts", "contacts", _("Somebody to reach")
    row, may_add, may_remove = ContactRole, True, True
    kind = forms.ChoiceField(label=_("Role"), choices=ContactRole.Kind.choices)
    person = Person(
        label=_("Person with a log-in"), required=False, help_text=_("By e-mail address; or write a name below.")
    )
    name = OneLine(label=_("Name, if they have no log-in"), max_length=120, required=False)
    phone = Phone(label=_("Phone"), required=False)
    out_of_band = OneLine(
        label=_("Out-of-band number"),
        max_length=80,
        required=False,
        help_text=_("Works when mail and network do not: a mobile, a private line, a radio."),
    )
    service = forms.ModelChoiceField(
        label=_("For one service only"),
        required=False,
        queryset=Service.objects.none(),
        empty_label=_("for all"),
    )
    note = OneLine(label=_("Note"), max_length=200, required=False)

    def offer(self) -> None:
        services = Service.objects.visible_to(self.user).filter(customer=self.customer).order_by("name")
        self.fields["service"].queryset = services  # type: ignore[attr-defined]  # a ModelChoiceField has it

    def clean(self) -> dict[str, Any]:
        written = super().clean() or {}
        if not self.errors and not written["person"] and not written["name"]:
            self.add_error("name", gettext("Please choose a person or write a name."))
        return written


class OwnContactForm(ContactForm):
    """In words of people who have no network of ours in mind."""

    out_of_band = OneLine(
        label=_("Number for when mail and network fail"),
        max_length=80,
        required=False,
        help_text=_("A mobile, a private line, a radio."),
    )


class DeadlineForm(PartForm):
    part, section, title = "clocks", "clocks", _("A duty to report to others")
    row, may_add, may_remove = ExternalDeadline, True, True
    name = OneLine(
        label=_("What is due"), max_length=120, error_messages={"required": _("Please write what has to be reported.")}
    )
    hours = HowMany(label=_("Hours"), first=1, last=YEAR_H, help_text=_("24 is a day, 720 a month."))
    base = forms.ChoiceField(label=_("Counted from"), choices=ExternalDeadline.Base.choices)


class RegimeForm(PartForm):
    part, section, title = "regime", "clocks", _("Take from a template")
    may_add, may_change = True, False
    row = ExternalDeadline
    regime = forms.ChoiceField(
        label=_("Template"),
        choices=[(key, f"{regime.name}: {regime.meaning}") for key, regime in REGIMES.items()],
    )


DESK = (
    ObjectiveForm, DeskServiceForm, ContactForm, ReachForm, QuietForm, DeadlineForm, RegimeForm, MannersForm, VipForm,
)  # fmt: skip
# What the customer's contact maintains; contract, level, calendar and criticality are agreed, not set.
PORTAL = (ServiceForm, OwnContactForm, WordsForm, QuietForm, DeadlineForm, RegimeForm)


def _said(field: forms.BoundField) -> str:
    value, choices = field.value(), getattr(field.field, "choices", None)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if choices is not None:
        return next((str(label) for key, label in choices if str(key) == str(value or "")), "")
    return f"{value:%H:%M}" if hasattr(value, "minute") else str("" if value is None else value)
