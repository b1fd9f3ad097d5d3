"""What is written down while one assesses, and what both sides decide about the result."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.assessment import MOST_WORDS, Given
from customers.models import MaturityAssessment
from customers.questionnaire import Question, Topic
from itsm.text import clean

NOT_APPLICABLE = "na"
EVIDENCE = [("told", _("We were told")), ("shown", _("We were shown it"))]


class AnswerForm(forms.Form):
    """One question. `version` and `was` say what stood there when it was drawn, so that two people do not collide
    over what only one of them touched."""

    level = forms.ChoiceField(
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Please choose one of the answers.")},
    )
    evidence = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=EVIDENCE,
        required=False,
        error_messages={"invalid_choice": _("Please say whether it was told or shown.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10**6)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, data: Any, question: Question, kept: Mapping[str, Any] | None) -> None:
        level, evidence = _choices_of(kept)
        initial = {"level": level, "evidence": evidence or "told", "version": version_of(kept), "was": as_was(kept)}
        super().__init__(data, prefix=f"q{question.number}", initial=initial, auto_id="id_%s")
        answers = [(str(level), words) for level, words in enumerate(question.answers, start=1)]
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*answers, (NOT_APPLICABLE, _("Not applicable here"))]

    @property
    def is_touched(self) -> bool:
        """Is it another answer than the one that was shown? (A question left blank is no answer.)"""
        given = self.cleaned_data
        return bool(given["level"]) and _was(given["level"], given["evidence"] or "told") != given["was"]

    def given(self) -> Given:
        level = self.cleaned_data["level"]
        return Given(
            None if level == NOT_APPLICABLE else int(level),
            self.cleaned_data["evidence"] or "told",
            self.cleaned_data["version"] or 0,
        )


def version_of(kept: Mapping[str, Any] | None) -> int:
    return int(kept["version"]) if kept else 0


def as_was(kept: Mapping[str, Any] | None) -> str:
    """An answer as the form remembers what it showed."""
    return _was(*_choices_of(kept)) if kept else ""


def _choices_of(kept: Mapping[str, Any] | None) -> tuple[str, str]:
    if not kept:
        return "", ""
    return (str(kept["level"]) if kept["level"] else NOT_APPLICABLE), kept["evidence"]


def _was(level: str, evidence: str) -> str:
    return f"{level}.{'told' if level == NOT_APPLICABLE else evidence}"


class TopicForm(forms.Form):
    """One context question; `seen` is the text that stood there when it was drawn."""

    text = forms.CharField(
        required=False,
        max_length=MOST_WORDS,
        strip=True,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"max_length": _("Please keep it below %(limit_value)d letters; it has %(show_value)d.")},
    )
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, topic: Topic, assessment: MaturityAssessment) -> None:
        kept = getattr(assessment, topic.key)
        super().__init__(data, prefix=topic.key, initial={"text": kept, "seen": kept}, auto_id="id_%s")
        self.fields["text"].label = topic.text
        self.fields["text"].help_text = topic.leads_to

    @property
    def is_touched(self) -> bool:
        return clean(self.cleaned_data["text"]) != clean(self.cleaned_data["seen"])


class AcceptForm(forms.Form):
    """From which day on we accept what is proposed."""

    effective_on = forms.DateField(
        label=_("In force from"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Please choose a day."), "invalid": _("Please write a day as 2026-12-31.")},
    )


class ReasonForm(forms.Form):
    """Why something ends; a word is enough."""

    reason = forms.CharField(
        label=_("Why is it dropped?"),
        max_length=500,
        error_messages={"required": _("Please write why it is dropped.")},
        widget=forms.Textarea({"rows": 2}),
    )


class SeenForm(forms.Form):
    """Which proposal the contact had before their eyes."""

    seen = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)


class NotYetForm(SeenForm):
    """Not yet, and what should come first."""

    word = forms.CharField(
        label=_("What should come first?"),
        max_length=500,
        error_messages={"required": _("Please write a word on what should come first.")},
        widget=forms.Textarea({"rows": 2}),
    )
