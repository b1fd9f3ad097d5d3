"""What an agent fills in, one form per verb: each knows whom its words reach and what its buttons say."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import Service, User
from incidents import clocks, plain, queries
from incidents.asked import AFFECTED, WORKING
from incidents.forms.fields import Preset, Token
from incidents.models import Incident
from itsm import moment, wording

SAY_SOMETHING = {"required": _("Please write at least one sentence.")}


class Version(forms.IntegerField):
    """The version a form was opened at; one that cannot be read is an old one, never a way round the check."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> int | None:
        try:
            return int(value) if value else None
        except (TypeError, ValueError):
            return 0


def at_version(data: Any, version: int) -> QueryDict:
    """What was sent, as if it had been written against this version."""
    again = QueryDict(mutable=True)
    again.update(data)
    again["version"] = str(version)
    return again


class Radios(forms.RadioSelect):
    """Radio buttons of which only the first takes the focus."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if option["index"] != "0":
            option["attrs"].pop("autofocus", None)
        return option


class VerbForm(forms.Form):
    """The base: remembers at which version of the incident it was opened."""

    reaches: ClassVar[str] = "customer"  # or "desk", or nobody: ""
    buttons: ClassVar[list[tuple[str, str, Any]]] = []  # name, value, label
    sends_to = ""  # an address of its own, for forms of upper floors

    version = Version(required=False)
    client_token = Token(required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, incident: Incident, by: User | None = None, **kwargs: Any
    ) -> None:
        initial = {"version": incident.version, "client_token": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, files, initial=initial, auto_id="do-%s", **kwargs)
        self.incident, self.by = incident, by

    def focus(self) -> None:
        """Whoever opened it wants to write: the first field has the focus."""
        next(iter(self.visible_fields())).field.widget.attrs["autofocus"] = True

    def remarks(self) -> list[str]:
        """What might be said better to this customer: pointed out, never a reason not to send it."""
        if self.reaches != "customer":
            return []
        return plain.remarks(self.read_by_customers(), self.style)

    def read_by_customers(self) -> str:
        """All the words they get to read."""
        boxes = [name for name, field in self.fields.items() if isinstance(field.widget, forms.Textarea)]
        return "\n".join(self.cleaned_data.get(name) or "" for name in boxes)

    @property
    def style(self) -> plain.Style:
        """How this customer is written to."""
        terms = clocks.terms_of(self.incident)
        return plain.Style(
            tone=terms.knob("tone"), words=terms.knob("update_words"), language=translation.get_language() or ""
        )

    def typed(self) -> dict[str, list[str]]:
        """What was filled in, for the day it is wanted back."""
        own, data = self.fields.keys() - {"version", "client_token"}, cast(QueryDict, self.data)
        return {name: data.getlist(name) for name in sorted(own) if name in data}

    def open_again(self, incident: Incident) -> None:
        """The same words, now against the incident as it is: pressing again sends."""
        self.data = at_version(self.data, incident.version)


def words(label: Any, *, key: str = "", rows: int = 3, **kwargs: Any) -> forms.CharField:
    """A box for somebody's words; `key` is the letter that leads into it."""
    box = {"rows": rows} | ({"data-key": key} if key else {})
    return forms.CharField(label=label, widget=forms.Textarea(box), error_messages=SAY_SOMETHING, **kwargs)


