"""A major incident: anybody at the desk declares it, nobody approves it, and it can be taken back at any time.

From then on one incident speaks for many: reports of the same trouble join it as its children, its updates are their
updates, and people take roles so that whoever talks to the customer does not repair at the same time.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Customer, User
from incidents import calls, clocks, moves, watching
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
MOST_REASON, MOST_NAME, MOST_NOTE, MOST_URL = 300, 120, 2000, 500  # characters
is_url = URLValidator(schemes=["http", "https"])


@transaction.atomic
def declare(incident: Incident, *, by: User, reason: str = "", call_url: str = "") -> MajorIncident:
    """It is major from now on; whoever declares it runs it until somebody else does. Declared twice it is one.

    People hear a first word within a quarter of an hour, and the customer's contact is called.
    """
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "declare", by=by)
    known = MajorIncident.objects.filter(incident=incident).first() if incident.is_major else None
    if known:
        return known
    if incident.parent_id:
        raise MoveRefused(_("This report belongs to %(parent)s. Please declare that one.") % {
            "parent": incident.parent.reference if incident.parent else "",
        })  # fmt: skip
    words, address = _sentence(reason), _call_address(call_url)
    _now_major(incident, by)
    facts = {
        "customer_id": incident.customer_id, "declared_by": by, "declared_at": now, "reason": words,
        "call_url": address, "downgraded_at": None, "downgraded_by": None, "lot_closed_at": None,
        "handover_due_at": now + HANDOVER_AFTER, "handover_asked_at": None, "watch_until": None,
    }  # fmt: skip
    major, _new = MajorIncident.objects.update_or_create(incident=incident, defaults=facts)
    _seat(incident, Role.MANAGER, now, person=by)
    if incident.restored_at and not incident.is_down:
        watching.begin(incident, incident.restored_at)
    record(incident, Kind.DECLARED, by=by, at=now, reason=words)
    clocks.promise_by(incident, now + FIRST_WORD, now)
    calls.to_contact(incident, now)
    return major


def _now_major(incident: Incident, by: User) -> None:
    incident.is_major, incident.owner = True, incident.owner or by
    if incident.status == Incident.Status.NEW:
        incident.status = Incident.Status.ASSIGNED
    incident.version += 1
    incident.save(update_fields=["is_major", "owner", "status", "version"])


@transaction.atomic
def downgrade(incident: Incident, *, by: User, reason: str) -> Incident:
    """It is not major any more; roles end, reports that joined stay joined, and what was promised stands."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "downgrade", by=by)
    words = _sentence(reason)
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
    """`role` is `person`'s from now on, or somebody's who has no log-in; whoever had it leaves `note` behind.

    One person may have several roles: `warnings` says where that is not wise.
    """
    now = moment.now()
    incident = locked(incident)
    _check_major(incident, by)
    if role not in Role.values:
        raise Refused(_("Please choose one of the roles."))
    name = _short(" ".join(clean(name).split()), MOST_NAME)
    _check_taker(incident, role, person, name)
    held = incident.major_roles.filter(kind=role, until__isnull=True).first()
    if held and held.person == person and held.name == ("" if person else name):
        return held
    taken = _seat(incident, role, now, person=person, name="" if person else name, note=_short(clean(note), MOST_NOTE))
    if role == Role.MANAGER:
        due = {"handover_due_at": now + HANDOVER_AFTER, "handover_asked_at": None}
        MajorIncident.objects.filter(incident=incident).update(**due)
    who = {"who": str(person or name), "person_id": person.pk if person else None}
    record(incident, Kind.ROLE, by=by, at=now, role=role, **who)
    return taken


@transaction.atomic
def hand_over(incident: Incident, *, by: User, to: User, note: str) -> MajorRole:
    """Whoever runs it goes home: a named successor, and some lines on how it stands."""
    if not clean(note):
        raise Refused(_("Please write in some lines how it stands: what is tried, what was promised, who waits."))
    return give_role(incident, by=by, role=Role.MANAGER, person=to, note=note)


