"""One small form for each knob, made out of the registry: left as inherited, or set here by controls for its unit."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from customers.fields import OneLine
from customers.knob_words import WORDS, in_words
from customers.knobs import (
    AUDIENCE,
    CHANNELS,
    CLOSE_FIELDS,
    COVERAGE,
    INTAKE,
    KNOBS,
    MEASURES,
    PEOPLE,
    PRIORITY_BY,
    REVIEWS,
    TONES,
)

INHERITED, HERE = "inherited", "here"
PRIORITIES = ["1", "2", "3", "4"]
OPTIONS: dict[str, tuple[str, ...]] = {  # what a knob may be made of
    "coverage": COVERAGE, "intake": INTAKE, "channels": CHANNELS, "told": AUDIENCE, "told_urgent": AUDIENCE,
    "close_fields": CLOSE_FIELDS, "pauses": MEASURES, "priority_by": PRIORITY_BY, "tone": TONES, "review": REVIEWS,
}  # fmt: skip
MOST_RUNGS = 6
UNITS = {
    "min": "min", "minute": "min", "minutes": "min", "h": "h", "hour": "h", "hours": "h", "bd": "bd",
    "business day": "bd", "business days": "bd",
}  # fmt: skip
SCALE = (lazy("high"), lazy("medium"), lazy("low"))


def choices_of(words: Iterable[str]) -> list[tuple[str, str | Promise]]:
    return [(word, WORDS.get(word, word)) for word in words]


class KnobForm(forms.Form):
    """`read` makes a value out of the controls, `write` fills them; `told` says which control a sentence belongs to."""

    shape = "line"  # how its controls stand
    hint: str | Promise = ""

    how = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": lazy("Please choose one of the two.")},
        label=lazy("Value"),
    )

    def __init__(self, data: Any, *, knob: str, inherited: tuple[Any, str] | None, own: Any = None) -> None:
        """`inherited`: the value and where it comes from, in words; None where it differs from customer to customer."""
        self.knob, self.inherited, self.own = KNOBS[knob], inherited, own
        self.value: Any = None
        start = own if own is not None else inherited and inherited[0]
        how = HERE if own is not None else INHERITED
        written = {} if start is None else self.write(start)
        super().__init__(data, prefix=knob, initial={"how": how} | written)
        self.fields["how"].choices = [(INHERITED, self._as_inherited()), (HERE, _("Set here"))]  # type: ignore[attr-defined]  # a ChoiceField has them
        self.offer(KNOBS[knob].name)

    def _as_inherited(self) -> str:
        if not self.inherited:
            return _("As the support model says")
        words = {"value": in_words(self.knob.name, self.inherited[0]), "layer": self.inherited[1]}
        return _("As inherited: %(value)s (from %(layer)s)") % words

    def offer(self, knob: str) -> None:
        """Adds the controls."""

    def read(self, said: dict[str, Any]) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> dict[str, Any]:
        raise NotImplementedError

    def told(self, value: Any) -> dict[str | None, str]:
        return {None: self.knob.check(value)}

    def controls(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "how"]

    @property
    def is_set_here(self) -> bool:
        return self["how"].value() == HERE

    @property
    def is_open(self) -> bool:
        """Is there something to look at? The others stay folded."""
        return self.is_set_here or bool(self.is_bound and self.errors)

    @property
    def now(self) -> str:
        """In one line, what stands there before anything is changed."""
        if self.own is not None:
            return in_words(self.knob.name, self.own)
        return in_words(self.knob.name, self.inherited[0]) if self.inherited else ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("how") == INHERITED:  # what stands in controls that do not count hinders nobody
            for name in [name for name in self.errors if name != "how"]:
                del self.errors[name]
        elif not self.errors:
            self.value = self.read(said)
            for place, sentence in self.told(self.value).items():
                if sentence:
                    self.add_error(place, capfirst(sentence))
        return said


class TargetsForm(KnobForm):
    def offer(self, knob: str) -> None:
        for number in PRIORITIES:
            self.fields[f"p{number}"] = OneLine(label=f"P{number}", required=False, max_length=40)

    def read(self, said: dict[str, Any]) -> list[str]:
        return [_target(said[f"p{number}"]) for number in PRIORITIES]

    def write(self, value: list[str]) -> dict[str, Any]:
        return {f"p{number}": text for number, text in zip(PRIORITIES, value, strict=True)}

    def told(self, value: list[str]) -> dict[str | None, str]:
        """Each target by itself, so that all that cannot be read is said at once."""
        good = ["1 h"] * 4
        tried = [self.knob.check([*good[:n], text, *good[n + 1 :]]) for n, text in enumerate(value)]
        return {f"p{number}": sentence for number, sentence in zip(PRIORITIES, tried, strict=True)}


def _target(text: str) -> str:
    """4h, 4 hours, 3 business days -> 4 h, 3 bd; what cannot be read stays as it is."""
    found = re.fullmatch(r"([0-9]{1,12})\s*([a-z ]+)", text.strip().lower(), re.ASCII)
    unit = UNITS.get(" ".join(found[2].split())) if found else None
    return f"{int(found[1])} {unit}" if found and unit else text


class PerPriorityForm(KnobForm):
    shape = "words"

    def offer(self, knob: str) -> None:
        for number in PRIORITIES:
            self.fields[f"p{number}"] = forms.ChoiceField(label=f"P{number}", choices=choices_of(OPTIONS[knob]))

    def read(self, said: dict[str, Any]) -> list[str]:
        return [said[f"p{number}"] for number in PRIORITIES]

    def write(self, value: list[str]) -> dict[str, Any]:
        return {f"p{number}": word for number, word in zip(PRIORITIES, value, strict=True)}


class SomeForm(KnobForm):
    def offer(self, knob: str) -> None:
        self.fields["some"] = forms.MultipleChoiceField(
            label=str(self.knob.label),
            required=False,
            choices=choices_of(OPTIONS[knob]),
            widget=forms.CheckboxSelectMultiple,
        )

    def read(self, said: dict[str, Any]) -> list[str]:
        return [word for word in OPTIONS[self.knob.name] if word in said["some"]]

    def write(self, value: list[str]) -> dict[str, Any]:
        return {"some": value}

    def told(self, value: list[str]) -> dict[str | None, str]:
        return {"some": self.knob.check(value)}


class OrderForm(KnobForm):
    """A place for each, as a number; without one it is left out."""

    hint = lazy("Each one's place in the order; without a number it is not offered.")

    def offer(self, knob: str) -> None:
        for word in OPTIONS[knob]:
            self.fields[word] = forms.IntegerField(
                label=str(WORDS[word]),
                required=False,
                min_value=1,
                max_value=99,
                error_messages={"invalid": lazy("Please write a number, or nothing.")},
            )

    def read(self, said: dict[str, Any]) -> list[str]:
        return sorted((word for word in OPTIONS[self.knob.name] if said[word]), key=lambda word: said[word])

    def write(self, value: list[str]) -> dict[str, Any]:
        return {word: place for place, word in enumerate(value, start=1)}


class PrioritiesForm(KnobForm):
    def offer(self, knob: str) -> None:
        self.fields["some"] = forms.MultipleChoiceField(
            label=str(self.knob.label),
            required=False,
            choices=[(number, f"P{number}") for number in PRIORITIES],
            widget=forms.CheckboxSelectMultiple,
        )

    def read(self, said: dict[str, Any]) -> list[int]:
        return sorted(int(number) for number in said["some"])

    def write(self, value: list[int]) -> dict[str, Any]:
        return {"some": [str(number) for number in value]}


class MatrixForm(KnobForm):
    shape = "matrix"

    def offer(self, knob: str) -> None:
        for name, impact, urgency in _cells():
            words = _("Impact %(impact)s, urgency %(urgency)s") % {"impact": impact, "urgency": urgency}
            choices = [(number, f"P{number}") for number in PRIORITIES]
            self.fields[name] = forms.ChoiceField(label=words, choices=choices)

    def read(self, said: dict[str, Any]) -> list[list[int]]:
        return [[int(said[f"c{row}{column}"]) for column in (1, 2, 3)] for row in (1, 2, 3)]

    def write(self, value: list[list[int]]) -> dict[str, Any]:
        return {f"c{r}{c}": str(cell) for r, row in enumerate(value, 1) for c, cell in enumerate(row, 1)}


def _cells() -> Iterator[tuple[str, str, str]]:
    for row, impact in enumerate(SCALE, start=1):
        for column, urgency in enumerate(SCALE, start=1):
            yield f"c{row}{column}", str(impact), str(urgency)


class RungsForm(KnobForm):
    def offer(self, knob: str) -> None:
        for number in range(1, MOST_RUNGS + 1):
            self.fields[f"at{number}"] = OneLine(
                label=_("Rung %(number)d: at %% of the restore target") % {"number": number},
                required=False,
                max_length=10,
                widget=forms.TextInput({"inputmode": "numeric"}),
            )
            self.fields[f"tell{number}"] = forms.MultipleChoiceField(
                label=_("Rung %(number)d: who looks") % {"number": number},
                required=False,
                choices=choices_of(PEOPLE),
                widget=forms.CheckboxSelectMultiple,
            )

    def read(self, said: dict[str, Any]) -> list[dict[str, Any]]:
        rungs = [{"at": _number(said[f"at{n}"]), "tell": said[f"tell{n}"]} for n in range(1, MOST_RUNGS + 1)]
        return [rung for rung in rungs if rung["at"] != "" or rung["tell"]]

    def write(self, value: list[dict[str, Any]]) -> dict[str, Any]:
        shown = list(enumerate(value[:MOST_RUNGS], start=1))
        return {f"at{n}": str(rung["at"]) for n, rung in shown} | {f"tell{n}": rung["tell"] for n, rung in shown}

    def told(self, value: list[dict[str, Any]]) -> dict[str | None, str]:
        if not self.knob.check(value):
            return {}
        return {None: _("Each rung needs a share from 1 to 100, each share once, and somebody who looks.")}


class OneForm(KnobForm):
    shape = "words"

    def offer(self, knob: str) -> None:
        self.fields["one"] = forms.ChoiceField(label=str(self.knob.label), choices=choices_of(OPTIONS[knob]))

    def read(self, said: dict[str, Any]) -> str:
        return str(said["one"])

    def write(self, value: str) -> dict[str, Any]:
        return {"one": value}


class NumberForm(KnobForm):
    def offer(self, knob: str) -> None:
        self.fields["number"] = OneLine(
            label=UNIT_LABELS[self.knob.unit],
            required=False,
            max_length=20,
            widget=forms.TextInput({"inputmode": "numeric"}),
        )

    def read(self, said: dict[str, Any]) -> Any:
        return _number(said["number"])

    def write(self, value: int) -> dict[str, Any]:
        return {"number": str(value)}

    def told(self, value: Any) -> dict[str | None, str]:
        return {"number": self.knob.check(value)}


def _number(text: str) -> Any:
    """The number, or the text as it is: what it may be, the knob says itself."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else text


UNIT_LABELS = {
    "business days": lazy("Business days"), "months": lazy("Months"), "hours": lazy("Hours"),
    "minutes": lazy("Minutes"), "words": lazy("Words"), "goals": lazy("Goals"), "%": lazy("Per cent"),
}  # fmt: skip
_BY_UNIT: dict[str, type[KnobForm]] = {
    "target": TargetsForm, "per priority": PerPriorityForm, "fields": SomeForm, "people": SomeForm,
    "clocks": SomeForm, "channels": OrderForm, "priorities": PrioritiesForm, "rungs": RungsForm, "way": OneForm,
    "tone": OneForm, "depth": OneForm,
}  # fmt: skip


def form_for(knob: str, data: Any, *, inherited: tuple[Any, str] | None, own: Any = None) -> KnobForm:
    kind = MatrixForm if knob == "priority_matrix" else _BY_UNIT.get(KNOBS[knob].unit, NumberForm)
    return kind(data, knob=knob, inherited=inherited, own=own)
