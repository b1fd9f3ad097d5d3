"""Two customers who must never see each other: ours, and the stranger whose every word carries a marker."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from knox.models import AuthToken

from customers.models import Customer, Service, User
from incidents import conversation, links, recalculation
from incidents.models import Attachment, Incident, Recalculation
from problems import lifecycle as problems
from problems.models import Problem
from tests import factories

MARKER = "zebra-of-the-stranger"


@dataclass
class World:
    """`people` are ours, by role; the rest is the stranger's."""

    people: dict[str, User]
    own: Incident
    customer: Customer
    service: Service
    reporter: User
    incident: Incident
    file: Attachment
    problem: Problem
    token_key: str
    link_for_us: str
    recalculation: Recalculation
    own_fields: dict[str, Any] = field(default_factory=dict)

    def parameters(self, names: frozenset[str], pattern: str) -> dict[str, str]:
        """The stranger's ids for the parameters of a route; a parameter nobody declared fails the walk."""
        known = {
            "reference": self.problem.reference if "problem:" in pattern else self.incident.reference,
            "token": self.link_for_us,
            "file": str(self.file.token),
            "key": self.token_key,
            "pk": str(self.incident.pk),
            "clock": str(self.incident.clocks.all()[0].pk),
            "name": "no-such-mail",
            # A part of one's own profile is there for contacts; only what stands in it can be a stranger's.
            "part": "services" if "item" in names else "no-such-part",
            "item": str(self.service.pk),
        }
        if "customers/" in pattern:
            known["pk"] = str(self.customer.pk)
        if "recalculations/" in pattern:
            known["pk"] = str(self.recalculation.pk)
        elif "calendars/" in pattern:
            known["pk"] = str(self.customer.pk if "agreement" in pattern else self.customer.calendar_id)
        assert names <= known.keys(), f"declare the parameters {set(names) - known.keys()} of {pattern}"
        return {name: known[name] for name in names}

    def fingerprint(self) -> str:
        """Changes when any row of the stranger's changes, comes or goes."""
        rows = "".join(serializers.serialize("json", queryset) for queryset in self._tables())
        return hashlib.sha256(rows.encode()).hexdigest()

    def _tables(self) -> Iterator[Any]:
        for model in apps.get_models():
            if any(f.name == "customer" for f in model._meta.get_fields()) and model is not Customer:
                yield model._default_manager.filter(customer=self.customer).order_by("pk")
        yield Customer.objects.filter(pk=self.customer.pk)
        yield AuthToken.objects.filter(user__customer=self.customer)


def build() -> World:
    home = factories.CustomerFactory(name="Home town")
    team = factories.TeamFactory(name="Home team", customers=[home])
    people = {
        "reporter": factories.UserFactory(customer=home),
        "contact": factories.UserFactory(customer=home, role=User.Role.CONTACT),
        "agent": factories.UserFactory(agent=True, member_of=team),
        "lead": factories.UserFactory(lead=True, leads=team),
        "manager": factories.UserFactory(manager=True, member_of=team),
        "administrator": factories.UserFactory(administrator=True),
        "revoked": factories.UserFactory(agent=True, is_active=False),
    }
    return _stranger(people, factories.open_incident(people["reporter"], text="Our own printer is silent"))


def _stranger(people: dict[str, User], own: Incident) -> World:
    customer = factories.CustomerFactory(name=f"Customer {MARKER}", served=True)
    agent = factories.UserFactory(agent=True, name=f"Agent {MARKER}", member_of=customer.teams.get())
    reporter = factories.UserFactory(customer=customer, name=f"Person {MARKER}", email=f"{MARKER}@example.com")
    service = factories.ServiceFactory(customer=customer, name=f"Service {MARKER}")
    incident = factories.open_incident(reporter, text=f"Nothing works, says the {MARKER}", service=service)
    upload = SimpleUploadedFile(f"{MARKER}.txt", f"the file of the {MARKER}".encode())
    file = conversation.attach(incident, by=reporter, upload=upload)
    conversation.note(incident, by=agent, text=f"internal {MARKER}")
    incident = factories.restored(incident, agent)
    problem = problems.open_for(incident, at=incident.restored_at)
    token = AuthToken.objects.create(reporter)[0]
    return World(
        people=people,
        own=own,
        customer=customer,
        service=service,
        reporter=reporter,
        incident=incident,
        file=file,
        problem=problem,
        token_key=token.token_key,
        link_for_us=links.make(incident, people["reporter"]),
        recalculation=recalculation.propose_agreement(customer, by=people["lead"]),
    )
