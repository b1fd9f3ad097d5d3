"""The page of all calls that are to be made: one's own, a team's or everybody's, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Q

from customers.models import User
from incidents import call_script
from incidents.models import CallTask, Clock, Message, Survey
from incidents.models.call import CallTaskQuerySet

MOST_SHOWN = 100


@dataclass(frozen=True)
class Whose:
    """Whose calls; nothing said means one's own, with those that nobody has."""

    team: int | None = None
    everybody: bool = False

    @property
    def query(self) -> str:
        return urlencode({"team": self.team} if self.team else {"all": 1} if self.everybody else {})


@dataclass(frozen=True)
class Heap:
    """So many calls of one team, or of all, and how they are listed."""

    label: str
    whose: Whose
    count: int


@dataclass(frozen=True)
class Line:
    """One call; `script` is what to say, where the customer is guided."""

    call: CallTask
    is_late: bool
    script: list[str]

    @property
    def language(self) -> str:
        return self.call.person.speaks() if self.call.person else self.call.customer.language


@dataclass(frozen=True)
class CallList:
    mine: int
    teams: list[Heap]
    every: int
    late: int  # of those that are listed
    lines: list[Line]  # the first `MOST_SHOWN`, what is due first on top


def call_list(user: User, whose: Whose, now: datetime) -> CallList:
    """What `user` may see of it."""
    to_make = CallTask.objects.visible_to(user).to_make()
    counts = to_make.aggregate(every=Count("pk"), mine=Count("pk", filter=_own(user)))
    by_team = to_make.values_list("incident__team", "incident__team__name").annotate(count=Count("pk"))
    listed = _narrow(to_make, user, whose)
    shown = listed.select_related(
        "incident__customer", "incident__owner", "incident__policy", "incident__service", "person__customer", "owner",
        "customer",
    )  # fmt: skip
    calls = list(shown.order_by("due_at", "pk")[:MOST_SHOWN])
    return CallList(
        mine=counts["mine"],
        teams=sorted((Heap(name, Whose(team=team), n) for team, name, n in by_team), key=lambda heap: heap.label),
        every=counts["every"],
        late=listed.late(now).count(),
        lines=_lines(calls, user, now),
    )


def _own(user: User) -> Q:
    """What I began, what my incidents need, and what nobody has yet."""
    return Q(owner=user) | Q(owner=None, incident__owner=user) | Q(owner=None, incident__owner=None)


def _narrow(calls: CallTaskQuerySet, user: User, whose: Whose) -> CallTaskQuerySet:
    if whose.team:
        return calls.filter(incident__team=whose.team)
    return calls if whose.everybody else calls.filter(_own(user))


def _lines(calls: list[CallTask], user: User, now: datetime) -> list[Line]:
    about = {call.incident_id for call in calls}
    words = Message.objects.filter(incident__in=about, is_public=True, author__customer=None)
    said = dict(words.order_by("incident", "-said_at").distinct("incident").values_list("incident", "body"))
    promises = Clock.objects.promises().filter(incident__in=about).order_by("-due_at").values_list("incident", "due_at")
    next_at = dict(promises)  # of several the one that is due first is read last
    comments = dict(Survey.objects.filter(call__in=calls).exclude(comment="").values_list("call", "comment"))
    return [
        Line(
            call,
            is_late=call.due_at < now,
            script=call_script.script(
                call,
                caller=user,
                said=said.get(call.incident_id, ""),
                comment=comments.get(call.pk, ""),
                next_at=next_at.get(call.incident_id),
            ),
        )
        for call in calls
    ]
