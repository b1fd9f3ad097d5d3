"""The incident and what belongs to it."""

from incidents.models.clock import Clock, ClockAlert
from incidents.models.event import IncidentEvent
from incidents.models.incident import Incident, next_reference
from incidents.models.message import Attachment, Message

__all__ = ["Attachment", "Clock", "ClockAlert", "Incident", "IncidentEvent", "Message", "next_reference"]
