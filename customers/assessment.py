"""The life of an assessment: begun, answered together, finished, accepted by both sides, in force.

Each verb: lock, check, change, record, in one transaction. The customer is locked before its assessment. The rules are
those of `docs/maturity.md`: one level at a time, dated, accepted by both, never while a major incident is open; going
down takes thirty days and waits until nothing is open. Once finished, answers never change.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers import maturity, policy, questionnaire
from customers.history import Kind, record
from customers.models import Customer, CustomerEvent, Level, MaturityAssessment, User
from customers.outlook import last_due, months
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

State = MaturityAssessment.State
NOTICE = timedelta(days=30)  # before anything is taken back
FURTHEST = timedelta(days=366)
MOST_WORDS = 5000
EVIDENCE = ("told", "shown")


class Collides(Refused):
    """Somebody else answered the same question meanwhile; `theirs` is what stands there. Nothing was changed."""

    status = 409

    def __init__(self, sentence: str, theirs: Any) -> None:
        super().__init__(sentence)
        self.theirs = theirs


@dataclass(frozen=True)
class Given:
    """An answer as somebody gave it: `level` 1 to 5, None where not applicable; `seen`: the version they saw."""

    level: int | None
    evidence: str
    seen: int = 0


@transaction.atomic
def begin(customer: Customer, *, by: User) -> MaturityAssessment:
    """The draft of this customer: a new one, or the one that is being answered already."""
    now = moment.now()
    customer = _locked_customer(customer.pk)
    if under_way := customer.assessments.under_way().first():
        if under_way.state == State.DRAFT:
            return under_way
        raise Refused(_("A proposal is under way. It comes into force, or is dropped, before a new assessment begins."))
    # Stakes, needs and outside clocks change slowly: one goes on from what was said the last time.
    last = customer.assessments.filter(finished_at__isnull=False).order_by("-started_at").first()
    said = {topic: getattr(last, topic) for topic in questionnaire.TOPICS} if last else {}
    return MaturityAssessment.objects.create(customer=customer, started_at=now, started_by=by, **said)


@transaction.atomic
def answer(assessment: MaturityAssessment, *, by: User, number: int, given: Given) -> MaturityAssessment:
    """Keeps the answer to one question (1 to 15). Other questions never collide; the same one raises `Collides`."""
    found = _locked(assessment.pk)
    _only_draft(found)
    if given.level not in (None, *range(1, maturity.HIGHEST + 1)) or given.evidence not in EVIDENCE:
        raise Refused(_("Please choose one of the answers."))
    kept = found.answers[number - 1]
    evidence = "told" if given.level is None else given.evidence
    if kept and (kept["level"], kept["evidence"]) == (given.level, evidence):
        return found
    version = kept["version"] if kept else 0
    if version != given.seen:
        sentence = _("Meanwhile %(name)s answered this question differently.") % {"name": kept["by"] if kept else "?"}
        raise Collides(sentence, kept)
    found.answers[number - 1] = {
        "level": given.level, "evidence": evidence, "by": by.name, "version": version + 1,
    }  # fmt: skip
    found.save(update_fields=["answers"])
    return found


@transaction.atomic
def answer_context(assessment: MaturityAssessment, *, by: User, topic: str, text: str, seen: str) -> MaturityAssessment:
    """Keeps what was said to one context question; `seen` is the text that stood there when the writing began."""
    found = _locked(assessment.pk)
    _only_draft(found)
    text, kept = clean(text), getattr(found, topic)
    if len(text) > MOST_WORDS:
        raise Refused(_("Please keep it below %(most)d letters.") % {"most": MOST_WORDS})
    if text == kept:
        return found
    if clean(seen) != kept:
        raise Collides(_("Meanwhile somebody else wrote here."), kept)
    setattr(found, topic, text)
    found.context_version += 1
    found.save(update_fields=[topic, "context_version"])
    return found


@transaction.atomic
def finish(assessment: MaturityAssessment, *, by: User) -> MaturityAssessment:
    """Scores the answers and proposes a level, one step at a time; from here on the answers stay as they are."""
    now = moment.now()
    customer, found = _both(assessment)
    _only_draft(found)
    scored = maturity.score(counted(found.answers))
    if scored.overall is None:
        raise Refused(
            _("There is too little to go by yet: at least two questions in four of the five areas need an answer.")
        )
    found.state, found.finished_at = State.PROPOSED, now
    found.dimensions, found.overall = list(scored.dimensions), scored.overall
    found.is_complete, found.level_before = scored.complete, customer.level
    found.level_proposed = one_step(customer.works_at, scored.overall)
    found.save()
    record(customer, Kind.LEVEL_PROPOSED, by=by, at=now, level=found.level_proposed, overall=scored.overall)
    return found


@transaction.atomic
def accept_here(assessment: MaturityAssessment, *, by: User, effective_on: date | None = None) -> MaturityAssessment:
    """We accept what is proposed, from that day on; without one it is the next Monday (or the first after 30 days)."""
    now = moment.now()
    customer, found = _both(assessment)
    if not by.is_lead:
        raise Refused(_("Accepting a support model is for team leads and service delivery managers."))
    if found.state == State.AGREED:
        return found
    _only_open_proposal(customer, found)
    today = today_at(customer, now)
    found.effective_on = _chosen(found, today, effective_on) if effective_on else usual_day(found, today)
    found.accepted_here_at, found.accepted_here_by = now, by
    return _accepted(customer, found, by, now, side="here")


@transaction.atomic
def accept_there(assessment: MaturityAssessment, *, by: User) -> MaturityAssessment:
    """The customer's contact accepts what is proposed."""
    now = moment.now()
    customer, found = _both(assessment)
    if by.role != User.Role.CONTACT or by.customer_id != customer.pk:
        raise Refused(_("Accepting for the customer is for its contact."))
    if found.accepted_there_at and found.state in (State.PROPOSED, State.AGREED):
        return found
    _only_open_proposal(customer, found)
    found.accepted_there_at, found.accepted_there_by = now, by
    return _accepted(customer, found, by, now, side="there")


