"""What may be agreed with a customer apart from its level: any of the knobs, checked before they are kept."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.knobs import KNOBS


def validate_agreement(agreement: Any) -> None:
    """Raises `ValidationError` with one sentence for each knob that cannot be kept."""
    if not isinstance(agreement, dict):
        raise ValidationError(_("An agreement must be an object of knobs, such as {“restore”: [“4 h”, …]}."))
    sentences = [_sentence(str(knob), value) for knob, value in agreement.items()]
    if found := [sentence for sentence in sentences if sentence]:
        raise ValidationError(found)


def _sentence(knob: str, value: Any) -> str:
    if knob not in KNOBS:
        return _("“%(knob)s” is nothing that can be agreed; known are: %(known)s.") % {
            "knob": knob[:40], "known": ", ".join(KNOBS),
        }  # fmt: skip
    trouble = KNOBS[knob].check(value)
    return f"{knob}: {trouble}" if trouble else ""
