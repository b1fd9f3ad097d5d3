"""Who is told what, by which way, and what came of it; and what people write back."""

from notifications.models.delivery import Attempt, AttemptQuerySet, Delivery, DeliveryQuerySet
from notifications.models.endpoint import Endpoint
from notifications.models.fan_out import FanOut
from notifications.models.inbound import InboundMail
from notifications.models.preference import Address, ChannelWish, Preference
from notifications.models.text import InboundText

__all__ = [
    "Address", "Attempt", "AttemptQuerySet", "ChannelWish", "Delivery", "DeliveryQuerySet", "Endpoint", "FanOut",
    "InboundMail", "InboundText", "Preference",
]  # fmt: skip
