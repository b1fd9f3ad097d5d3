"""Who would be told of an update of an incident, in groups, and who should be and has no log-in."""

from dataclasses import dataclass
from typing import Any

from customers.models import User
from incidents.models import Incident, IncidentEvent
from notifications.audience import audience, roles_told
from notifications.wording import RULES


@dataclass(frozen=True)
class Group:
    """People who are told for the same reason."""

    reason: Any
    people: list[User]


def of(incident: Incident) -> dict[str, Any]:
    """`groups`, `number` of people, and `unreached`: roles that are to be told and that nobody with a log-in has."""
    told = audience(IncidentEvent(incident=incident, customer=incident.customer, kind=IncidentEvent.Kind.UPDATED))
    groups: dict[str, Group] = {}
    for each in told:
        groups.setdefault(each.reason, Group(RULES.get(each.reason, each.reason), [])).people.append(each.person)
    wanted = incident.customer.contact_roles.filter(kind__in=roles_told(incident), person__isnull=True)
    unreached = [role for role in wanted.order_by("pk") if role.service_id in (None, incident.service_id)]
    return {"groups": list(groups.values()), "number": len(told), "unreached": unreached}
