"""Fields that several forms share."""

import uuid
from typing import Any

from django import forms


class Token(forms.UUIDField):
    """Makes a form that is sent twice one report or message; without a readable one it simply is one."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> uuid.UUID | None:
        try:
            return super().clean(value)
        except forms.ValidationError:
            return None


class Preset(forms.ChoiceField):
    """One of some choices; nothing chosen is the given default."""

    def __init__(self, *, default: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.default = default

    def clean(self, value: Any) -> Any:
        return super().clean(value or self.default)
