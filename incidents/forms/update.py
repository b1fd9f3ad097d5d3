"""The composer: the parts of an update, of which a routine one changes a single sentence."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import clocks, slots
from incidents.conversation import OTHERS
from incidents.forms.desk import SAY_SOMETHING, PromiseForm, words
from incidents.models import Incident, Message
from itsm import moment, wording

PARTS = ("notice", "affected", "doing", "meanwhile")  # besides the news, which is `text`
FOLDED = ("doing", "meanwhile")  # for those who are told little and often enough
SHORT_LEVEL, SHORT_PRIORITY = 2, 3  # up to this level and from this priority on, two parts are enough


def box(label: Any, *, rows: int = 2, **kwargs: Any) -> forms.CharField:
    return words(label, rows=rows, required=False, **kwargs)


class UpdateForm(PromiseForm):
    """Filled in from the last update. A text alone, as programs and old forms send it, is an update too."""

    buttons = [("", "", _("Send update"))]

    text = box(_("What is happening now?"), rows=3, key="r")
    notice = box(_("What people notice"), rows=1)
    affected = box(_("Who is affected, and what still works"), rows=1)
    doing = box(_("What we are doing"))
    meanwhile = box(_("What people can do meanwhile"))
    phase = forms.ChoiceField(label=_("Kind of message"), choices=Message.Phase.choices, required=False)
    customer_chose = forms.BooleanField(label=_("The customer chose this time: not before it"), required=False)
    longer_because = box(_("Why it takes longer than usual; the customer reads it"), rows=1)
    stakeholders = box(_("Stakeholders"))
    executives = box(_("Executives"))
    field_order = [
        "text", "notice", "affected", "promise", "next_update_at", "customer_chose", "longer_because", "doing",
        "meanwhile", "phase", *OTHERS,
    ]  # fmt: skip

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        self.start = slots.beginning(incident)
        initial = self.start.parts | {"phase": self.start.phase} | kwargs.pop("initial", {})
        super().__init__(*args, incident=incident, initial=initial, **kwargs)
        for name in OTHERS:
            self.fields[name].widget.attrs["data-uncounted"] = True
            self.fields[name].help_text = gettext("Left empty, it is made of the parts above.")
        if not (self.by and self.by.is_lead):
            del self.fields["longer_because"]

    @property
    def is_short(self) -> bool:
        """A customer and a trouble for which two parts are enough; the others are there when they are wanted."""
        is_guided = clocks.terms_of(self.incident).level <= SHORT_LEVEL
        return is_guided and self.incident.priority >= SHORT_PRIORITY

    @property
    def shows_more(self) -> bool:
        return not self.is_short or any(self[name].value() or self[name].errors for name in FOLDED)

    @property
    def shows_others(self) -> bool:
        return any(self[name].value() for name in OTHERS)

    @property
    def decides_late(self) -> list[forms.BoundField]:
        """What says that the next update comes at another time than usual."""
        return [self[name] for name in ("customer_chose", "longer_because") if name in self.fields]

    @property
    def shows_late(self) -> bool:
        return any(field.value() or field.errors for field in self.decides_late)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        parts = self.parts(values)
        if parts is None:
            if not values.get("text"):
                self.add_error("text", SAY_SOMETHING["required"])
            return values
        for slot, sentence in slots.ENFORCED.items():
            if slot in parts and not parts[slot].strip():
                self.add_error(slot, str(sentence))
        if not self.errors and not values.get("text") and slots.kept(self.start.parts | parts) == self._untouched:
            self.add_error("text", SAY_SOMETHING["required"])
        self._check_length(values)
        return values

    @property
    def _untouched(self) -> dict[str, str]:
        return slots.kept(self.start.parts)

    def _check_length(self, values: dict[str, Any]) -> None:
        """A lead who means to promise a later time than the policy's is asked why, and not drawn back unasked."""
        latest, typed = clocks.latest_promise(self.incident, moment.now()), values.get("next_update_at")
        if "longer_because" not in self.fields or not latest or not typed or typed <= latest:
            return
        if not values.get("customer_chose") and not values.get("longer_because"):
            when = wording.due_words(latest, moment.now(), timezone.get_current_timezone())
            sentence = gettext("Later than %(when)s needs a reason that the customer reads.") % {"when": when}
            self.add_error("longer_because", sentence)

    def parts(self, values: dict[str, Any]) -> dict[str, str] | None:
        """The parts that were filled in; None where only a text came."""
        sent = {name: values.get(name) or "" for name in PARTS if name in self.data}
        return sent or None

    def read_by_customers(self) -> str:
        values = self.cleaned_data
        parts = self.parts(values)
        if parts is None:
            return values.get("text") or ""
        return slots.compose(slots.kept(self.start.parts | parts | {"changed": values.get("text") or ""}))

    def said(self) -> dict[str, Any]:
        """What the verb takes."""
        values = self.cleaned_data
        due_at: datetime | None = self.promised()
        return {
            "text": values.get("text") or "",
            "said": self.parts(values),
            "phase": values.get("phase") or "",
            "for_others": {name: values[name] for name in OTHERS if values.get(name)},
            "next_update_at": due_at,
            "longer_because": values.get("longer_because") or "",
            "customer_chose": bool(values.get("customer_chose")),
        }