class PromiseForm(VerbForm):
    """Words to the customer that promise when the next ones come."""

    PRESETS: ClassVar[dict[int, Any]] = {30: _("in 30 min"), 60: _("in 1 h"), 120: _("in 2 h")}  # by minutes
    LATEST = "latest"

    promise = Preset(label=_("Next update"), widget=Radios, default=LATEST)
    next_update_at = forms.DateTimeField(
        label=_("or at"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Please give a day and a time, such as 2026-11-24 14:00.")},
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        initial = {"promise": self.LATEST} | kwargs.pop("initial", {})
        super().__init__(*args, incident=incident, initial=initial, **kwargs)
        now, zone = moment.now(), timezone.get_current_timezone()
        latest = clocks.latest_promise(incident, now)
        soon = [(str(m), name) for m, name in self.PRESETS.items() if not latest or now + timedelta(minutes=m) < latest]
        last = gettext("no time is promised")
        if latest:
            last = gettext("at the latest, %(when)s") % {"when": wording.due_words(latest, now, zone)}
        promise: Any = self.fields["promise"]
        promise.choices = [*soon, (self.LATEST, last)]
        self.fields["next_update_at"].help_text = gettext("Times are in %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }

    def promised(self) -> datetime | None:
        """A time that was typed, else the preset; None is the latest the policy allows."""
        if typed := self.cleaned_data.get("next_update_at"):
            return typed
        preset = self.cleaned_data.get("promise")
        if not preset or preset == self.LATEST:
            return None
        return moment.now() + timedelta(minutes=int(preset))


class NoteForm(VerbForm):
    reaches = "desk"
    buttons = [("", "", _("Keep note"))]

    text = words(_("Note for the desk"), key="n")


class AskForm(PromiseForm):
    buttons = [("", "", _("Ask"))]

    question = words(_("What do you need to know?"))
    field_order = ["question", "promise", "next_update_at"]


class RestoreForm(VerbForm):
    buttons = [
        ("restored_by", Incident.RestoredBy.WORKAROUND.value, _("Works by a workaround")),
        ("restored_by", Incident.RestoredBy.FIX.value, _("Works by a fix")),
    ]

    outcome = words(_("What works again, and how? One sentence is enough."), rows=2)
    restored_by = forms.CharField(required=False, widget=forms.HiddenInput)  # said by the button that was pressed


class ResolveForm(VerbForm):
    buttons = [("", "", _("Resolved"))]

    note = words(_("What was done?"), rows=2, required=False)


class CancelForm(VerbForm):
    buttons = [("", "", _("Withdraw"))]

    reason = words(_("Why is this no incident?"), rows=2)


class PrioritiseForm(VerbForm):
    reaches = ""
    buttons = [("", "", _("Set priority"))]

    impact = forms.TypedChoiceField(label=_("Who is affected?"), choices=AFFECTED, coerce=int, widget=Radios)
    urgency = forms.TypedChoiceField(label=_("Can they work?"), choices=WORKING, coerce=int, widget=Radios)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        initial = {"impact": incident.impact, "urgency": incident.urgency}
        super().__init__(*args, incident=incident, initial=initial, **kwargs)


class AttachForm(VerbForm):
    reaches = ""
    buttons = [("", "", _("Attach"))]

    file = forms.FileField(label=_("Photo or file"), error_messages={"required": _("Please choose a file.")})
    is_public = forms.BooleanField(label=_("The customer sees it"), required=False)


# What can be opened beneath the buttons of an incident, by verb; `corrections` has the table of all.
FORMS: dict[str, type[VerbForm]] = {
    "note": NoteForm,
    "ask": AskForm,
    "restore": RestoreForm,
    "resolve": ResolveForm,
    "prioritise": PrioritiseForm,
    "cancel": CancelForm,
    "attach": AttachForm,
}


def services_of(people: Sequence[User]) -> list[Service]:
    """What the caller may be calling about: the services of the one customer that these people belong to."""
    customers = {person.customer_id for person in people}
    if len(customers) != 1:
        return []
    return list(Service.objects.filter(customer__in=customers, is_active=True).order_by("-is_critical", "name"))


class LogForm(forms.Form):
    """What a caller says, written down while they say it."""

    client_token = Token(required=False)
    caller = forms.CharField(
        label=_("Who is calling?"),
        widget=forms.TextInput({"list": "people", "autocomplete": "off"}),
        error_messages={"required": _("Please say who is calling.")},
        help_text=_("Name, e-mail, phone or customer."),
    )
    which = forms.ModelChoiceField(
        User.objects.none(), label=_("Which of them?"), required=False, widget=Radios, empty_label=None
    )
    text = words(_("What is not working?"), rows=4)
    which_service = forms.CharField(
        label=_("Which service?"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"list": "services", "autocomplete": "off"}),
        help_text=_("As the customer calls it; leave it empty when it is not clear."),
    )
    impact = forms.TypedChoiceField(label=_("Who is affected?"), choices=AFFECTED, coerce=int, widget=Radios, initial=3)
    urgency = forms.TypedChoiceField(label=_("Can they work?"), choices=WORKING, coerce=int, widget=Radios, initial=2)
    told = words(_("What did you tell the caller?"), rows=2, required=False, help_text=_("They get it in writing."))

    def __init__(self, data: Any = None, *, agent: User) -> None:
        super().__init__(data, initial={"client_token": uuid.uuid4()})
        self.agent = agent
        callers = User.objects.visible_to(agent).filter(customer__isnull=False, is_active=True)
        which: Any = self.fields["which"]
        which.queryset = callers.select_related("customer")
        which.label_from_instance = lambda person: f"{person.name}, {person.customer}, {person.email}"
        self.has_several = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("caller"):
            return values
        found = queries.people(self.agent, values["caller"])
        exact = [person for person in found if values["caller"].lower() in (person.email, person.name.lower())]
        if values.get("which"):
            self._offer([values["which"]])
        elif len(exact or found) == 1:
            values["which"] = (exact or found)[0]
        elif found:
            self._offer(found)
            self.add_error("which", _("Several people fit. Which of them is it?"))
        else:
            self.add_error("caller", _("Nobody of that name is at the customers you serve."))
        self._find_service(values)
        return values

    def _find_service(self, values: dict[str, Any]) -> None:
        """Of the caller's customer, by its name; without a caller there is nothing to look in."""
        named, caller = values.get("which_service", ""), values.get("which")
        values["service"] = None
        if not named or not caller:
            return
        offered = services_of([caller])
        values["service"] = next((one for one in offered if one.name.casefold() == named.casefold()), None)
        if values["service"] is None:
            names = ", ".join(one.name for one in offered) or _("none so far")
            self.add_error("which_service", _("%(customer)s has no service of that name. Its services: %(names)s.") % {
                "customer": caller.customer, "names": names,
            })  # fmt: skip

    def _offer(self, people: list[User]) -> None:
        self.has_several = True
        which: Any = self.fields["which"]
        which.queryset = which.queryset.filter(pk__in=[person.pk for person in people])