@transaction.atomic
def say_not_yet(assessment: MaturityAssessment, *, by: User, word: str) -> MaturityAssessment:
    """The customer's contact does not accept for now, and says why; the proposal stays open."""
    now = moment.now()
    customer, found = _both(assessment)
    word = clean(word)
    if by.role != User.Role.CONTACT or by.customer_id != customer.pk:
        raise Refused(_("Answering for the customer is for its contact."))
    if found.state != State.PROPOSED or found.accepted_there_at:
        raise Refused(_("There is no proposal that waits for your answer."))
    if not word:
        raise Refused(_("Please write a word on what should come first."))
    record(customer, Kind.LEVEL_NOT_YET, by=by, at=now, word=word, assessment=found.pk)
    return found


@transaction.atomic
def drop(assessment: MaturityAssessment, *, by: User, reason: str) -> MaturityAssessment:
    """Ends what is under way; it is kept with its reason, and the level stays as it is."""
    now = moment.now()
    customer, found = _both(assessment)
    reason, was = clean(reason), found.state
    if found.state not in MaturityAssessment.UNDER_WAY:
        raise Refused(_("This assessment is over; there is nothing to drop."))
    if not reason:
        raise Refused(_("Please write why it is dropped."))
    found.state, found.dropped_at, found.dropped_by, found.drop_reason = State.DROPPED, now, by, reason
    found.save()
    record(customer, Kind.LEVEL_DROPPED, by=by, at=now, reason=reason, was=was)
    return found


