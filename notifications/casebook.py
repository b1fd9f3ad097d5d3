"""Plays worked cases of the clocks through the whole house: verbs, stored clocks, sweep, relay, audience.

There is no second implementation here: a case is told to the verbs in travelled time, and what comes out is read from
the stored rows. It stands on the top floor because only from here everything is in sight, the alerts too. How a case
file is read: docs/sla.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from customers import policy
from customers.models import Calendar, Customer, Membership, Team, User
from customers.working_hours import HoursError, parse
from incidents import clocks, conversation, corrections, lifecycle, recalculation, rungs, waiting
from incidents.models import Clock, ClockAlert, Incident
from incidents.moves import locked
from incidents.sla import ledger
from itsm import events, moment
from notifications.models import Delivery
from notifications.wanted import ABOUT_A_CLOCK, why_not_wanted

Kind, Reason = Clock.Kind, Incident.PendingReason
METRICS = {
    "first_response": Kind.RESPONSE, "next_response": Kind.REPLY, "periodic_update": Kind.UPDATE,
    "resolution": Kind.RESTORE,
}  # fmt: skip
REASONS = {
    "customer": Reason.AWAITING_CUSTOMER, "approval": Reason.AWAITING_APPROVAL, "supplier": Reason.AWAITING_SUPPLIER,
    "slot": Reason.AWAITING_SLOT,
}  # fmt: skip
Case = Mapping[str, Any]


@dataclass
class Verdict:
    """What came of a case: nothing to complain about, or one line for each difference."""

    case: str
    differences: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.differences


def judge(case: Case) -> Verdict:
    """Plays a case and takes everything back; the difference between what it expects and what the house says."""
    verdict = Verdict(str(case.get("id", "?")))
    with transaction.atomic():
        try:
            verdict.differences = _differences(case)
        except Exception as error:  # a case that cannot be played is a case that failed
            verdict.differences = [f"{type(error).__name__}: {error}"]
        transaction.set_rollback(True)
    return verdict


def _differences(case: Case) -> list[str]:
    expected = case["expect"]
    if "error" in expected:
        try:
            parse(case["calendar"])
        except HoursError as error:
            return compare(expected["error"], error.code, "error")
        return [f"error: expected {expected['error']}, nothing was refused"]
    now = datetime.fromisoformat(case["evaluate_at"])
    play = Play(case)
    for event in case["events"]:
        with moment.travel(datetime.fromisoformat(event["at"])):
            play.act(event)
    clocks.sweep(now=now)
    wanted = expected.get("tickets") or {None: expected}
    return [
        line
        for name, of_ticket in wanted.items()
        for metric, of_metric in of_ticket.items()
        for line in compare(of_metric, play.answer(name, metric, now), ".".join(filter(None, (name, metric))))
    ]


def compare(expected: Any, actual: Any, path: str) -> list[str]:
    """The differences, one line each; times "_local" are there for readers only."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = [key for key in expected if not key.endswith("_local")]
        return [line for key in keys for line in compare(expected[key], actual.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [line for pair in zip(expected, actual, strict=True) for line in compare(*pair, f"{path}[]")]
    if isinstance(actual, datetime) and isinstance(expected, str):
        expected = datetime.fromisoformat(expected)
    return [] if expected == actual else [f"{path}: expected {expected}, came {actual}"]


class Play:
    """The stage of one case: a customer with its agreement and calendar, a team, an agent, somebody who reports."""

    def __init__(self, case: Case) -> None:
        self.terms: dict[str, Any] = dict(case["policy"])
        self.tickets: dict[str | None, Incident] = {}
        self.customer = self._customer("Case", case["calendar"])
        self.team = Team.objects.create(name="Case desk")
        self.team.customers.add(self.customer)
        self.agent = self._person("agent", User.Role.AGENT)
        self.lead = self._person("lead", User.Role.LEAD)
        self.reporter = self._person("reporter", User.Role.REPORTER, self.customer)

    def _customer(self, name: str, spec: dict[str, Any]) -> Customer:
        calendar = Calendar.objects.create(name=name, spec=parse(spec).to_spec())
        zone = calendar.spec["tz"]
        return Customer.objects.create(
            name=name, calendar=calendar, time_zone=zone, level=1, agreement=agreement(self.terms)
        )

    def _person(self, name: str, role: User.Role, customer: Customer | None = None) -> User:
        person = User.objects.create(name=name, email=f"{name}@case.example", role=role, customer=customer)
        if customer is None:
            Membership.objects.create(team=self.team, user=person, is_lead=role == User.Role.LEAD)
        return person

    def act(self, event: Case) -> None:
        verb = getattr(self, f"do_{event['event']}", None)
        if verb is None:
            raise ValueError(f"A case knows no event called “{event['event']}”.")
        verb(event)

    def ticket(self, event: Case) -> Incident:
        return self.tickets[event.get("ticket")]

    def _agree(self, terms: dict[str, Any]) -> None:
        self.customer.agreement = agreement(terms)
        self.customer.save()

    def do_created(self, event: Case) -> None:
        # What a mail says of its own date is nobody's clock (rule 23): the report counts from when it was received.
        self._agree(self.terms | event.get("policy", {}))
        origin = Incident.Origin.EMAIL if event.get("channel") == "email" else Incident.Origin.PORTAL
        self.tickets[event.get("ticket")] = lifecycle.open_incident(
            by=self.reporter, reporter=self.reporter, text="Something does not work.", origin=origin
        )
        self._agree(self.terms)

    def do_agent_public_reply(self, event: Case) -> None:
        conversation.update(self.ticket(event), by=self.agent, text="We are looking at it.")

    def do_agent_internal_note(self, event: Case) -> None:
        conversation.note(self.ticket(event), by=self.agent, text="Looks like the driver.")

    def do_auto_reply(self, event: Case) -> None:
        """An acknowledgement is a delivery: it is prepared by the relay, and no verb hears of it."""
        events.relay()

    def do_customer_auto_reply(self, event: Case) -> None:
        conversation.add(self.ticket(event), by=self.reporter, text="I am out of office.", is_automatic=True)

    def do_customer_message(self, event: Case) -> None:
        incident = Incident.objects.get(pk=self.ticket(event).pk)
        if incident.is_open:
            conversation.add(incident, by=self.reporter, text="Here is more.")
            return
        again = lifecycle.still_broken(incident, by=self.reporter, text="It is broken again.")
        self.tickets[event.get("opens_ticket", event.get("ticket"))] = again

    def do_status_pending(self, event: Case) -> None:
        """Without the question's words, so that a case may tell apart what answers and what waits."""
        incident = locked(self.ticket(event))
        waiting.begin(incident, moment.now(), REASONS[event.get("reason", "customer")], "Which one is it?")

    def do_status_open(self, event: Case) -> None:
        incident = Incident.objects.get(pk=self.ticket(event).pk)
        if incident.status in Incident.WORKS:
            lifecycle.still_broken(incident, by=self.reporter)
        else:
            reason = event.get("reason")
            lifecycle.go_on(incident, by=self.agent, reason=REASONS[reason] if reason else None)

    def do_status_resolved(self, event: Case) -> None:
        incident = self.ticket(event)
        lifecycle.restore(incident, by=self.agent, outcome="It works again.", restored_by=Incident.RestoredBy.FIX)
        lifecycle.resolve(incident, by=self.agent)

    def do_policy_changed(self, event: Case) -> None:
        self.terms |= event["policy"]
        if "calendar" in event:
            spec = parse(event["calendar"]).to_spec()
            self.customer.calendar = Calendar.objects.create(name=f"Case from {event['at']}", spec=spec)
        self._agree(self.terms)
        corrections.apply_agreement(self.ticket(event), by=self.agent)

    def do_customer_moved(self, event: Case) -> None:
        self.terms |= event["policy"]
        there = self._customer("Another case", event["calendar"])
        self.team.customers.add(there)
        reporter = self._person("somebody", User.Role.REPORTER, there)
        corrections.correct_customer(self.ticket(event), by=self.agent, reporter=reporter)

    def do_calendar_edited(self, event: Case) -> None:
        recalculation.edit_at_once(self.customer.calendar, parse(event["calendar"]).to_spec(), by=self.lead)

    def do_maturity_changed(self, event: Case) -> None:
        self.customer.level = 4
        self._agree(self.terms | event["policy_for_new_tickets"])

    def do_due_override(self, event: Case) -> None:
        corrections.agree_deadline(
            self.ticket(event), by=self.agent, kind=METRICS[event["metric"]],
            due_at=datetime.fromisoformat(event["due_at"]), reason="Agreed on the phone.",
        )  # fmt: skip

    def do_group_assigned(self, event: Case) -> None:
        team = Team.objects.create(name=event["group"], own_target_min=event["ola_min"])
        team.customers.add(self.customer)
        corrections.hand_over(self.ticket(event), by=self.agent, team=team)

    def do_merged_into(self, event: Case) -> None:
        corrections.merge(self.ticket(event), by=self.agent, into=self.tickets[event["target"]])

    def do_worker_run(self, event: Case) -> None:
        clocks.sweep(now=moment.now())

    def answer(self, name: str | None, metric: str, now: datetime) -> Any:
        incident = Incident.objects.select_related("policy", "team__calendar").get(pk=self.tickets[name].pk)
        if metric == "breach_alerts_sent":
            return _alerts(incident)
        if metric == "ola":
            spans = incident.clocks.filter(kind=Kind.TEAM).order_by("cycle")
            groups = Team.objects.exclude(pk=self.team.pk).order_by("pk")
            return [{"group": team.name} | describe(clock, now) for team, clock in zip(groups, spans, strict=True)]
        clock = incident.clocks.filter(kind=METRICS[metric]).order_by("-cycle").first()
        return describe(clock, now) if clock else None


def agreement(terms: Case) -> dict[str, Any]:
    """The policy of a case as knobs of an agreement: the same target for each priority, on business hours."""

    def target(metric: str) -> list[str]:
        minutes = terms.get(f"{metric}_min")
        return [f"{minutes} min" if minutes else ""] * 4

    knobs: dict[str, Any] = {kind.value: target(metric) for metric, kind in METRICS.items()}
    knobs |= {
        "close_out": [""] * 4,
        "coverage": ["business"] * 4,
        "pauses": [METRICS[metric].value for metric in terms["pause_metrics"]],
        "warn_before_min": terms.get("warn_before_min", 0),
        "remind_every_h": terms.get("remind_every_wall_h", 24),
    }
    if days := terms.get("reopen_window_days"):
        knobs["reopen_window_bd"] = days * 5 // 7
    return knobs


def describe(clock: Clock, now: datetime) -> dict[str, Any]:
    """A stored clock in the words of a case."""
    terms, book = policy.terms(clock.incident.policy), ledger.from_json(clock.ledger)
    is_over = clock.state in (Clock.State.STOPPED, Clock.State.CANCELLED)
    due = ledger.deadline(book, terms.calendars) if clock.state == Clock.State.STOPPED else clock.due_at
    return {
        "state": clock.state,
        "due_at": None if clock.state == Clock.State.CANCELLED else due,
        "completed_at": clock.stopped_at if is_over else None,
        "elapsed_s": ledger.elapsed(book, now, terms.calendars),
        "remaining_s": ledger.remaining(book, now, terms.calendars),
        "breached": clock.breached_at is not None,
        "breached_at": clock.breached_at,
        "warn_at": _threshold(clock, now, [ClockAlert.BEFORE]),
        "next_reminder_at": _threshold(clock, now, range(ClockAlert.REMINDER + 1, 2 * ClockAlert.REMINDER)),
    }


def _threshold(clock: Clock, now: datetime, numbers: Iterable[int]) -> datetime | None:
    """When that was or will be: out of the alerts that were written, or the instant the sweep waits for."""
    written = clock.alerts.filter(threshold__in=list(numbers)).order_by("-threshold").first()
    if written:
        return written.due_at
    terms = clocks.terms_of(clock.incident)
    hours = clocks.team_hours(clock.incident, terms)
    ahead = rungs.instants(clock, ledger.from_json(clock.ledger), terms, lambda: hours, now)
    at = next((at for number, at in sorted(ahead.items()) if number in numbers), None)
    return at if at is not None and clock.next_alert_at is not None and clock.next_alert_at <= at else None


def _alerts(incident: Incident) -> int:
    """How many messages about a miss would go out: prepared by the relay, and asked once more before they leave."""
    events.relay()
    prepared = Delivery.objects.outside().filter(incident=incident, kind__in=ABOUT_A_CLOCK)
    return sum(not why_not_wanted(delivery) for delivery in prepared.select_related("recipient", "event"))
