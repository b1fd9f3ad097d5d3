"""The incident and what belongs to it."""

from incidents.models.call import CallTask
from incidents.models.clock import Clock, ClockAlert, ClockWaiver
from incidents.models.codes import CauseCategory, Detection, ResolutionCode
from incidents.models.debt import ProcessDebt
from incidents.models.duty import EvidencePack, ExternalDuty
from incidents.models.event import IncidentEvent
from incidents.models.follow import Follow
from incidents.models.incident import Incident, next_reference
from incidents.models.likeness import Burst, IncidentWords, Pairing
from incidents.models.major import MajorIncident, MajorRole
from incidents.models.message import Attachment, Message
from incidents.models.outgoing import Outgoing
from incidents.models.parking import DestructiveAction, Investigation, ParkedNote
from incidents.models.recalculation import Recalculation
from incidents.models.survey import Survey
from incidents.models.wait import Wait

__all__ = [
    "Attachment", "Burst", "CallTask", "CauseCategory", "Clock", "ClockAlert", "ClockWaiver", "DestructiveAction",
    "Detection", "EvidencePack", "ExternalDuty", "Follow", "Incident", "IncidentEvent", "IncidentWords",
    "Investigation", "MajorIncident", "MajorRole", "Message", "Outgoing", "Pairing", "ParkedNote", "ProcessDebt",
    "Recalculation", "ResolutionCode", "Survey", "Wait", "next_reference",
]  # fmt: skip
