"""What puts an incident right: another team, the right customer, one incident out of two, a deadline agreed by hand.

Verbs like those of `incidents.lifecycle`: lock, check, change, record, in one transaction.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from customers import policy
from customers.models import Customer, Service, Team, User
from incidents import calls, clocks, following, moves, priority, waiting
from incidents.conversation import readable
from incidents.journal import Kind, record
from incidents.models import Clock, ClockAlert, ClockWaiver, EvidencePack, Incident, MajorIncident
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.refusal import Refused

BY_HAND = (Clock.Kind.RESTORE, Clock.Kind.CLOSE_OUT)  # for the next word, updates promise their own time
FARTHEST = timedelta(days=5 * 366)  # of a deadline by hand; what lies further ahead is a typing error
Status = Incident.Status
CORRECTED = [
    "customer", "reporter", "service", "team", "owner", "status", "version", "links_epoch", "parent", "joined_at",
    "is_dissent",
]  # fmt: skip


@transaction.atomic
def hand_over(incident: Incident, *, by: User, team: Team, expected_version: int | None = None) -> Incident:
    """Another team goes on. Its own target begins now; the customer's clocks do not notice (rule 17 of docs/sla.md)."""
    now = moment.now()
    incident = locked(incident)
    if incident.team_id == team.pk:
        return incident
    moves.check(incident, "hand_over", by=by, expected_version=expected_version)
    if not team.customers.filter(pk=incident.customer_id).exists():
        raise Refused(_("%(team)s does not serve %(customer)s.") % {"team": team, "customer": incident.customer})
    before, incident.team = incident.team.name, team
    if incident.owner and not team.memberships.filter(user=incident.owner).exists():
        _disown(incident)
    incident.version += 1
    incident.save(update_fields=["team", "owner", "status", "version"])
    clocks.stop(incident, Clock.Kind.TEAM, now)
    clocks.start(incident, Clock.Kind.TEAM, now)
    record(incident, Kind.HANDED_OVER, by=by, at=now, before=before, after=team.name)
    return incident


def _disown(incident: Incident) -> None:
    """Nobody has it now; who did, may not go on with it."""
    incident.owner = None
    incident.status = Status.NEW if incident.status == Status.ASSIGNED else incident.status


@transaction.atomic
def give_back(incident: Incident, *, owner: User, by: User | None, at: datetime) -> bool:
    """Who had it has left: nobody has it any more, and the queue shows it so. The clocks go on as they are."""
    incident = locked(incident)
    if incident.owner_id != owner.pk or not incident.is_open:
        return False
    incident.owner = None
    if incident.status in (Status.ASSIGNED, Status.IN_PROGRESS):
        incident.status = Status.NEW
    incident.version += 1
    incident.save(update_fields=["owner", "status", "version"])
    record(incident, Kind.RETURNED, by=by, at=at, before=owner.name)
    return True


@transaction.atomic
def merge(incident: Incident, *, by: User, into: Incident) -> Incident:
    """The same trouble was reported twice: `into` goes on with its own start, this one ends without a verdict.

    What was late in it stays late; of two open promises of an update the earlier one holds (rule 18).
    """
    now = moment.now()
    # Both rows in one order, whoever merges what: two merges at once cannot wait for each other.
    for number in sorted({incident.pk, into.pk}):
        Incident.objects.select_for_update(no_key=True).get(pk=number)
    incident, into = locked(incident), locked(into)
    moves.check(incident, "merge", by=by)
    moves.refuse_if_joined_by_others(incident)
    if incident.pk == into.pk:
        raise Refused(_("An incident cannot be merged into itself."))
    if incident.customer_id != into.customer_id:
        raise Refused(_("Only incidents of the same customer can be merged."))
    if not into.is_open:
        raise MoveRefused(_("%(reference)s is over: nothing can be merged into it.") % {"reference": into.reference})
    promised = incident.clocks.running().filter(kind=Clock.Kind.UPDATE).first()
    if promised and promised.due_at:
        clocks.promise_no_later(into, promised.due_at, now)
    waiting.end(incident, now)
    incident.status, incident.merged_into = Status.CANCELLED, into
    for one in (incident, into):
        one.version += 1
        one.save(update_fields=["status", "merged_into", "version"])
    clocks.cancel(incident, now)
    calls.drop(incident, now)
    following.carry_over(incident, into=into, by=by, at=now)
    record(incident, Kind.MERGED, by=by, at=now, into=into.reference)
    record(into, Kind.MERGED, by=by, at=now, out_of=incident.reference)
    return into


@transaction.atomic
def correct_customer(incident: Incident, *, by: User, reporter: User, expected_version: int | None = None) -> Incident:
    """It was booked on the wrong customer: from now on it is the reporter's, held to that customer's agreement.

    Time already used is kept, and a first answer stays given (rule 16). Links sent before end: they went to others.
    Where that is another team's customer, that team goes on; an owner who does not serve it has it no more.
    """
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "correct_customer", by=by, expected_version=expected_version)
    moves.refuse_if_joined_by_others(incident)
    customer = Customer.objects.visible_to(by).filter(people=reporter).first()
    if customer is None:
        raise Refused(_("There is no such person at a customer you serve."))
    if customer.pk == incident.customer_id:
        raise Refused(_("It is booked on %(customer)s already.") % {"customer": customer})
    before = incident.customer.name
    calls.drop(incident, now)  # they were to others
    _book_on(incident, customer, now)
    passed_on = _pass_on(incident, customer)
    if passed_on:
        clocks.stop(incident, Clock.Kind.TEAM, now)
    incident.customer, incident.reporter, incident.service = customer, reporter, None
    incident.parent, incident.joined_at, incident.is_dissent = None, None, False  # what it once joined is another's
    incident.version += 1
    incident.links_epoch += 1
    incident.save(update_fields=CORRECTED)
    clocks.hold_to(incident, now, policy.resolve(customer))
    if passed_on:  # a team's own target counts anew (rule 17), by the hours of the customer it is now
        clocks.start(incident, Clock.Kind.TEAM, now)
    calls.to_contact(incident, now)
    record(incident, Kind.CUSTOMER_CORRECTED, by=by, at=now, before=before, after=customer.name)
    return incident


