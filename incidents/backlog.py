"""The page of what is still to be written down, by agent and by team, in two queries."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from customers.models import User
from incidents.models import ProcessDebt

MOST_SHOWN = 200


@dataclass(frozen=True)
class Whose:
    """Whose debt is looked at; nothing said means one's own."""

    team: int | None = None
    owner: int | None = None

    @property
    def query(self) -> str:
        return urlencode({name: number for name, number in vars(self).items() if number})


@dataclass(frozen=True)
class Heap:
    """So many open debts of one team or agent, and where they are listed."""

    label: str
    whose: Whose
    count: int


@dataclass(frozen=True)
class Backlog:
    mine: Heap
    teams: list[Heap]
    agents: list[Heap]  # of the team that is looked at
    rows: list[ProcessDebt]  # the first `MOST_SHOWN`, what is due first on top


def backlog(user: User, whose: Whose) -> Backlog:
    """What `user` may see of it; a debt is its incident's owner's, and its team's."""
    owed = ProcessDebt.objects.visible_to(user).owed()
    counted = owed.values_list("incident__team", "incident__team__name", "incident__owner", "incident__owner__name")
    teams: dict[int, Heap] = {}
    agents: dict[int, Heap] = {}
    mine = 0
    for team, team_name, owner, owner_name, count in counted.annotate(count=Count("pk")):
        _put(teams, team, team_name, Whose(team=team), count)
        mine += count if owner == user.pk else 0
        if owner and whose.team == team:
            _put(agents, owner, owner_name, Whose(team=team, owner=owner), count)
    shown = owed.filter(**_narrow(user, whose)).select_related("incident__customer", "incident__owner")
    return Backlog(
        mine=Heap(user.name, Whose(), mine),
        teams=sorted(teams.values(), key=lambda heap: heap.label.casefold()),
        agents=sorted(agents.values(), key=lambda heap: heap.label.casefold()),
        rows=list(shown.order_by("due_at", "pk")[:MOST_SHOWN]),
    )


def _put(heaps: dict[int, Heap], key: int, label: str, whose: Whose, count: int) -> None:
    heaps[key] = Heap(label, whose, count + (heaps[key].count if key in heaps else 0))


def _narrow(user: User, whose: Whose) -> dict[str, Any]:
    if whose.team is None and whose.owner is None:
        return {"incident__owner": user}
    named = {"incident__team": whose.team, "incident__owner": whose.owner}
    return {name: number for name, number in named.items() if number}
