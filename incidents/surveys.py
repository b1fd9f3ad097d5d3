"""How it went, asked of those who had the trouble: seldom, shortly after it is solved, and open for a week.

Who is asked, and who never is: docs/surveys.md. An answer may be changed while the question is open; a bad one plans
a call to whoever gave it.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Mod
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import Level, User
from incidents import calls, clocks
from incidents.journal import Kind, record
from incidents.models import CallTask, Follow, Incident, Survey
from incidents.moves import MoveRefused, locked
from itsm import moment
from itsm.refusal import Refused
from itsm.text import clean

By = Survey.By
AFTER, AFTER_A_CALL = timedelta(hours=2), timedelta(minutes=30)  # since it was solved
UNTIL = timedelta(days=1)  # what was solved before that is not asked about any more, for instance after an outage
OPEN_FOR, REST = timedelta(days=7), timedelta(days=14)
ONE_IN = 10  # of those who reported or felt the same trouble as somebody else
AT_ONCE = 500
UNHAPPY = 2  # up to this answer somebody calls
SATISFIED, EASY = 4, 5  # from this answer on
COMMENT, LOST_AT_MOST = 2000, 60 * 24 * 30  # characters, minutes
KEPT: Final[Any] = object()  # said nothing about it: what was said before stays
# A number alone on its line; "2 printers are still broken" is no answer.
NUMBER = re.compile(r"\s*([1-5])(?:\s*/\s*5)?\s*[.!]?\s*", re.ASCII)
THUMBS = {"👍": 5, "👎": 1}
# The answers as people write them, and nothing else on the line: "ok" or "thanks" may mean anything.
WORDS = {
    word: number
    for number, words in (
        (5, "very good, very satisfied, very well, sehr gut, sehr zufrieden, très bien, très satisfait, "
            "très satisfaite"),
        (4, "good, well, satisfied, gut, zufrieden, bien, bon, satisfait, satisfaite"),
        (3, "neither, weder noch, ni l'un ni l'autre"),
        (2, "not well, not good, bad, not satisfied, nicht gut, schlecht, nicht zufrieden, unzufrieden, pas bien, mal, "
            "mauvais, pas satisfait, pas satisfaite"),
        (1, "very bad, not satisfied at all, sehr schlecht, gar nicht zufrieden, très mal, pas du tout satisfait"),
    )
    for word in words.split(", ")
}  # fmt: skip


class SurveyClosed(MoveRefused):
    """The question was open for a week."""

    def __init__(self) -> None:
        super().__init__(_("This question is closed. Thank you all the same; you can still write to us or call."))


def ask_due(now: datetime | None = None) -> int:
    """Asks those whose turn it is, each once. Returns how many. Any number of workers may run it."""
    now = now or moment.now()
    return sum(_ask(incident, person, now) for incident, person in _candidates(now))


def address(survey: Survey, answer: int | None = None) -> str:
    """Where it is answered, without a log-in; `answer` is chosen there already, and not yet sent."""
    chosen = f"?answer={answer}" if answer else ""
    return settings.BASE_URL + reverse("incidents:survey", args=[survey.token]) + chosen


def is_short(survey: Survey) -> bool:
    """Guided customers are asked for a thumb up or down and a reason, and nothing else."""
    return clocks.terms_of(survey.incident).level == Level.GUIDED


def open_for(person: User, now: datetime) -> QuerySet[Survey]:
    """What this person is asked now, answered or not, the latest first."""
    mine = Survey.objects.filter(person=person, customer=person.customer_id, asked_at__lte=now, closes_at__gt=now)
    return mine.select_related("incident__policy", "incident__customer").order_by("-asked_at", "-pk")


@transaction.atomic
def answer(
    survey: Survey,
    *,
    by: User,
    satisfaction: int | None,
    by_way: str,
    ease: int | None = KEPT,
    lost_min: int | None = KEPT,
    comment: str = KEPT,
) -> Survey:
    """What they say, the first time or again; a bad answer plans a call, a better one takes it back."""
    now = moment.now()
    incident = locked(survey.incident)
    survey = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    if by.pk != survey.person_id:
        raise Refused(_("Only who was asked can answer."))
    if now >= survey.closes_at:
        raise SurveyClosed
    before = survey.satisfaction
    said = {"ease": ease, "lost_min": lost_min, "comment": comment}
    _take_down(survey, satisfaction, {name: value for name, value in said.items() if value is not KEPT})
    survey.answered_at, survey.answered_by = survey.answered_at or now, by_way
    _call_or_not(survey, incident, now)
    survey.save()
    if survey.satisfaction != before:
        record(
            incident, Kind.RATED, by=by, at=now, satisfaction=survey.satisfaction, before=before, survey_id=survey.pk
        )
    return survey


def answer_by_sms(person: User, text: str) -> bool:
    """A number alone, 1 to 5, answers what this person was asked last; more lines are a comment. False: no answer."""
    return _answer_in_writing(open_for(person, moment.now()).first(), person, text, By.SMS)


def answer_by_mail(incident: Incident, person: User, text: str) -> bool:
    """The same by mail about this incident, or one that was merged into it; "good" or "gut" will do as well.

    `text` comes without what is quoted below it.
    """
    if incident.status not in (Incident.Status.RESOLVED, Incident.Status.CLOSED):
        return False  # opened again: a number may answer something else by now
    about = Q(incident=incident) | Q(incident__merged_into=incident)
    asked = open_for(person, moment.now()).filter(about).first()
    return _answer_in_writing(asked, person, _in_numbers(text), By.EMAIL)


def _in_numbers(text: str) -> str:
    """The first line as a number, where it is one of the words for it."""
    first, newline, rest = text.strip().partition("\n")
    number = WORDS.get(" ".join(first.casefold().replace("’", "'").strip(" \t.!").split()))
    return f"{number}{newline}{rest}" if number else text


def _answer_in_writing(survey: Survey | None, person: User, text: str, by_way: str) -> bool:
    first, _newline, rest = text.strip().partition("\n")
    number = NUMBER.fullmatch(first)
    said = int(number[1]) if number else THUMBS.get(first.strip()[:1])
    if survey is None or said is None:
        return False
    comment = clean(rest)[:COMMENT]
    try:
        answer(survey, by=person, satisfaction=said, by_way=by_way, comment=comment or KEPT)
    except SurveyClosed:
        return False
    return True


def _take_down(survey: Survey, satisfaction: int | None, more: dict[str, Any]) -> None:
    if satisfaction not in range(1, 6):
        raise Refused(_("Please choose one of the answers."))
    if (ease := more.get("ease")) is not None and ease not in range(1, 8):
        raise Refused(_("Please choose one of the answers."))
    if (lost := more.get("lost_min")) is not None and not 0 <= lost <= LOST_AT_MOST:
        raise Refused(_("Please give the lost time as 0 minutes to 30 days."))
    if "comment" in more:
        more["comment"] = clean(more["comment"])
        if len(more["comment"]) > COMMENT:
            raise Refused(_("Please keep it to %(count)d characters.") % {"count": COMMENT})
    for name, value in ({"satisfaction": satisfaction} | more).items():
        setattr(survey, name, value)


def _call_or_not(survey: Survey, incident: Incident, now: datetime) -> None:
    assert survey.satisfaction is not None  # it was just said
    if survey.satisfaction <= UNHAPPY:
        if survey.call is None or survey.call.outcome == CallTask.Outcome.NOT_NEEDED:
            survey.call = calls.to_hear_out(incident, now, person=survey.person)
    elif survey.call and survey.call.done_at is None and survey.call.person_id == survey.person_id:
        calls.drop(incident, now, CallTask.Why.UNHAPPY)


def _candidates(now: datetime) -> Iterator[tuple[int, int]]:
    """(incident, person): the reporter, and of those with the same trouble one in ten."""
    solved = _solved(now)
    merged = _one_in_ten(Incident.objects.filter(status=Incident.Status.CANCELLED, merged_into__in=solved))
    joined = Follow.objects.filter(why=Follow.Why.ME_TOO, ended_at=None, incident__in=solved)
    followed = _one_in_ten(solved.filter(parent__isnull=False, is_dissent=False))
    alone = solved.filter(Q(parent__isnull=True) | Q(is_dissent=True))
    yield from _to_ask(alone, "pk", "reporter", now)
    yield from _to_ask(followed, "pk", "reporter", now)
    yield from _to_ask(merged, "pk", "reporter", now)
    yield from _to_ask(_one_in_ten(joined.exclude(person=F("incident__reporter"))), "incident", "person", now)


def _solved(now: datetime) -> QuerySet[Incident]:
    """Solved some time ago, and still; while something big is down at the customer, nobody is asked there."""
    by_phone = Q(origin=Incident.Origin.PHONE, resolved_at__lte=now - AFTER_A_CALL)
    ripe = Q(resolved_at__lte=now - AFTER) | by_phone
    big = Incident.objects.open().filter(is_major=True, customer=OuterRef("customer"))
    solved = Incident.objects.filter(ripe, status=Incident.Status.RESOLVED, resolved_at__gt=now - UNTIL)
    return solved.filter(~Exists(big), merged_into=None)


def _one_in_ten(rows: QuerySet[Any]) -> QuerySet[Any]:
    """By their number: the same ones whenever one looks."""
    return rows.annotate(remainder=Mod(F("pk"), ONE_IN)).filter(remainder=0)


def _to_ask(rows: QuerySet[Any], incident: str, person: str, now: datetime) -> list[tuple[int, int]]:
    asked = Survey.objects.filter(person=OuterRef(person))
    wanted = rows.filter(
        ~Exists(asked.filter(asked_at__gt=now - REST)),
        ~Exists(asked.filter(incident=OuterRef(incident))),
        **{
            f"{person}__is_active": True,
            f"{person}__erased_at": None,
            f"{person}__role__in": User.CUSTOMER_SIDE,
            f"{person}__customer": F("customer"),
        },
    )
    return list(wanted.order_by("pk").values_list(incident, person)[:AT_ONCE])


@transaction.atomic
def _ask(incident_pk: int, person_pk: int, now: datetime) -> bool:
    """Asked under the person's lock: they may have been asked about something else a moment ago."""
    person = User.objects.select_for_update(no_key=True).get(pk=person_pk)
    incident = locked(Incident(pk=incident_pk))
    lately = Survey.objects.filter(Q(asked_at__gt=now - REST) | Q(incident=incident), person=person)
    if not person.is_active or not _is_solved(incident) or lately.exists():
        return False
    survey = Survey.objects.create(
        incident=incident, customer_id=incident.customer_id, person=person, asked_at=now, closes_at=now + OPEN_FOR
    )
    by_way = By.SMS if incident.origin == Incident.Origin.PHONE and person.phone else By.EMAIL
    record(incident, Kind.SURVEY_ASKED, by=None, at=now, person_id=person.pk, survey_id=survey.pk, way=by_way)
    return True


def _is_solved(incident: Incident) -> bool:
    return (incident.merged_into or incident).status == Incident.Status.RESOLVED