def _book_on(incident: Incident, customer: Customer, at: datetime) -> None:
    """All that hangs on it. What the former customer owes others is not owed here, and its packs of evidence go."""
    of_it = (incident.clocks, incident.events, incident.messages, incident.attachments, incident.waits)
    majors = (MajorIncident.objects.filter(incident=incident), incident.major_roles)
    parked = (incident.parked_notes, incident.investigations, incident.destructive_actions)
    for rows in (*of_it, *majors, *parked, incident.calls, incident.debts, incident.outgoing):
        rows.update(customer=customer)
    for marks in (ClockAlert, ClockWaiver):
        marks.objects.filter(clock__incident=incident).update(customer=customer)
    incident.external_duties.all().delete()
    incident.evidence_packs.exclude(state=EvidencePack.State.READY).delete()
    incident.evidence_packs.update(customer=customer, keep_until=at)  # until the files are deleted


def _pass_on(incident: Incident, customer: Customer) -> bool:
    """To those who serve this customer, where team or owner do not; True when it is another team."""
    if incident.owner and not Customer.objects.visible_to(incident.owner).filter(pk=customer.pk).exists():
        _disown(incident)
    if incident.team.customers.filter(pk=customer.pk).exists():
        return False
    incident.team = Team.objects.filter(customers=customer).order_by("pk")[0]  # `by` serves it, so there is one
    return True


@transaction.atomic
def name_service(
    incident: Incident, *, by: User, service: Service | None, expected_version: int | None = None
) -> Incident:
    """Which service it is, as the desk found out; None takes a wrong one away.

    What is agreed for that service holds from now on, with the time already used. While nobody has said how bad it
    is, a critical service says so.
    """
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "name_service", by=by, expected_version=expected_version)
    if incident.service_id == (service.pk if service else None):
        return incident
    if service and service.customer_id != incident.customer_id:
        raise Refused(_("This service belongs to another customer."))
    before, incident.service = incident.service, service
    held_to = policy.resolve(incident.customer, service)
    if incident.priority_basis == Incident.PriorityBasis.ASSUMED:
        setting = priority.assumed(critical=bool(service and service.is_critical))
        incident.impact, incident.urgency = setting.impact, setting.urgency
        matrix = policy.terms(held_to).knob("priority_matrix")
        incident.priority = priority.priority(setting.impact, setting.urgency, matrix)
    incident.version += 1
    incident.save(update_fields=["service", "impact", "urgency", "priority", "version"])
    clocks.hold_to(incident, now, held_to)
    calls.to_contact(incident, now)
    names = {"before": before.name if before else "", "after": service.name if service else ""}
    record(incident, Kind.SERVICE_NAMED, by=by, at=now, **names)
    return incident


@transaction.atomic
def apply_agreement(incident: Incident, *, by: User | None) -> Incident:
    """Holds an open incident to what is agreed with its customer today; it keeps its own by itself (rule 15)."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "apply_agreement", by=by)
    clocks.hold_to(incident, now, policy.resolve(incident.customer, incident.service))
    incident.version += 1
    incident.save(update_fields=["version"])
    record(incident, Kind.POLICY_APPLIED, by=by, at=now)
    return incident


@transaction.atomic
def agree_deadline(
    incident: Incident,
    *,
    by: User,
    kind: str,
    due_at: datetime | None,
    reason: str,
    expected_version: int | None = None,
) -> Incident:
    """A deadline agreed with the customer by hand; no pause, priority or calendar moves it. None takes it away."""
    now = moment.now()
    reason = readable(reason)
    incident = locked(incident)
    moves.check(incident, "agree_deadline", by=by, expected_version=expected_version)
    clock = incident.clocks.active().filter(kind=kind).first() if kind in BY_HAND else None
    if clock is None:
        raise Refused(_("There is no such clock running that a deadline could be agreed for."))
    if due_at is not None and due_at <= now:
        raise Refused(_("A deadline cannot be agreed for a time that has passed."))
    if due_at is not None and due_at > now + FARTHEST:
        raise Refused(_("A deadline can be agreed for the next five years. Please look at the year again."))
    clock.incident = incident
    clocks.agree(clock, due_at, now)
    incident.version += 1
    incident.save(update_fields=["version"])
    record(incident, Kind.DEADLINE_SET, by=by, at=now, clock=kind, due_at=due_at, reason=reason)
    return incident


@transaction.atomic
def waive(clock: Clock, *, by: User, reason: str) -> ClockWaiver:
    """A miss that is not counted, with a name and a reason; the miss itself stays written down (rule 13)."""
    now = moment.now()
    reason = readable(reason)
    incident = locked(clock.incident)
    if not by.is_lead:
        raise MoveRefused(_("Only leads and managers decide what is not counted."))
    clock = incident.clocks.select_for_update(no_key=True).get(pk=clock.pk)
    if clock.breached_at is None:
        raise MoveRefused(_("This clock was not missed: there is nothing to take out."))
    waiver, made = ClockWaiver.objects.get_or_create(
        clock=clock,
        defaults={"customer_id": clock.customer_id, "by": by, "reason": reason, "waived_at": now},
    )
    if made:
        record(incident, Kind.MISS_WAIVED, by=by, at=now, clock=clock.kind, clock_id=clock.pk, reason=reason)
    return waiver
