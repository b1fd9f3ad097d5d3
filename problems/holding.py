"""Somebody wants to work at a cause while people cannot work: it is parked, or it serves restoration.

Neither is ever refused. What is parked is a card on the incident, which its problem has too; what serves restoration is
an investigation with somebody, an aim and half an hour (`incidents.parking`). The problem stays parked either way.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents import parking
from incidents.models import Incident, Investigation, ParkedNote
from itsm import moment
from problems import cards, lifecycle, moves
from problems.models import Problem
from problems.moves import MoveRefused, change, locked, locked_incidents

# Verbs that would begin or go on with work: while it is parked they ask instead.
WORK = frozenset(
    {"accept", "investigate", "know", "fix", "resolve", "worksheet", "judge", "add_action", "work_action", "review"}
)
MOST_AIM = parking.MOST_AIM


def down_of(problem: Problem) -> list[Incident]:
    """Its incidents with which people cannot work, the latest first."""
    return list(problem.incidents.down().order_by("-opened_at", "-pk"))


@transaction.atomic
def park(
    problem: Problem, *, by: User, incident: Incident, text: str, kind: str = ParkedNote.Kind.HYPOTHESIS
) -> ParkedNote:
    """Kept as a card on the incident that is down; the problem has it at once."""
    incident, problem = _both(problem, incident, by)
    card = parking.park(incident, by=by, kind=kind, text=text)
    cards.take_over(problem, incident)
    change(problem, by=by)
    return card


@transaction.atomic
def serve(problem: Problem, *, by: User, incident: Incident, aim: str, owner: User | None = None) -> Investigation:
    """Looking for the cause helps to restore: half an hour for it, written down on the incident."""
    incident, problem = _both(problem, incident, by)
    begun = parking.investigate(incident, by=by, aim=aim, owner=owner)
    change(problem, by=by)
    return begun


@transaction.atomic
def begin(
    incident: Incident, *, by: User, text: str = "", serves: bool = False, owner: User | None = None
) -> Problem | None:
    """A new problem of an incident that is down: parked, with what was thought, and the investigation if one serves."""
    if serves:
        parking.investigate(incident, by=by, aim=text, owner=owner)
    elif text.strip():
        parking.park(incident, by=by, kind=ParkedNote.Kind.HYPOTHESIS, text=text)
    return _propose(incident, by, text or _("It has happened again."))


@transaction.atomic
def promote(card: ParkedNote, *, onto: Incident, by: User) -> Problem | None:
    """It works again, and this card is worth looking into: a candidate, or more in the problem that there is.

    `onto` is the incident that goes on, where the card's own was merged into it.
    """
    [incident] = locked_incidents([onto])
    if incident.is_down:
        raise MoveRefused(_("First it works again. The card is kept."))
    found = _propose(incident, by, card.text)
    if found:
        cards.take_over(found, incident)
    return found


def _propose(incident: Incident, by: User, thought: str) -> Problem | None:
    """What has ended once comes back with what was thought."""
    found = lifecycle.propose([incident], why=Problem.Trigger.NEW_KIND.value, at=moment.now(), by=by)
    if found:
        return found
    ended = incident.problems.filter(merged_into__isnull=True).order_by("-closed_at", "-pk").first()
    return lifecycle.reopen(ended, by=by, reason=thought[: lifecycle.MOST_WORDS]) if ended else None


def _both(problem: Problem, incident: Incident, by: User) -> tuple[Incident, Problem]:
    [incident] = locked_incidents([incident])
    problem = locked(problem)
    moves.check(problem, "hold", by=by)
    return incident, problem