@transaction.atomic
def set_call(incident: Incident, *, by: User, url: str) -> MajorIncident:
    """Where those who work on it talk to each other: any web address; empty takes it away."""
    now = moment.now()
    incident = locked(incident)
    _check_major(incident, by)
    major, address = MajorIncident.objects.get(incident=incident), _call_address(url)
    if major.call_url != address:
        major.call_url = address
        major.save(update_fields=["call_url"])
        record(incident, Kind.NOTED, by=by, at=now, call=address or "-")
    return major


@transaction.atomic
def close_lot(incident: Incident, *, by: User, is_closed: bool = True) -> MajorIncident:
    """Nothing more is parked, or something is again: only whoever runs the incident decides that."""
    now = moment.now()
    incident = locked(incident)
    _check_major(incident, by)
    manager = manager_of(incident)
    if manager is None or manager.person_id != by.pk:
        name = manager.called if manager else _("nobody yet")
        raise Refused(_("Only the incident manager closes this list: %(name)s.") % {"name": name})
    major = MajorIncident.objects.get(incident=incident)
    if bool(major.lot_closed_at) != is_closed:
        major.lot_closed_at = now if is_closed else None
        major.save(update_fields=["lot_closed_at"])
        record(incident, Kind.PARKED, by=by, at=now, lot="closed" if is_closed else "open")
    return major


def manager_of(incident: Incident) -> MajorRole | None:
    """Who runs it now."""
    seats = incident.major_roles.filter(kind=Role.MANAGER, until__isnull=True)
    return seats.select_related("person").first()


def warnings(incident: Incident, now: datetime) -> list[str]:
    """What is worth a second thought about who does what; nothing here holds anybody up."""
    return warnings_about({seat.kind: seat for seat in incident.major_roles.filter(until__isnull=True)}, now)


def warnings_about(seats: dict[str, MajorRole], now: datetime) -> list[str]:
    """The same for seats that are at hand: who has each role now."""
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
    still = MajorIncident.objects.filter(pk=major.pk, handover_asked_at__isnull=True, handover_due_at__lte=now)
    if not incident.is_major or not incident.is_down or not still.update(handover_asked_at=now):
        return 0
    record(incident, Kind.HANDOVER_DUE, by=None, at=now)
    return 1


def _check_taker(incident: Incident, role: str, person: User | None, name: str) -> None:
    """Somebody who can see it, or a name; whoever runs it sits at the desk."""
    if person is None and not name:
        raise Refused(_("Please say who takes it."))
    if role == Role.MANAGER and (person is None or not person.is_agent):
        raise Refused(_("Whoever runs it needs a log-in at the desk."))
    if person and not (person.is_active and Customer.objects.visible_to(person).filter(pk=incident.customer_id)):
        raise Refused(_("%(name)s does not serve this customer.") % {"name": person})


def _sentence(reason: str) -> str:
    return _short(clean(reason), MOST_REASON)


def _short(words: str, most: int) -> str:
    if len(words) > most:
        raise Refused(_("That is %(length)d characters; at most %(most)d can be kept.") % {
            "length": len(words), "most": most,
        })  # fmt: skip
    return words


def _call_address(url: str) -> str:
    url = clean(url)
    try:
        if url:
            is_url(url)
        return _short(url, MOST_URL)
    except ValidationError:
        sentence = _("Please give the address of the call as it stands in a browser: https://…")
        raise Refused(sentence) from None


def _check_major(incident: Incident, by: User) -> None:
    moves.check(incident, "note", by=by)
    if not incident.is_major:
        raise MoveRefused(_("This incident is not major."))


def _seat(
    incident: Incident, role: str, at: datetime, *, person: User | None = None, name: str = "", note: str = ""
) -> MajorRole:
    incident.major_roles.filter(kind=role, until__isnull=True).update(until=at, handover_note=note)
    return MajorRole.objects.create(
        incident=incident, customer_id=incident.customer_id, kind=role, person=person, name=name, since=at
    )
