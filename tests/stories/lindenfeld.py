"""The people of the Lindenfeld Hospital Group and the desk that serves them, for the story of its mail."""

from dataclasses import dataclass, field
from datetime import time

from customers.models import ContactRole, Customer, Membership, Service, Team, User
from incidents.models import Incident
from tests import factories

Kind = ContactRole.Kind
NURSE, WARDS = "Nora Nowak", ("Clara Clerk", "Wilma Ward", "Otto Operating", "Pia Pharmacy", "Lars Laboratory")


@dataclass
class Hospital:
    """Level 2, around the clock for what is critical; 4,200 people at three sites."""

    customer: Customer
    team: Team
    mail: Service
    desk: User  # takes the call and writes the updates
    engineer: User
    lead: User
    nurse: User
    wards: list[User]
    stakeholders: list[User]
    safety: User
    parent: Incident | None = None
    joined: list[Incident] = field(default_factory=list)

    @property
    def incident(self) -> Incident:
        assert self.parent is not None
        return Incident.objects.get(pk=self.parent.pk)


def hospital() -> Hospital:
    customer = factories.CustomerFactory(
        name="Lindenfeld Hospital Group", level=2, objective="Wards reach lab and pharmacy", hotline="555 0140",
        quiet_from=time(20), quiet_until=time(7), calendar=factories.CalendarFactory(office=True),
    )  # fmt: skip
    team = factories.TeamFactory(name="Hospital desk", customers=[customer])
    stakeholders = [
        _told(customer, Kind.NAMED_CONTACT, "Adele Moreau", "0161"),
        _told(customer, Kind.DEPUTY, "Frank Ebert", "0162"),
        *(_told(customer, Kind.SITE_LEAD, name, f"017{n}") for n, name in enumerate(("Carla", "Yusuf", "Greta"))),
    ]  # fmt: skip
    mail = factories.ServiceFactory(
        customer=customer, name="Mail", is_critical=True, is_channel="email", users=4_200,
        capture_first=["The relay's log of the last hour", "Its queue, as a list"], owner=stakeholders[0],
    )  # fmt: skip
    engineer = _at_the_desk(team, "Emil Engineer")
    Membership.objects.filter(user=engineer).update(is_coordinator=True)
    return Hospital(
        customer=customer, team=team, mail=mail, stakeholders=stakeholders, engineer=engineer,
        desk=_at_the_desk(team, "Ines Keller"), lead=_at_the_desk(team, "Lena Lund", leads=True),
        nurse=_on_a_ward(customer, NURSE, 0), wards=[_on_a_ward(customer, name, n + 1) for n, name in enumerate(WARDS)],
        safety=_told(customer, Kind.SAFETY_LEAD, "Ruth Haas", "0163"),
    )  # fmt: skip


def _told(customer: Customer, role: str, name: str, number: str) -> User:
    person = factories.UserFactory(name=name, customer=customer, phone=f"+49 170 555 {number}")
    ContactRole.objects.create(customer=customer, kind=role, person=person, out_of_band=person.phone)
    return person


def _on_a_ward(customer: Customer, name: str, number: int) -> User:
    return factories.UserFactory(name=name, customer=customer, phone=f"+49 171 555 02{number:02}")


def _at_the_desk(team: Team, name: str, *, leads: bool = False) -> User:
    place = {"leads": team, "lead": True} if leads else {"member_of": team, "agent": True}
    return factories.UserFactory(name=name, **place)
