"""The review as it is written: the customer's sections first, then the desk's own."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.forms.desk import Version
from problems import sections
from problems.models import Review


class ReviewForm(forms.Form):
    """One box for each section of the depth; none is compulsory until something is released."""

    version = Version(required=False)

    def __init__(self, data: Any = None, *, review: Review, depth: str) -> None:
        super().__init__(data, initial={"version": review.version, **review.words}, auto_id="review-%s")
        for name, label in sections.REPORT.items():
            self.fields[name] = _box(label, rows=3)
        for name in sections.own_of(depth):
            label, question = sections.OWN[name]
            self.fields[name] = _box(label, help_text=question)
        self.own = sections.own_of(depth)

    def said(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def report_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in sections.REPORT]

    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.own]


def _box(label: Any, *, rows: int = 2, **more: Any) -> forms.CharField:
    box = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, required=False, max_length=sections.MOST, widget=box, **more)


class ReleaseForm(forms.Form):
    """The words that go to the customer's contacts with the link."""

    version = Version(required=False)
    is_preliminary = forms.BooleanField(label=_("It is preliminary: a full one follows"), required=False)
    text = forms.CharField(
        label=_("What do they read when they are told?"),
        widget=forms.Textarea({"rows": 3}),
        max_length=2_000,
        error_messages={"required": _("Please write at least one sentence.")},
    )

    def __init__(self, data: Any = None, *, review: Review, title: str = "") -> None:
        said = gettext(
            "We have written down what happened with “%(title)s”: what we did, and what we change. "
            "Please ask if anything is unclear."
        ) % {"title": title}
        super().__init__(data, initial={"version": review.version, "text": said}, auto_id="release-%s")
