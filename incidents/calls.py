"""Calls that people at a customer are owed: planned by what happens, recorded with one click.

Which priorities are called is said by the policy: `call_contact` when something is reported, `confirm_call` when it
works again. A call is due like an answer to the customer's own words.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.models import ContactRole, User
from incidents import clocks, moves
from incidents.journal import Kind, record
from incidents.models import CallTask, Clock, Incident
from incidents.models.call import TRIES
from incidents.moves import MoveRefused, locked
from incidents.sla import hours
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

Why, Outcome = CallTask.Why, CallTask.Outcome
TRIED = (Outcome.REACHED, Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.OTHER_WAY)  # what a person can say
NEXT_TRY = timedelta(minutes=15)
LATE, VERY_LATE = 1, 2  # told: whoever has it; five minutes later the lead, as of a promise
LATE_FOR = timedelta(minutes=5)
SWEEP_BATCH = 100
# Who was not satisfied is called all the same.
OVER_WHEN_CLOSED = tuple(why for why in Why.values if why != Why.UNHAPPY)
MOST_URGENT = 1  # the priority; a major incident is called about like one
NAME, NUMBER = 120, 80  # characters


def to_confirm(incident: Incident, at: datetime) -> None:
    """It works again: whoever reported it is asked whether that is so. The call about the trouble is not needed."""
    drop(incident, at, Why.URGENT, Why.UNREACHED)
    if incident.priority in clocks.terms_of(incident).knob("confirm_call"):
        _plan(incident, Why.CONFIRM, at, person=incident.reporter)


def to_contact(incident: Incident, at: datetime, *, talking_to: User | None = None) -> None:
    """Something urgent: the named contact is called, unless it is they whom the desk is talking to."""
    urgent_as = MOST_URGENT if incident.is_major else incident.priority
    if urgent_as not in clocks.terms_of(incident).knob("call_contact") or not incident.is_down:
        return
    role = _named_contact(incident)
    person = role.person if role else _contact(incident)
    if person is not None and person == talking_to:
        return
    if role:
        number = role.out_of_band or role.phone or (person.phone if person else "")
        _plan(incident, Why.URGENT, at, person=person, name=role.name, number=number)
    elif person:
        _plan(incident, Why.URGENT, at, person=person)


def wanted(incident: Incident, at: datetime, *, number: str) -> None:
    """Whoever reported it asked to be called: their latest wish, due like the answer they are owed."""
    drop(incident, at, Why.CALL_BACK)
    _plan(incident, Why.CALL_BACK, at, person=incident.reporter, number=number)


@transaction.atomic
def cannot_reach(incident: Incident, *, people: list[User], at: datetime) -> bool:
    """No way of writing reaches these people: one of them is called, once an incident, and spreads the word.

    The named contact, if it is one of them; else whoever reported it; else the named contact all the same. Returns
    whether a call was planned.
    """
    incident = locked(incident)
    if not incident.is_down or incident.calls.filter(why=Why.UNREACHED).exists():
        return False
    role, unreached = _named_contact(incident), {person.pk for person in people}
    contact = role.person if role else _contact(incident)
    if incident.reporter_id in unreached and not (contact and contact.pk in unreached):
        role, contact = None, incident.reporter
    if role is None and contact is None:
        return False
    number = role.out_of_band or role.number if role else ""
    _plan(incident, Why.UNREACHED, at, person=contact, name=role.name if role else "", number=number)
    record(incident, Kind.CANNOT_REACH, by=None, at=at, people=len(unreached))
    return True


def to_hear_out(incident: Incident, at: datetime, *, person: User) -> CallTask:
    """They were not satisfied: within a business day somebody asks what went wrong. One such call for an incident."""
    terms = clocks.terms_of(incident)
    working_day = terms.calendars[terms.business]
    due_at = hours.due(working_day, at, working_day.day_seconds)
    return _plan(incident, Why.UNHAPPY, at, person=person, due_at=due_at)


def unreached(
    incident: Incident, *, at: datetime, since: datetime, person: User | None, name: str = "", number: str = ""
) -> bool:
    """No way of writing to this person worked: somebody calls them, once for what happened `since` then.

    Returns whether a call was planned.
    """
    incident = locked(incident)
    whom = {"person": person} if person else {"person": None, "name": clean(name)[:NAME]}
    planned = incident.calls.filter(**whom, why=Why.UNREACHED)
    if incident.status == Incident.Status.CANCELLED or planned.filter(Q(done_at=None) | Q(created_at__gte=since)):
        return False
    call = CallTask.objects.create(
        incident=incident, customer_id=incident.customer_id, **whom, why=Why.UNREACHED, due_at=_due(incident, at),
        number=clean(number)[:NUMBER] or (person.phone if person else ""), owner=incident.owner, created_at=at,
    )  # fmt: skip
    record(incident, Kind.CANNOT_REACH, by=None, at=at, whom=call.called, call_due_at=call.due_at)
    return True


def drop(incident: Incident, at: datetime, *why: str) -> None:
    """These calls, or all that are open, are not needed any more."""
    over = incident.calls.to_make().filter(why__in=why or Why.values)
    over.update(outcome=Outcome.NOT_NEEDED, done_at=at, done_by=None)


@transaction.atomic
def promise_call(
    incident: Incident, *, by: User, due_at: datetime, name: str = "", number: str = "", person: User | None = None
) -> Incident:
    """Somebody is promised a call at a time; by default whoever reported it. A second promise moves the first."""
    now = moment.now()
    incident = locked(incident)
    moves.check(incident, "promise_call", by=by)
    name, number = clean(name)[:NAME], clean(number)[:NUMBER]
    if due_at <= now:
        raise Refused(_("A call cannot be promised for a time that has passed."))
    if person is None and not name:
        person = incident.reporter
    if person is not None and person.customer_id != incident.customer_id:
        raise Refused(_("This person belongs to another customer."))
    drop(incident, now, Why.CALL_BACK)
    _plan(incident, Why.CALL_BACK, now, person=person, name=name, number=number, due_at=due_at, by=by)
    return incident


@transaction.atomic
def record_call(call: CallTask, *, by: User, outcome: str, expected_tries: int | None = None) -> CallTask:
    """What came of a try. To have reached whoever reported it is a first answer where nobody gave one yet (rule 6).

    Not reached, the call comes up again; `expected_tries` keeps a double click from counting as two.
    """
    now = moment.now()
    if outcome not in TRIED:
        raise Refused(_("Please say what came of the call."))
    incident = locked(call.incident)
    moves.check(incident, "call", by=by)
    call = incident.calls.select_for_update(no_key=True).get(pk=call.pk)
    if call.done_at or (expected_tries is not None and expected_tries != call.tries):
        raise MoveRefused(_("Somebody has recorded this call meanwhile."))
    call.outcome, call.owner = outcome, call.owner or by
    call.tries += outcome != Outcome.OTHER_WAY
    if outcome in CallTask.ENDING:
        call.done_at, call.done_by = now, by
    else:
        call.due_at, call.late_told = max(call.due_at, now + NEXT_TRY), 0
    call.save(update_fields=["outcome", "owner", "tries", "done_at", "done_by", "due_at", "late_told"])
    next_word = _first_answer(incident, call, now)
    record(
        incident, Kind.CALLED, by=by, at=now,
        whom=call.called, why=call.why, outcome=outcome, tries=call.tries, next_update_at=next_word,
        call_id=call.pk, person_id=call.person_id, writes=call.is_written_to and call.tries == TRIES,
    )  # fmt: skip
    return call


def sweep_late(now: datetime | None = None) -> int:
    """Tells whoever has a late call, and five minutes later the lead: each once. Returns how many it told of."""
    now = now or moment.now()
    return sum(_tell_of(*found, now) for found in _late(now))


def _late(now: datetime) -> list[tuple[int, int]]:
    """(incident, call), the one that waited longest first."""
    told = Q(late_told__lt=LATE) | Q(late_told__lt=VERY_LATE, due_at__lte=now - LATE_FOR)
    late = CallTask.objects.late(now).filter(told).order_by("due_at", "pk")
    return list(late.values_list("incident", "pk")[:SWEEP_BATCH])


@transaction.atomic
def _tell_of(incident_pk: int, call_pk: int, now: datetime) -> bool:
    incident = locked(Incident(pk=incident_pk))
    call = CallTask.objects.late(now).select_for_update(no_key=True).filter(pk=call_pk).first()
    rung = VERY_LATE if call and call.due_at <= now - LATE_FOR else LATE
    if call is None or call.late_told >= rung:  # made meanwhile, or another sweep was faster
        return False
    tell = [
        name for number, name in ((LATE, "call_owner"), (VERY_LATE, "call_lead")) if call.late_told < number <= rung
    ]
    call.late_told = rung
    call.save(update_fields=["late_told"])
    record(
        incident, Kind.ESCALATED, by=None, at=now,
        call_id=call.pk, whom=call.called, why=call.why, due_at=call.due_at, tell=tell,
    )  # fmt: skip
    return True


def _first_answer(incident: Incident, call: CallTask, now: datetime) -> datetime | None:
    """A call that reached the reporter is a human word; whoever else was told, the reporter still waits for one."""
    waits = incident.clocks.active().filter(kind__in=[Clock.Kind.RESPONSE, Clock.Kind.REPLY])
    if call.outcome != Outcome.REACHED or call.person_id != incident.reporter_id or not waits.exists():
        return None
    return clocks.promise(incident, now)


def _named_contact(incident: Incident) -> ContactRole | None:
    named = incident.customer.contact_roles.filter(kind=ContactRole.Kind.NAMED_CONTACT).select_related("person")
    mine = [role for role in named.order_by("pk") if role.service_id in (None, incident.service_id)]
    living = [role for role in mine if role.person is None or role.person.is_active]
    # Who speaks for this very service comes before who speaks for all.
    return next(iter(sorted(living, key=lambda role: role.service_id is None)), None)


def _contact(incident: Incident) -> User | None:
    contacts = incident.customer.people.filter(role=User.Role.CONTACT, is_active=True)
    return contacts.order_by("pk").first()


def _plan(
    incident: Incident,
    why: str,
    at: datetime,
    *,
    person: User | None,
    name: str = "",
    number: str = "",
    due_at: datetime | None = None,
    by: User | None = None,
) -> CallTask:
    """One open call for each reason: planned twice it is still one."""
    call, is_new = CallTask.objects.get_or_create(
        incident=incident,
        why=why,
        done_at=None,
        defaults={
            "customer_id": incident.customer_id,
            "person": person,
            "name": "" if person else name,
            "number": number or (person.phone if person else ""),
            "due_at": due_at or _due(incident, at),
            "owner": incident.owner,
            "created_at": at,
        },
    )
    if is_new and (by or why == Why.UNHAPPY):  # the others follow from what stands in the history already
        record(incident, Kind.CALL_PLANNED, by=by, at=at, whom=call.called, why=why, call_due_at=call.due_at)
    return call


def _due(incident: Incident, at: datetime) -> datetime:
    """As soon as an answer to the customer's own words would be due."""
    terms = clocks.terms_of(incident)
    target = terms.target("reply", incident.priority) or terms.days("close_fields_bd")
    return hours.due(terms.calendars[target.hours], at, target.seconds)
