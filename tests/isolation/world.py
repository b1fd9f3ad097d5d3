"""Two customers who must never see each other: ours, and the stranger whose every word carries a marker."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from knox.models import AuthToken

from customers import assessment, goals
from customers.assessment import Given
from customers.models import Customer, ImprovementGoal, MaturityAssessment, Service, User
from incidents import calls, conversation, lifecycle, links, recalculation
from incidents.models import Attachment, CallTask, Incident, ProcessDebt, Recalculation
from itsm import moment
from problems import actions as problem_actions
from problems import lifecycle as problems
from problems import reviews
from problems.models import Action, Problem, Report
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
    action: Action
    report: Report
    token_key: str
    link_for_us: str
    recalculation: Recalculation
    goal: ImprovementGoal
    call: CallTask
    debt: ProcessDebt
    assessment: MaturityAssessment
    own_fields: dict[str, Any] = field(default_factory=dict)

    def parameters(self, names: frozenset[str], pattern: str) -> dict[str, str]:
        """The stranger's ids for the parameters of a route; a parameter nobody declared fails the walk."""
        known = {
            "reference": self.problem.reference
            if "problem:" in pattern or "PRB-" in pattern
            else self.incident.reference,
            "token": self.link_for_us,
            "file": str(self.file.token),
            "key": self.token_key,
            "pk": str(self.incident.pk),
            "clock": str(self.incident.clocks.all()[0].pk),
            "name": "no-such-mail",
            "goal": str(self.goal.pk),
            "call": str(self.call.pk),
            "debt": str(self.debt.pk),
            "assessment_pk": str(self.assessment.pk),
            "number": "1",
            "action": str(self.action.pk),
            "report": str(self.report.pk),
            "topic": "stakes",
            "person": str(self.reporter.pk),
            "verb": "deactivate",
            "team": str(self.customer.teams.get().pk),
            "customer": str(self.customer.pk),
            "service": str(self.service.pk),
            "level": "9",  # levels and contracts are nobody's: shared by all, and naming only customers one may see
            # A part of one's own profile is there for contacts; only what stands in it can be a stranger's.
            "part": "services" if "item" in names else "no-such-part",
            "item": str(self.service.pk),
        }
        if "problem:" in pattern and "verb" in names:
            known["verb"] = "finish" if "action" in names else "investigate"
        if pattern.startswith("desk/people/"):
            known["person"] = str(self.customer.teams.get().memberships.get().user_id)
        if "customers/" in pattern:
            known["pk"] = str(self.customer.pk)
        elif "imports/" in pattern:
            known["pk"] = "0"  # files belong to no customer; who may see them has tests of its own
        elif "recalculations/" in pattern:
            known["pk"] = str(self.recalculation.pk)
        elif "desk/contracts/" in pattern:
            known["pk"] = "0"
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
    calls.promise_call(incident, by=agent, due_at=moment.now() + timedelta(hours=1), name=f"Caller {MARKER}")
    incident = lifecycle.resolve(incident, by=agent)
    problem = problems.assign(problem, by=agent, owner=agent)
    reviews.begin(problem, by=agent)
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
        action=problem_actions.add(
            problem, by=agent, kind="prevent", text=f"Action {MARKER}", owner=agent, due_on=moment.now().date()
        ),
        report=reviews.release(problem, by=agent, text=f"Report {MARKER}"),
        token_key=token.token_key,
        link_for_us=links.make(incident, people["reporter"]),
        goal=goals.agree(customer, by=people["lead"], key="five_services"),
        call=incident.calls.to_make().get(why=CallTask.Why.CALL_BACK),
        debt=incident.debts.all()[0],
        recalculation=recalculation.propose_agreement(customer, by=people["lead"]),
        assessment=_assessed(customer, agent),
    )


def _assessed(customer: Customer, by: User) -> MaturityAssessment:
    """Being answered: each of its pages and forms is there."""
    begun = assessment.begin(customer, by=by)
    begun = assessment.answer_context(begun, by=by, topic="stakes", text=f"The stakes of the {MARKER}", seen="")
    return assessment.answer(begun, by=by, number=1, given=Given(2, "told"))
