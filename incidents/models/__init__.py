"""The incident and what belongs to it."""

from incidents.models.clock import Clock, ClockAlert, ClockWaiver
from incidents.models.event import IncidentEvent
from incidents.models.incident import Incident, next_reference
from incidents.models.message import Attachment, Message
from incidents.models.recalculation import Recalculation
from incidents.models.wait import Wait

__all__ = [
    "Attachment", "Clock", "ClockAlert", "ClockWaiver", "Incident", "IncidentEvent", "Message", "Recalculation",
    "Wait", "next_reference",
]  # fmt: skip
