"""The demo story, second floor: what went wrong in the last three months, played by the verbs in travelled time.

Each incident of demo_story.toml is an actor that says when its next step happens and takes it when the time has come;
all of them are played together in the order of time, with the sweep and the nightly closing between them.
"""

import random
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Min

from customers import policy
from customers.demo import customers
from customers.models import Customer, Service, User
from incidents import calls, clocks, conversation, goal_measures, later, lifecycle, majors, priority, surveys
from incidents.models import (
    CallTask,
    CauseCategory,
    Clock,
    Incident,
    IncidentEvent,
    ProcessDebt,
    ResolutionCode,
    Survey,
)
from incidents.sla import hours
from itsm import moment

STORY: dict[str, Any] = tomllib.loads(Path(__file__).with_name("demo_story.toml").read_text())
Kind = Clock.Kind
Steps = Iterator[datetime]
SEED = 1842  # the same story each time, relative to the moment it is loaded
DAYS = 90
ANSWERING = 0.6  # the share of those asked how it went who say so
FORGOTTEN = 0.15  # the share of records that nobody came back to
POOLS: dict[str, str] = {Incident.Status.PENDING: "waiting", Incident.Status.RESTORED: "watching"}


def seed() -> None:
    """Does nothing when the demo's customers have incidents already."""
    ours = list(customers())
    if Incident.objects.filter(customer__in=ours).exists():
        return
    now = moment.now().replace(microsecond=0)
    people = {person.email.split("@")[0]: person for person in User.objects.filter(email__endswith=".example")}
    lives = [Life(told, people, random.Random(SEED + n), now) for n, told in enumerate(STORY["incident"])]  # noqa: S311  (a story, no secret)
    _perform([_nights(now), *(life.tell() for life in lives)], now, ours)
    calls.sweep_late(now)
    goal_measures.measure_goals()
    # The past is over: nobody gets a mail about it.
    events = IncidentEvent.objects.filter(customer__in=ours, relayed_at__isnull=True)
    events.update(relayed_at=F("occurred_at"))


def _perform(actors: list[Steps], until: datetime, ours: list[Customer]) -> None:
    """Plays all actors together up to `until`; what would come later does not happen."""
    agenda = [(at, number, actor) for number, actor in enumerate(actors) if (at := next(actor, None))]
    heapify(agenda)
    while agenda and agenda[0][0] <= until:
        at, number, actor = agenda[0]
        _sweep(at, ours)
        with moment.travel(at):
            following = next(actor, None)
        if following:
            heapreplace(agenda, (max(at, following), number, actor))
        else:
            heappop(agenda)
    _sweep(until, ours)


def _sweep(until: datetime, ours: list[Customer]) -> None:
    """Notices what fell due up to then, each at its time."""
    running = Clock.objects.running().filter(customer__in=ours)
    while (at := running.aggregate(next=Min("next_alert_at"))["next"]) and at <= until:
        clocks.sweep(now=at)


def _nights(now: datetime) -> Steps:
    """Each night closes what has been solved for long enough."""
    for day in range(DAYS, -1, -1):
        yield (now - timedelta(days=day)).replace(hour=2, minute=0, second=0)
        lifecycle.close_overdue()
        surveys.ask_due()
        _say_how_it_went(random.Random(SEED + day))  # noqa: S311  (a story, no secret)


def _say_how_it_went(dice: random.Random) -> None:
    """Six in ten of those who were asked this night answer; most are satisfied, and those who are not are called."""
    for survey in Survey.objects.filter(asked_at=moment.now()).order_by("pk"):
        if dice.random() > ANSWERING:
            continue
        number = dice.choices((5, 4, 3, 2, 1), weights=(42, 33, 13, 8, 4))[0]
        more = {"ease": min(7, number + dice.randint(0, 2)), "lost_min": dice.choice((0, 15, 30, 60, 120, 240))}
        if surveys.is_short(survey):
            number, more = (5 if number >= surveys.SATISFIED else 1), {}
        comment = dice.choice(STORY["said"]["well" if number >= surveys.SATISFIED else "badly"])
        surveys.answer(survey, by=survey.person, satisfaction=number, by_way="page", comment=comment, **more)
        for call in survey.incident.calls.to_make().filter(why=CallTask.Why.UNHAPPY):
            if survey.incident.owner:
                calls.record_call(call, by=survey.incident.owner, outcome=CallTask.Outcome.REACHED)