def come_into_force() -> int:
    """Brings into force what both sides accepted and whose day has come; what is hindered waits. Returns how many."""
    now = moment.now()
    soon = now.date() + timedelta(days=1)  # the day begins earlier east of here
    due = MaturityAssessment.objects.filter(state=State.AGREED, effective_on__lte=soon).order_by("effective_on", "pk")
    return sum(_brought_into_force(pk, now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _brought_into_force(pk: int, now: datetime) -> bool:
    customer, found = _both(MaturityAssessment(pk=pk))
    return found.state == State.AGREED and _enter(customer, found, now)


def _enter(customer: Customer, found: MaturityAssessment, now: datetime) -> bool:
    """Applies the level when its day has come and nothing stands against it; the caller holds both locks."""
    assert found.effective_on is not None
    assert found.level_proposed is not None
    if found.effective_on > today_at(customer, now) or hindrance(customer, found):
        return False
    before, customer.level = customer.level, found.level_proposed
    customer.save(update_fields=["level"])
    found.state, found.in_force_at = State.IN_FORCE, now
    found.save(update_fields=["state", "in_force_at"])
    record(customer, Kind.LEVEL_CHANGED, by=None, at=now, before=before, level=found.level_proposed)
    return True


def hindrance(customer: Customer, found: MaturityAssessment) -> str:
    """Why it cannot come into force now, as a sentence; empty when nothing stands against it."""
    if said := major_open(customer):
        return said
    if customer.level != found.level_before:
        return _("The level was changed in another way since. Please drop this proposal and assess again.")
    if is_lower(found) and (number := customer.incidents.open().count()):
        return ngettext(
            "%(number)d incident is open: a level goes down only when none is.",
            "%(number)d incidents are open: a level goes down only when none is.",
            number,
        ) % {"number": number}
    return ""


def major_open(customer: Customer) -> str:
    """The sentence that refuses any change of level while a major incident is open; empty when none is."""
    major = customer.incidents.open().filter(is_major=True).order_by("pk").first()
    if major is None:
        return ""
    return _("A major incident is open (%(reference)s). No support model changes until it is solved.") % {
        "reference": major.reference
    }


def offer_again() -> int:
    """Reminds of assessments that are due: each due date once, nobody while one is under way. Returns how many."""
    now = moment.now()
    levels = policy.level_knobs()
    return sum(
        _offered(customer.pk, due)
        for customer in _without_one_under_way()
        if (due := last_due(customer, customer.last_in_force, months(customer, levels), now))
        and (customer.last_offered is None or customer.last_offered < due)
    )


def _without_one_under_way() -> Any:
    """With the instants of their last assessment in force and their last reminder: one question for all."""
    assessments = MaturityAssessment.objects.filter(customer=OuterRef("pk"), in_force_at__isnull=False)
    reminders = CustomerEvent.objects.filter(customer=OuterRef("pk"), kind=Kind.ASSESSMENT_DUE)
    rows = Customer.objects.exclude(assessments__state__in=MaturityAssessment.UNDER_WAY).select_related("contract")
    return rows.order_by("pk").annotate(
        last_in_force=Subquery(assessments.order_by("-in_force_at").values("in_force_at")[:1]),
        last_offered=Subquery(reminders.order_by("-occurred_at").values("occurred_at")[:1]),
    )


@transaction.atomic
def _offered(pk: int, due: datetime) -> bool:
    customer = _locked_customer(pk)
    again = CustomerEvent.objects.filter(customer=customer, kind=Kind.ASSESSMENT_DUE, occurred_at__gte=due)
    if again.exists() or customer.assessments.under_way().exists():
        return False
    record(customer, Kind.ASSESSMENT_DUE, by=None, at=moment.now(), due=due.date().isoformat())
    return True


def usual_day(found: MaturityAssessment, agreed_on: date) -> date:
    """The day proposed for it: the next Monday; going down, the first Monday after the notice."""
    if is_lower(found):
        earliest = agreed_on + NOTICE
        return earliest + timedelta(days=-earliest.weekday() % 7)
    return agreed_on + timedelta(days=7 - agreed_on.weekday())


def earliest_day(found: MaturityAssessment, agreed_on: date) -> date:
    return agreed_on + NOTICE if is_lower(found) else agreed_on


def day_if_agreed(found: MaturityAssessment, agreed_on: date) -> date:
    """From when it would be in force if both agreed on that day: as chosen, later where that is too soon by then."""
    chosen = found.effective_on
    return chosen if chosen and chosen >= earliest_day(found, agreed_on) else usual_day(found, agreed_on)


def is_lower(found: MaturityAssessment) -> bool:
    return (found.level_proposed or 0) < (found.level_before or 0)


def one_step(level: int, wanted: int) -> Level:
    """Towards `wanted`, at most one level away."""
    return Level(max(level - 1, min(level + 1, wanted)))


def counted(answers: list[dict[str, Any] | None]) -> list[maturity.Answer]:
    """The answers as the scoring takes them."""
    return [(each["level"], each["evidence"]) if each and each["level"] else None for each in answers]


def today_at(customer: Customer, now: datetime) -> date:
    return now.astimezone(ZoneInfo(customer.time_zone)).date()


def _accepted(
    customer: Customer, found: MaturityAssessment, by: User, now: datetime, *, side: str
) -> MaturityAssessment:
    """Records this side's word; with the second one the day is fixed, and it begins at once where it is today."""
    agreed = bool(found.accepted_here_at and found.accepted_there_at)
    if agreed:
        found.state, found.effective_on = State.AGREED, day_if_agreed(found, today_at(customer, now))
    found.save()
    day = found.effective_on.isoformat() if found.effective_on else ""
    record(customer, Kind.LEVEL_ACCEPTED, by=by, at=now, side=side, level=found.level_proposed, effective_on=day)
    if agreed:
        _enter(customer, found, now)
    return found


def _chosen(found: MaturityAssessment, today: date, day: date) -> date:
    if day < today:
        raise Refused(_("This day has passed; please choose today or a later one."))
    if day < (earliest := earliest_day(found, today)):
        raise Refused(
            _("Going down gives the customer 30 days: please choose %(day)s or later.")
            % {"day": date_format(earliest, "j F Y")}
        )
    if day > today + FURTHEST:
        raise Refused(_("Please choose a day within a year."))
    return day


def _only_open_proposal(customer: Customer, found: MaturityAssessment) -> None:
    if found.state != State.PROPOSED:
        raise Refused(_("There is no proposal that waits for an answer."))
    if said := major_open(customer):
        raise Refused(said)


def _only_draft(found: MaturityAssessment) -> None:
    if found.state != State.DRAFT:
        raise Refused(_("This assessment is finished: its answers stay as they are. A new one can be begun later."))


def _both(assessment: MaturityAssessment) -> tuple[Customer, MaturityAssessment]:
    """The customer and the assessment, locked in this order, as they are now."""
    owner = MaturityAssessment.objects.values_list("customer", flat=True).get(pk=assessment.pk)
    customer = _locked_customer(owner)
    found = _locked(assessment.pk)
    found.customer = customer
    return customer, found


def _locked_customer(pk: int) -> Customer:
    return Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _locked(pk: int) -> MaturityAssessment:
    return MaturityAssessment.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
