"""Where a customer stands: what is in force, what is proposed, the history, and what would change. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from customers import aims, assessment, outlook, policy, questionnaire, radar
from customers.aims import Aim
from customers.maturity import QUESTIONS_EACH, Score
from customers.models import Customer, CustomerEvent, Level, MaturityAssessment, User
from itsm import moment

State = MaturityAssessment.State
FRESH_FOR = timedelta(days=366)
SHOWN = 20  # assessments in the history of the page


@dataclass(frozen=True)
class Area:
    """One dimension of a result: its level, the one before where there was one, and whether it is the weakest."""

    name: str
    level: int | None
    before: int | None
    is_weakest: bool


@dataclass(frozen=True)
class Result:
    """What a finished assessment says. `before` is the one in force ahead of it, if any."""

    found: MaturityAssessment
    before: MaturityAssessment | None

    @cached_property
    def weakest(self) -> int | None:
        """Its index; of several that are equally weak, the one that the suggested goal is for."""
        levels, aimed_at = self.found.dimensions, self.goal.dimension - 1
        first = Score(tuple(levels), self.found.overall, self.found.is_complete).weakest
        return aimed_at if first is not None and levels[aimed_at] == levels[first] else first

    @cached_property
    def areas(self) -> list[Area]:
        earlier = self.before.dimensions if self.before else [None] * len(self.found.dimensions)
        rows = zip(questionnaire.names(), self.found.dimensions, earlier, strict=True)
        return [Area(name, level, then, place == self.weakest) for place, (name, level, then) in enumerate(rows)]

    @property
    def radar(self) -> radar.Radar:
        before = self.before.dimensions if self.before else ()
        return radar.draw(questionnaire.names(), self.found.dimensions, before)

    @cached_property
    def goal(self) -> Aim:
        return aims.suggested(self.found.dimensions)

    @property
    def goal_area(self) -> str:
        return questionnaire.names()[self.goal.dimension - 1]

    @property
    def model(self) -> str:
        return str(Level(self.found.level_proposed or Level.GUIDED).label)

    @property
    def target(self) -> str:
        """The support model it leads to in the end, where that is further than one step."""
        return (
            ""
            if self.found.overall == self.found.level_proposed
            else str(Level(self.found.overall or Level.GUIDED).label)
        )

    @property
    def is_provisional(self) -> bool:
        finished = self.found.finished_at
        return not self.found.is_complete or bool(finished and finished < moment.now() - FRESH_FOR)


@dataclass(frozen=True)
class Standing:
    """Everything the pages about how we work together show of a customer."""

    customer: Customer
    under_way: MaturityAssessment | None
    in_force: MaturityAssessment | None
    history: list[MaturityAssessment]
    now: datetime

    @property
    def proposal(self) -> MaturityAssessment | None:
        """What waits for an answer, or for its day."""
        waits = self.under_way and self.under_way.state != State.DRAFT
        return self.under_way if waits else None

    @cached_property
    def result(self) -> Result | None:
        """Of what is proposed, else of what is in force."""
        if self.proposal:
            return Result(self.proposal, self.in_force)
        return Result(self.in_force, self._before) if self.in_force else None

    @property
    def _before(self) -> MaturityAssessment | None:
        return next((each for each in self.history if each.state == State.IN_FORCE and each != self.in_force), None)

    @cached_property
    def changes(self) -> list[outlook.Change]:
        """What the proposal would change for the customer, knob by knob."""
        if not self.proposal or self.proposal.level_proposed is None:
            return []
        return outlook.changes(self.customer, self.customer.level, self.proposal.level_proposed)

    @property
    def changes_for_customer(self) -> list[outlook.Change]:
        """The same as the customer's contact reads it."""
        return outlook.for_customer(self.changes)

    @cached_property
    def hindrance(self) -> str:
        """Why the proposal cannot be accepted or come into force now."""
        if not self.proposal:
            return ""
        if self.proposal.state == State.AGREED:
            has_come = self.day is not None and self.day <= self.today
            return assessment.hindrance(self.customer, self.proposal) if has_come else ""
        return assessment.major_open(self.customer)

    @property
    def day(self) -> date | None:
        """From when the proposal would be in force if both agreed today, or is, once they have."""
        if not self.proposal:
            return None
        if self.proposal.state == State.AGREED:
            return self.proposal.effective_on
        return assessment.day_if_agreed(self.proposal, self.today)

    @property
    def today(self) -> date:
        return assessment.today_at(self.customer, self.now)

    @cached_property
    def due(self) -> datetime:
        """When to look again."""
        last = self.in_force.in_force_at if self.in_force else None
        months = outlook.months(self.customer, policy.level_knobs())
        return outlook.last_due(self.customer, last, months, self.now) or outlook.first_due(self.customer, last, months)

    @property
    def is_due(self) -> bool:
        return not self.under_way and self.due <= self.now

    @cached_property
    def had_a_major(self) -> bool:
        """Since the last assessment: then one offers to look again, whatever the date."""
        if self.under_way or not self.in_force:
            return False
        since = self.in_force.finished_at
        return self.customer.incidents.filter(is_major=True, resolved_at__gt=since).exists()

    @cached_property
    def not_yet(self) -> CustomerEvent | None:
        """The contact's last word on the proposal, while it waits for their yes."""
        if not self.proposal or self.proposal.accepted_there_at:
            return None
        said = self.customer.history.filter(kind=CustomerEvent.Kind.LEVEL_NOT_YET, data__assessment=self.proposal.pk)
        return said.select_related("actor").order_by("-pk").first()


def standing(customer: Customer) -> Standing:
    """Of a customer that came with its contract."""
    people = ("started_by", "accepted_here_by", "accepted_there_by", "dropped_by")
    rows = list(customer.assessments.select_related(*people).order_by("-started_at", "-pk")[:SHOWN])
    return Standing(
        customer=customer,
        under_way=next((each for each in rows if each.state in MaturityAssessment.UNDER_WAY), None),
        in_force=_in_force(customer, rows),
        history=[each for each in rows if each.state != State.DRAFT],
        now=moment.now(),
    )


def waits_for(person: User) -> bool:
    """Is there a proposal that this person has to answer? Only the customer's contact is asked."""
    if person.role != User.Role.CONTACT:
        return False
    proposed = MaturityAssessment.objects.visible_to(person).filter(state=State.PROPOSED, customer=person.customer_id)
    return proposed.filter(accepted_there_at=None).exists()


def _in_force(customer: Customer, rows: list[MaturityAssessment]) -> MaturityAssessment | None:
    latest = [each for each in rows if each.in_force_at]
    if latest or len(rows) < SHOWN:
        return max(latest, key=lambda each: each.in_force_at or timezone.now(), default=None)
    return customer.assessments.in_force().order_by("-in_force_at").first()


@dataclass(frozen=True)
class AreaProgress:
    """How many questions of one area are answered."""

    number: int
    name: str
    done: int
    total: int = QUESTIONS_EACH


@dataclass(frozen=True)
class Progress:
    """How far an assessment is."""

    areas: list[AreaProgress]

    @property
    def done(self) -> int:
        return sum(area.done for area in self.areas)

    @property
    def total(self) -> int:
        return sum(area.total for area in self.areas)


def progress(answers: list[Any]) -> Progress:
    starts = range(0, len(answers), QUESTIONS_EACH)
    done = [sum(each is not None for each in answers[start : start + QUESTIONS_EACH]) for start in starts]
    rows = enumerate(zip(questionnaire.names(), done, strict=True), start=1)
    return Progress([AreaProgress(number, name, some) for number, (name, some) in rows])