class Life:
    """One incident from the report to where its story stands."""

    def __init__(self, told: dict[str, Any], people: dict[str, User], dice: random.Random, now: datetime) -> None:
        self.told, self.dice, self.now = told, dice, now
        self.reporter = people[told["who"]]
        self.agent = people[told.get("agent", "ines.keller")]
        assert self.reporter.customer is not None
        self.customer = self.reporter.customer
        self.service = Service.objects.get(customer=self.customer, name=told["service"])
        self.terms = policy.terms(policy.resolve(self.customer, self.service))
        impact, urgency = told["scale"]
        self.priority = priority.priority(impact, urgency, self.terms.knob("priority_matrix"))
        self.late: list[str] = list(told.get("late", []))
        self.updates: list[str] = list(told.get("updates", []))
        self.unsaid: dict[str, list[str]] = {}
        self.incident: Incident

    def tell(self) -> Steps:
        opened_at = self._opened_at()
        yield opened_at
        self._open()
        until = self.told.get("until")
        if until == "new":
            return
        yield from (self._withdraw(opened_at) if "withdrawn" in self.told else self._take_and_answer(opened_at, until))
        if until == "assigned" or "answer" not in self.told:
            return
        yield from self._make_calls()
        yield from self._note_and_ask()
        yield from self._keep_promises(None if until in ("in_progress", "pending") else self._works_again_at())
        yield from self._restore(self.told["outcome"])
        if "relapse" in self.told:
            yield from self._relapse()
        yield from self._make_calls()
        yield from self._keep_promises(None if until else self._solved_at())
        lifecycle.resolve(self.incident, by=self.agent, note=self.told.get("solved", ""))
        yield from self._write_it_down()

    # --- the steps; each ends at the moment of the verb it leads to

    def _open(self) -> None:
        self.incident = lifecycle.open_incident(
            by=self.reporter, reporter=self.reporter, text=self.told["text"], service=self.service,
            origin=self.told.get("origin", Incident.Origin.PORTAL), call_back=self.told.get("call_back"),
            **self._how_bad(),
        )  # fmt: skip

    def _how_bad(self) -> dict[str, Any]:
        """In the reporter's words where the policy asks them, else as the desk set it; the first minutes nobody did."""
        impact, urgency = self.told["scale"]
        details = {name: self.told[name] for name in ("since", "evidence") if name in self.told}
        way = self.terms.knob("priority_by")
        if way == "agent" or (way == "suggestion" and self.told.get("until") != "new"):
            return {"details": details} | ({} if "unasked" in self.told else {"impact": impact, "urgency": urgency})
        return {"details": details | {"affected": impact, "working": urgency}}

    def _withdraw(self, opened_at: datetime) -> Steps:
        yield opened_at + timedelta(minutes=self.dice.randint(9, 40))
        lifecycle.cancel(self.incident, by=self.reporter, reason=self.told["withdrawn"])

    def _take_and_answer(self, opened_at: datetime, until: str | None) -> Steps:
        share = self.dice.uniform(1.15, 1.6) if "answer" in self.late else self.dice.uniform(0.15, 0.7)
        yield self._after(share * 0.6, Kind.RESPONSE, since=opened_at)
        lifecycle.take(self.incident, by=self.agent)
        if self.told.get("major"):
            majors.declare(self.incident, by=self.agent)
        if until != "assigned":
            yield self._after(share, Kind.RESPONSE, since=opened_at)
            self._say(self.told["answer"], last=not self.updates)

    def _note_and_ask(self) -> Steps:
        if "note" in self.told:
            yield self._after(0.15, Kind.UPDATE)
            conversation.note(self.incident, by=self.agent, text=self.told["note"])
        if "question" in self.told:
            yield self._after(0.4, Kind.UPDATE)
            self.incident = lifecycle.ask(self.incident, by=self.agent, question=self.told["question"])
        if "reply" in self.told:
            yield self._after(0.5, Kind.UPDATE)
            self.incident = conversation.add(self.incident, by=self.reporter, text=self.told["reply"])

    def _restore(self, outcome: str) -> Steps:
        """At once: whoever calls has waited for the moment."""
        self.incident = lifecycle.restore(
            self.incident, by=self.agent, outcome=outcome, restored_by=self.told.get("by", "fix")
        )
        yield from ()

    def _make_calls(self) -> Steps:
        """What is owed by telephone is done within a minute; where somebody is not there, tried and left open."""
        if "call_promised" in self.told:
            due_at = self.now + timedelta(minutes=self.told["call_promised"])
            calls.promise_call(self.incident, by=self.agent, due_at=due_at)
            return
        outcome = self.told.get("called", CallTask.Outcome.REACHED)
        for call in list(self.incident.calls.to_make().order_by("pk")):
            yield moment.now() + timedelta(minutes=1)
            calls.record_call(call, by=self.agent, outcome=outcome)

    def _write_it_down(self) -> Steps:
        """On the next day, mostly: some of it nobody can know, and some is forgotten."""
        yield moment.now() + timedelta(hours=self.dice.randint(20, 30))
        if self.dice.random() < FORGOTTEN:
            return
        by_fix = self.incident.restored_by == Incident.RestoredBy.FIX
        values = {
            "resolution_code": ResolutionCode.FIXED if by_fix else ResolutionCode.WORKAROUND_APPLIED,
            "cause_category": self.dice.choice(CauseCategory.values),
            "configuration_item": self.service.name,
        }
        kept = {field: values[field] for field in later.wanted(self.incident) if field in values}
        later.complete(self.incident, by=self.agent, values=kept)
        for debt in self.incident.debts.filter(state=ProcessDebt.State.OPEN).order_by("pk"):
            later.write_off(debt, by=self.agent, reason=ProcessDebt.Reason.NO_VALUE)

    def _relapse(self) -> Steps:
        yield from self._keep_promises(self._after(0.6, Kind.UPDATE, gaps=clocks.MONITORING_GAP))
        self.incident = lifecycle.still_broken(self.incident, by=self.reporter, text=self.told["relapse"])
        yield self._after(0.2, Kind.UPDATE)
        self._say(self._words(late=False))
        if "again" not in self.told:
            yield from self._keep_promises(None)
        yield from self._keep_promises(self._after(0.15, Kind.RESTORE))
        yield from self._restore(self.told["again"])

    def _keep_promises(self, until: datetime | None) -> Steps:
        """Says something before each promise falls due, until the moment comes; None is the end of the story."""
        while (due := self._promised()) and (until is None or due < until):
            if self.told.get("promise_in") and not self.updates:
                break
            if late := "promise" in self.late:
                self.late.remove("promise")
            share = self.dice.uniform(1.08, 1.3) if late else self.dice.uniform(0.6, 0.95)
            at = self._after(share, Kind.UPDATE, gaps=self._gaps())
            if until is not None and at >= until:
                break
            yield at
            self._say(self._words(late=late), last=not self.updates)
        if until is None:
            yield datetime.max.replace(tzinfo=self.now.tzinfo)
        else:
            yield until

    # --- words

    def _say(self, text: str, *, last: bool = False) -> None:
        promised = self.told.get("promise_in") if last else None
        next_update_at = self.now + timedelta(minutes=promised) if promised else None
        self.incident = conversation.update(self.incident, by=self.agent, text=text, next_update_at=next_update_at)

    def _words(self, *, late: bool) -> str:
        if self.updates:
            return self.updates.pop(0)
        pool = "late" if late else POOLS.get(self.incident.status, "working")
        if pool == "watching" and self.incident.restored_by == Incident.RestoredBy.WORKAROUND:
            pool = "holding"
        words = STORY["words"]["de" if self.told.get("german") else "en"][pool]
        if not self.unsaid.get(pool):
            self.unsaid[pool] = self.dice.sample(words, len(words))
        return self.unsaid[pool].pop()

    # --- times

    def _opened_at(self) -> datetime:
        target = self._target(Kind.RESTORE)
        calendar = self.terms.calendars[target.hours]
        if "ago" in self.told:
            return _back(calendar, self.now, self.told["ago"] * 60)
        hour, minute = map(int, self.told["time"].split(":"))
        local = self.now.astimezone(ZoneInfo(self.customer.time_zone)) - timedelta(days=self.told["day"])
        at = local.replace(hour=hour, minute=minute, second=self.dice.randint(0, 59))
        while not hours.elapsed(calendar, at.replace(hour=0), at.replace(hour=23)):  # nobody was there on that day
            at -= timedelta(days=1)
        return at

    def _after(self, share: float, kind: Clock.Kind, *, since: datetime | None = None, gaps: int = 1) -> datetime:
        """When this share of a target is used, counted from `since` or now, on the hours it runs on."""
        target = self._target(kind)
        return hours.due(
            self.terms.calendars[target.hours], since or moment.now(), round(share * gaps * target.seconds)
        )

    def _target(self, kind: Clock.Kind) -> policy.Target:
        target = self.terms.target(kind.value, self.priority)  # type: ignore[arg-type]  # kinds and measures agree
        assert target, "the story's customers are promised something"
        return target

    def _works_again_at(self) -> datetime:
        share = self.dice.uniform(1.1, 1.4) if "restore" in self.late else self.told.get("took", 0.33)
        at = self._after(share, Kind.RESTORE, since=self.incident.opened_at)
        return max(at, moment.now() + timedelta(minutes=self.dice.randint(4, 12)))

    def _solved_at(self) -> datetime:
        """What is urgent is watched for an update or two, the rest is solved within days."""
        share = self.dice.uniform(0.4, 1.7) if self.priority <= 2 else self.dice.uniform(0.1, 0.5)
        return self._after(share, Kind.UPDATE, gaps=clocks.MONITORING_GAP)

    def _promised(self) -> datetime | None:
        running = Clock.objects.running().filter(incident=self.incident, kind=Kind.UPDATE)
        return running.values_list("due_at", flat=True).first()

    def _gaps(self) -> int:
        return clocks.MONITORING_GAP if self.incident.status == Incident.Status.RESTORED else 1


def _back(calendar: Any, now: datetime, seconds: int) -> datetime:
    """The latest instant from which so much working time has passed until now."""
    early, late = now - timedelta(days=40), now
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if hours.elapsed(calendar, middle, now) >= seconds:
            early = middle
        else:
            late = middle
    return early.replace(microsecond=0)
