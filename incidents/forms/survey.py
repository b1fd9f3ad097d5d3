"""How it went: one question, and a second page for those who want to say more."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents import surveys
from incidents.models import Survey

CHOOSE = {"required": _("Please choose one of the answers."), "invalid_choice": _("Please choose one of the answers.")}
ANSWERS = [
    (5, _("5, very satisfied")),
    (4, _("4, satisfied")),
    (3, _("3, neither")),
    (2, _("2, not satisfied")),
    (1, _("1, not satisfied at all")),
]
THUMBS = [(5, _("Well")), (1, _("Not well"))]
EASE = [
    ("", _("No answer")),
    (7, _("7, I agree completely")),
    (6, "6"),
    (5, "5"),
    (4, _("4, neither")),
    (3, "3"),
    (2, "2"),
    (1, _("1, I do not agree at all")),
]
# In minutes; nobody measures it, so nobody is asked to type it.
LOST = [
    ("", _("No answer")),
    (0, _("none")),
    (15, _("a quarter of an hour")),
    (30, _("half an hour")),
    (60, _("an hour")),
    (120, _("two hours")),
    (240, _("half a day")),
    (480, _("a day")),
    (960, _("two days or more")),
]


class SurveyForm(forms.Form):
    """The first question; for guided customers two answers and a reason, and that is all."""

    satisfaction = forms.TypedChoiceField(
        label=_("How satisfied are you with how we solved this?"),
        choices=ANSWERS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    comment = forms.CharField(
        label=_("What should we know?"),
        max_length=surveys.COMMENT,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, survey: Survey, chosen: int | None = None, **kwargs: Any) -> None:
        self.is_short = surveys.is_short(survey)
        known = {name: getattr(survey, name) for name in ("satisfaction", "ease", "lost_min", "comment")}
        known["satisfaction"] = self._offered(chosen or survey.satisfaction)
        super().__init__(*args, **{"initial": known, "label_suffix": ""} | kwargs)
        if self.is_short:
            first: Any = self.fields["satisfaction"]
            first.label, first.choices = _("How did we solve this for you?"), THUMBS
        elif not isinstance(self, MoreForm):
            del self.fields["comment"]

    def _offered(self, number: int | None) -> int | None:
        """A link or an earlier answer by SMS may say a number between the two thumbs."""
        if not self.is_short or number is None:
            return number
        return 5 if number >= surveys.SATISFIED else 1

    def said(self) -> dict[str, Any]:
        """What the verb takes; a field that was not there says nothing."""
        return dict(self.cleaned_data)


class MoreForm(SurveyForm):
    """The second page: all of it, each field but the first one optional."""

    ease = forms.TypedChoiceField(
        label=_("“It was made easy for me to get this solved.” Do you agree?"),
        choices=EASE,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    lost_min = forms.TypedChoiceField(
        label=_("How much working time did it cost you?"),
        choices=LOST,
        coerce=int,
        empty_value=None,
        required=False,
        error_messages=CHOOSE,
    )
    field_order = ("satisfaction", "ease", "lost_min", "comment")

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, survey=survey, **kwargs)
        if self.is_short:
            del self.fields["ease"], self.fields["lost_min"]
