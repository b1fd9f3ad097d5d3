"""The tables of this floor, by noun."""

from customers.models.event import CustomerEvent, StaffEvent
from customers.models.maturity import ImprovementGoal, MaturityAssessment
from customers.models.people import (
    Calendar,
    Customer,
    Level,
    Membership,
    Service,
    Team,
    User,
    validate_hours,
)
from customers.models.policy import ContractClass, LevelTemplate, Policy, PolicyChange
from customers.models.profile import ContactRole, ExternalDeadline
from customers.models.upload import Import

__all__ = [
    "Calendar", "ContactRole", "ContractClass", "Customer", "CustomerEvent", "ExternalDeadline", "Import",
    "ImprovementGoal", "Level", "LevelTemplate", "MaturityAssessment", "Membership", "Policy", "PolicyChange",
    "Service", "StaffEvent", "Team", "User", "validate_hours",
]  # fmt: skip
