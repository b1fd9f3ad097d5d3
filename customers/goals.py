"""What a customer and we want to reach in a quarter or two: the catalogue, what is suggested next, and its progress."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from customers import aims, history, policy
from customers.aims import Aim
from customers.models import Customer, CustomerEvent, ImprovementGoal, MaturityAssessment, User
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

State = ImprovementGoal.State
A_QUARTER = timedelta(days=91)
MOST_WORDS = 2_000


@dataclass(frozen=True)
class Progress:
    """A goal with its entry of the catalogue."""

    goal: ImprovementGoal
    aim: Aim

    @property
    def is_reached(self) -> bool:
        return self.aim.is_reached(self.goal.measured)

    @property
    def percent(self) -> int:
        """How far it is, for a bar; nothing where less is better, because there a bar would mislead."""
        if self.goal.measured is None or not self.aim.done_at or self.aim.at_most:
            return 0
        return min(100, round(100 * self.goal.measured / self.aim.done_at))


def progress(customer: Customer) -> list[Progress]:
    """All goals of a customer: those under way first, then the ended ones, the latest first."""
    goals = customer.goals.select_related("opened_by", "ended_by")
    goals = goals.order_by(F("ended_at").desc(nulls_first=True), "-opened_at", "pk")
    return [Progress(goal, aims.known(goal.key)) for goal in goals]


def suggested(customer: Customer, present: list[Progress]) -> list[Aim]:
    """What to reach next, the weakest dimension first, as many as the customer's policy takes at once."""
    taken = {each.goal.key for each in present if each.goal.state != State.DROPPED}
    under_way = sum(each.goal.state == State.OPEN for each in present)
    places = int(policy.terms(policy.resolve(customer)).knob("goals_at_once")) - under_way
    found = _last_found(customer)
    weakness = {number: level for number, level in enumerate(found, start=1) if level}
    fitting = [aim for aim in aims.CATALOGUE.values() if aim.level == customer.works_at]
    fitting.sort(key=lambda aim: weakness.get(aim.dimension, 9))
    # The one that the result of the assessment names comes first, whatever level it is for: both pages say the same.
    first = [aims.suggested(found)] if weakness else []
    keys = dict.fromkeys(aim.key for aim in first + fitting if aim.key not in taken)
    return [aims.known(key) for key in keys][: max(places, 0)]


def _last_found(customer: Customer) -> list[int | None]:
    """The levels of the five dimensions in the last finished assessment."""
    finished = MaturityAssessment.objects.filter(customer=customer, finished_at__isnull=False)
    last = finished.exclude(state=MaturityAssessment.State.DROPPED).order_by("-finished_at").first()
    return list(last.dimensions) if last else []


def by_default() -> date:
    """Until when a goal is to be reached if nobody says anything else."""
    return (moment.now() + A_QUARTER).date()


@transaction.atomic
def agree(customer: Customer, *, by: User, key: str, due_on: date | None = None) -> ImprovementGoal:
    """Both want to reach it, by default within a quarter. Refuses what is under way already, and a day in the past."""
    now = moment.now()
    aim = aims.CATALOGUE.get(key)
    if aim is None:
        raise Refused(_("There is no such goal."))
    due_on = due_on or by_default()
    if due_on <= now.date():
        raise Refused(_("Please choose a day in the future."))
    try:
        with transaction.atomic():
            goal = ImprovementGoal.objects.create(
                customer=customer, key=key, opened_at=now, opened_by=by, due_on=due_on
            )
    except IntegrityError:
        raise Refused(_("This goal is under way already.")) from None
    history.record(customer, CustomerEvent.Kind.GOAL_OPENED, by=by, at=now, goal=aim.name)
    return goal


@transaction.atomic
def end(goal: ImprovementGoal, *, by: User, reached: bool, evidence: str) -> ImprovementGoal:
    """Reached, with what shows it, or dropped, with why. Refuses either without a word."""
    now = moment.now()
    evidence = clean(evidence)[:MOST_WORDS]
    if not evidence:
        raise Refused(_("Please say what shows it.") if reached else _("Please say why it is dropped."))
    goal = ImprovementGoal.objects.select_for_update(no_key=True, of=("self",)).get(pk=goal.pk)
    if goal.state != State.OPEN:
        raise Refused(_("This goal has ended already."))
    goal.state, goal.ended_at, goal.ended_by = State.DONE if reached else State.DROPPED, now, by
    goal.evidence = evidence
    goal.save(update_fields=["state", "ended_at", "ended_by", "evidence"])
    history.record(
        goal.customer, CustomerEvent.Kind.GOAL_ENDED, by=by, at=now, goal=aims.known(goal.key).name, reached=reached
    )
    return goal


def note_measure(goal: ImprovementGoal, value: float | None, at: datetime) -> None:
    """What the tool counted for a goal under way; None where there was nothing to count."""
    ImprovementGoal.objects.filter(pk=goal.pk, state=State.OPEN).update(measured=value, measured_at=at)
