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
from incidents import (
    calls,
    conversation,
    duties,
    evidence,
    following,
    lifecycle,
    links,
    majors,
    packs,
    parking,
    recalculation,
)  # fmt: skip
from incidents.models import Attachment, Burst, CallTask, Follow, Incident, Outgoing, ProcessDebt, Recalculation, Survey
from itsm import moment
from notifications.inbound import store
from notifications.models import Address, Delivery, Endpoint, InboundMail, InboundText
from notifications.seal import seal
from problems import actions as problem_actions
from problems import known_error_uses, known_errors, reviews
from problems import lifecycle as problems
from problems.models import Action, KnownErrorUse, Problem, Report
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
    follow: Follow
    debt: ProcessDebt
    outgoing: Outgoing
    assessment: MaturityAssessment
    endpoint: Endpoint
    call_made: Delivery
    text: InboundText
    mail: InboundMail
    address: Address
    survey: Survey
    burst: Burst
    use: KnownErrorUse
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
            "follow": str(self.follow.pk),
            "debt": str(self.debt.pk),
            "card": str(self.incident.parked_notes.get().pk),
            "search": str(self.incident.investigations.get().pk),
            "capture": str(self.incident.destructive_actions.get().pk),
            "duty": str(self.incident.external_duties.get().pk),
            "pack": str(self.incident.evidence_packs.get().pk),
            "outgoing_pk": str(self.outgoing.pk),
            "survey": str(self.survey.token),
            "assessment_pk": str(self.assessment.pk),
            "burst": str(self.burst.pk),
            "known_error": str(self.use.known_error_id),
            "use": str(self.use.pk),
            "other": self.incident.reference,
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
            "endpoint": str(self.endpoint.pk),
            "delivery": str(self.call_made.pk),
        }
        known |= self._of_programs(pattern)
        known |= self._at_the_tray(pattern)
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

    def _of_programs(self, pattern: str) -> dict[str, str]:
        if "endpoints/" in pattern:
            return {"pk": str(self.endpoint.pk), "verb": "off"}
        if "desk/given-up/" in pattern:
            return {"pk": str(self.call_made.pk)}
        return {"pk": str(self.text.pk)} if "desk/texts/" in pattern else {}

    def _at_the_tray(self, pattern: str) -> dict[str, str]:
        if not pattern.startswith("desk/mail/"):
            return {}
        return {"pk": str(self.address.pk if "addresses/" in pattern else self.mail.pk)}

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
    parking.park(incident, by=agent, kind="hypothesis", text=f"It may be the {MARKER}")
    parking.investigate(incident, by=agent, aim=f"find the {MARKER}")
    evidence.before(incident, by=agent, what="restart", on=MARKER)
    majors.declare(incident, by=agent, reason=f"Major, says the {MARKER}", call_url=f"https://{MARKER}.example/")
    majors.give_role(incident, by=agent, role="safety", name=f"Dr {MARKER}")
    duties.add(incident, by=agent, what="other", name=f"Report of the {MARKER}", hours=72)
    packs.ask(incident, by=agent)
    packs.go_on()
    another = factories.UserFactory(customer=customer, name=f"Follower {MARKER}")
    follow = following.join(incident, by=agent, person=another)
    incident = factories.restored(incident, agent)
    problem = problems.open_for(incident, at=incident.restored_at)
    use = _known(incident, agent, reporter)
    burst = Burst.objects.create(
        customer=customer, service=service, first=incident, reporters=3, began_at=moment.now(), last_at=moment.now()
    )
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
        follow=follow,
        debt=incident.debts.all()[0],
        outgoing=_about_to_go_out(incident, agent),
        recalculation=recalculation.propose_agreement(customer, by=people["lead"]),
        assessment=_assessed(customer, agent),
        **_told(incident),
        mail=_mail(customer, reporter),
        address=Address.objects.create(
            channel="email", address=reporter.email, customer=customer, state="suspended", since=moment.now()
        ),
        survey=_asked(incident),
        burst=burst,
        use=use,
    )


def _told(incident: Incident) -> dict[str, Any]:
    """A program that was told, and a text message that waits."""
    endpoint = Endpoint.objects.create(
        customer=incident.customer, kind="webhook", name=f"Program {MARKER}", url=seal("https://example.com/")
    )
    call = Delivery.objects.create(
        event=incident.events.latest("pk"), incident=incident, customer=incident.customer, endpoint=endpoint,
        address=f"{MARKER}.example", kind="incident.resolved", reason="endpoint", channel="webhook",
    )  # fmt: skip
    text = InboundText.objects.create(
        number="+495550142", text=f"NO, says the {MARKER}", gateway_id="1", state="tray", customer=incident.customer
    )
    return {"endpoint": endpoint, "call_made": call, "text": text}


def _mail(customer: Customer, sender: User) -> InboundMail:
    """Waits for a decision of those who serve the stranger's customer."""
    raw = f"From: {sender.email}\nSubject: Mail of the {MARKER}\n\nWords of the {MARKER}".encode()
    mail = store.keep(raw, mailbox="lmtp")
    values = {"state": "tray", "kind": "human", "customer": customer, "person": sender, "settled_at": moment.now()}
    InboundMail.objects.filter(pk=mail.pk).update(**values)
    return mail


def _about_to_go_out(incident: Incident, by: User) -> Outgoing:
    """Words that wait, as long as nobody says them."""
    now = moment.now()
    return Outgoing.objects.create(
        incident=incident, customer=incident.customer, by=by, verb="update", pressed_at=now,
        values={"said": {"text": f"words of the {MARKER}"}, "typed": {}, "version": None},
        send_at=now + timedelta(days=1),
    )  # fmt: skip


def _asked(incident: Incident) -> Survey:
    """Of somebody who has left: the link of somebody who is there opens to whoever has it, and shows what is theirs."""
    left = factories.UserFactory(customer=incident.customer, name=f"Former {MARKER}", is_active=False)
    now = moment.now()
    times = {"asked_at": now, "closes_at": now + timedelta(days=7), "answered_at": now}
    said = {"satisfaction": 1, "comment": f"Never again, says the {MARKER}"}
    return Survey.objects.create(incident=incident, customer=incident.customer, person=left, **times, **said)


def _known(incident: Incident, agent: User, reporter: User) -> KnownErrorUse:
    """Read by the stranger's people, and used by them."""
    values = {"title": f"Known {MARKER}", "symptom": "Nothing works", "workaround": f"Wait, says the {MARKER}"}
    known = known_errors.publish(known_errors.draft(incident.customer, by=agent, values=values), by=agent)
    known_errors.KnownError.objects.filter(pk=known.pk).update(status="customers")
    return known_error_uses.helped(known_errors.KnownError.objects.get(pk=known.pk), by=reporter)


def _assessed(customer: Customer, by: User) -> MaturityAssessment:
    """Being answered: each of its pages and forms is there."""
    begun = assessment.begin(customer, by=by)
    begun = assessment.answer_context(begun, by=by, topic="stakes", text=f"The stakes of the {MARKER}", seen="")
    return assessment.answer(begun, by=by, number=1, given=Given(2, "told"))
