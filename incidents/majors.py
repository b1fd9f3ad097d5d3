"""A major incident: anybody at the desk declares it, nobody approves it, and it can be taken back at any time.

From then on one incident speaks for many: reports of the same trouble join it as its children, its updates are their
updates, and people take roles so that whoever talks to the customer does not repair at the same time.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import User
from incidents import calls, clocks, moves
from incidents.journal import Kind, record
from incidents.models import Incident, MajorIncident, MajorRole
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

Role = MajorRole.Kind
FIRST_WORD = timedelta(minutes=15)  # after it was declared; the scope may still be unknown
HANDOVER_AFTER = timedelta(hours=4)
TWO_HATS = timedelta(minutes=15)  # as long may one person decide and repair
NOTE_LINES = 5


@transaction.atomic
def declare(incident: Incident, *, by: User, reason: str = "", call_url: str = "") -> MajorIncident:
    """It is major from now on; whoever declares it runs it until somebody else does. Declared twice it is one."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "declare", by=by)
    if incident.is_major:
        return MajorIncident.objects.get(incident=incident)
    if incident.parent_id:
        raise MoveRefused(_("This report belongs to %(parent)s. Please declare that one.") % {
            "parent": incident.parent.reference if incident.parent else "",
        })  # fmt: skip
    incident.is_major, incident.owner = True, incident.owner or by
    incident.version += 1
    incident.save(update_fields=["is_major", "owner", "version"])
    facts = {
        "customer_id": incident.customer_id, "declared_by": by, "declared_at": now, "reason": clean(reason)[:300],
        "call_url": call_url, "downgraded_at": None, "downgraded_by": None, "lot_closed_at": None,
        "handover_due_at": now + HANDOVER_AFTER, "handover_asked_at": None,
    }  # fmt: skip
    major, _new = MajorIncident.objects.update_or_create(incident=incident, defaults=facts)
    _seat(incident, Role.MANAGER, now, person=by)
    record(incident, Kind.DECLARED, by=by, at=now, reason=major.reason)
    clocks.promise_no_later(incident, now + FIRST_WORD, now)
    calls.to_contact(incident, now)
    return major


@transaction.atomic
def downgrade(incident: Incident, *, by: User, reason: str) -> Incident:
    """It is not major any more; roles end, reports that joined stay joined, and what was promised stands."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "downgrade", by=by)
    words = clean(reason)[:300]
    if not incident.is_major:
        return incident
    if not words:
        raise Refused(_("Please say in one sentence why it is not major any more."))
    incident.is_major = False
    incident.version += 1
    incident.save(update_fields=["is_major", "version"])
    MajorIncident.objects.filter(incident=incident).update(downgraded_at=now, downgraded_by=by)
    incident.major_roles.filter(until__isnull=True).update(until=now)
    record(incident, Kind.DOWNGRADED, by=by, at=now, reason=words)
    return incident


@transaction.atomic
def give_role(
    incident: Incident, *, by: User, role: str, person: User | None = None, name: str = "", note: str = ""
) -> MajorRole:
    """`role` is `person`'s from now on, or somebody's who has no log-in; whoever had it leaves `note` behind."""
    now = moment.now()
    incident = locked(incident)
    _check_major(incident, by)
    if role not in Role.values:
        raise Refused(_("Please choose one of the roles."))
    name = " ".join(clean(name).split())[:120]
    if person is None and not name:
        raise Refused(_("Please say who takes it."))
    held = incident.major_roles.filter(kind=role, until__isnull=True).first()
    if held and held.person == person and held.name == ("" if person else name):
        return held
    taken = _seat(incident, role, now, person=person, name="" if person else name, note=note)
    if role == Role.MANAGER:
        due = {"handover_due_at": now + HANDOVER_AFTER, "handover_asked_at": None}
        MajorIncident.objects.filter(incident=incident).update(**due)
    record(incident, Kind.ROLE, by=by, at=now, role=role, who=str(person or name), note=clean(note)[:1000])
    return taken


@transaction.atomic
def hand_over(incident: Incident, *, by: User, to: User, note: str) -> MajorRole:
    """Whoever runs it goes home: a named successor, and some lines on how it stands."""
    if not clean(note):
        raise Refused(_("Please write in some lines how it stands: what is tried, what was promised, who waits."))
    return give_role(incident, by=by, role=Role.MANAGER, person=to, note=note)


def warnings(incident: Incident, now: datetime) -> list[str]:
    """What is worth a second thought about who does what; nothing here holds anybody up."""
    seats = {seat.kind: seat for seat in incident.major_roles.filter(until__isnull=True)}
    said = []
    manager, technical = seats.get(Role.MANAGER), seats.get(Role.TECHNICAL)
    both = manager and technical and manager.person_id and manager.person_id == technical.person_id
    if both and now - max(manager.since, technical.since) > TWO_HATS:  # type: ignore[union-attr]  # both are there
        said.append(_("One person decides and repairs. After a quarter of an hour two people do better."))
    if Role.COMMUNICATIONS not in seats:
        said.append(_("Nobody has the updates yet: whoever runs it writes them."))
    return said


def ask_for_successors(now: datetime | None = None) -> int:
    """After four hours it is time to hand over: said once. Returns how often."""
    now = now or moment.now()
    tired = MajorIncident.objects.filter(
        handover_due_at__lte=now, handover_asked_at__isnull=True, downgraded_at__isnull=True,
        incident__status__in=Incident.DOWN,
    )  # fmt: skip
    return sum(_ask(major, now) for major in tired.select_related("incident").order_by("pk")[:100])


@transaction.atomic
def _ask(major: MajorIncident, now: datetime) -> int:
    incident = locked(major.incident)
    if not MajorIncident.objects.filter(pk=major.pk, handover_asked_at__isnull=True).update(handover_asked_at=now):
        return 0
    record(incident, Kind.HANDOVER_DUE, by=None, at=now)
    return 1


def _check_major(incident: Incident, by: User) -> None:
    moves.check(incident, "note", by=by)
    if not incident.is_major:
        raise MoveRefused(_("This incident is not major."))


def _seat(
    incident: Incident, role: str, at: datetime, *, person: User | None = None, name: str = "", note: str = ""
) -> MajorRole:
    incident.major_roles.filter(kind=role, until__isnull=True).update(until=at, handover_note=clean(note)[:5000])
    return MajorRole.objects.create(
        incident=incident, customer_id=incident.customer_id, kind=role, person=person, name=name, since=at
    )
