"""Which incidents look alike: words and marks narrow it down in the database, the weights decide here.

`IncidentWords` holds the words of each incident with marks beside them (whose, of which week, which part, which error
code). One search asks for the customer's marks of the last weeks and any of the words: its cost grows with what one
customer reports in a month, not with the table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from customers.models import User
from incidents.journal import Kind, record
from incidents.models import CauseCategory, Incident, IncidentWords, Message, Pairing
from incidents.models.incident import IncidentQuerySet
from itsm import likeness, moment
from itsm.lexemes import Rank
from itsm.refusal import Refused

WITHIN = timedelta(days=30)
SAME_PART, SAME_SERVICE, SAME_CATEGORY, SAME_WORDS = 3, 2, 1, 2
SHOWN = 3
LOOKED_AT = 40  # candidates whose trigrams are compared
RECENT = 2_000  # of one customer, the youngest that share a word
WORDS_ASKED = 12
BATCH = 500
_LENGTH = 400
_WEEK = 7 * 86_400


def counted(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """Each trouble once: what was withdrawn, has joined another incident or goes on as one is not counted beside it."""
    return incidents.filter(merged_into__isnull=True, parent__isnull=True).exclude(status=Incident.Status.CANCELLED)


@dataclass(frozen=True)
class Likeness:
    """Another incident that looks the same, and by what."""

    incident: Incident
    score: int
    similarity: float  # of the words, 0 to 1
    same_part: bool = False
    same_service: bool = False
    same_category: bool = False
    same_words: bool = False

    @property
    def is_like(self) -> bool:
        """The same part has failed, or it is said in the same words: service and category alone are many things."""
        return self.same_part or self.same_words


@dataclass(frozen=True)
class Looks:
    """What an incident is compared by."""

    incident: Incident
    text: str
    trigrams: frozenset[str]
    codes: frozenset[str]

    @classmethod
    def of(cls, incident: Incident, text: str) -> "Looks":
        return cls(incident, text, likeness.trigrams(text), frozenset(likeness.codes(text)))


def compare(one: Looks, other: Looks) -> Likeness:
    """The weights: the same part 3, service 2, category 1, words 2; the same error code is the same words."""
    a, b = one.incident, other.incident
    similarity = likeness.alike(one.trigrams, other.trigrams)
    part = likeness.tokens(a.configuration_item)
    same = {
        "same_part": bool(part) and part == likeness.tokens(b.configuration_item),
        "same_service": a.service_id is not None and a.service_id == b.service_id,
        "same_category": bool(category(a)) and category(a) == category(b),
        "same_words": similarity >= likeness.ALIKE or bool(one.codes & other.codes),
    }
    weights = {"same_part": SAME_PART, "same_service": SAME_SERVICE, "same_category": SAME_CATEGORY}
    score = sum((weights | {"same_words": SAME_WORDS})[name] for name, holds in same.items() if holds)
    return Likeness(b, score, similarity, **same)


def category(incident: Incident) -> str:
    """Why it happened, as far as anybody has said; "not known" is no category."""
    return "" if incident.cause_category == CauseCategory.UNKNOWN else incident.cause_category


def like(incident: Incident, user: User, *, limit: int = SHOWN) -> list[Likeness]:
    """What looks like it, of the same customer and the last 30 days, the most alike first; in four queries.

    What somebody has said about already is left out: `related` shows what belongs together.
    """
    own = Looks.of(incident, text_of(incident))
    since = incident.opened_at - WITHIN
    judged = _judged(incident)
    texts = {row.pk: row.text for row in candidates(own, since) if row.pk not in judged}
    found = counted(Incident.objects.visible_to(user).filter(pk__in=texts, customer=incident.customer_id))
    alike = [compare(own, Looks.of(other, texts[other.pk])) for other in found.select_related("service")]
    ranked = sorted(alike, key=lambda each: (-each.score, -each.similarity, -each.incident.pk))
    return [each for each in ranked if each.is_like][:limit]


def candidates(own: Looks, since: datetime) -> QuerySet[IncidentWords]:
    """Those that share words: of the youngest `RECENT` those that share most."""
    incident, asked = own.incident, [*likeness.words(own.text, WORDS_ASKED), *_marks(own)]
    if not asked:  # a report of nothing but signs
        return IncidentWords.objects.none()
    words = likeness.any_of(asked)
    weeks = likeness.any_of(
        week_mark(incident.customer_id, at) for at in _each_week(since, incident.opened_at + WITHIN)
    )
    recent = IncidentWords.objects.filter(lexemes__matches=f"{weeks} & {words}", opened_at__gte=since)
    recent = recent.exclude(pk=incident.pk).order_by("-opened_at")[:RECENT]
    among = IncidentWords.objects.filter(pk__in=Subquery(recent.values("pk")))
    ranked = among.order_by(Rank("lexemes", words).desc(), "-pk")
    return ranked.only("pk", "text")[:LOOKED_AT]


def _each_week(since: datetime, until: datetime) -> Iterable[datetime]:
    weeks = int(until.timestamp()) // _WEEK - int(since.timestamp()) // _WEEK
    return [since + timedelta(weeks=number) for number in range(weeks + 1)]


def week_mark(customer: int, at: datetime) -> str:
    """What each incident of that customer reported in that week carries."""
    return likeness.lexeme("cw", f"{customer} {int(at.timestamp()) // _WEEK}")


def _marks(looks: Looks) -> list[str]:
    part = likeness.lexeme("part", looks.incident.configuration_item) if looks.incident.configuration_item else ""
    return [*(likeness.lexeme("code", code) for code in looks.codes), *([part] if part else [])]


def text_of(incident: Incident) -> str:
    """Title and symptom: the beginning of what was reported, in one query."""
    known = IncidentWords.objects.filter(pk=incident.pk).values_list("text", flat=True).first()
    return known if known is not None else _texts([incident])[incident.pk]


def _texts(incidents: Sequence[Incident]) -> dict[int, str]:
    first = Message.objects.filter(incident__in=incidents).values("incident").annotate(first=Min("pk"))
    said = dict(Message.objects.filter(pk__in=first.values("first"), is_public=True).values_list("incident_id", "body"))
    return {each.pk: _together(each.title, said.get(each.pk, "")) for each in incidents}


def _together(title: str, report: str) -> str:
    """The title is mostly the report's first line: what is said twice counts once."""
    report = " ".join(report.split())
    start = title.rstrip("…")
    return (report if report.startswith(start) else f"{title} {report}").strip()[:_LENGTH]


@transaction.atomic
def index(incidents: Sequence[Incident]) -> int:
    """Writes the words of these incidents, anew where they are there already. Returns how many."""
    texts = _texts(incidents)
    rows = [
        IncidentWords(
            incident=each, customer_id=each.customer_id, opened_at=each.opened_at, text=texts[each.pk],
            lexemes=_lexemes(Looks.of(each, texts[each.pk])),
        )
        for each in incidents
    ]  # fmt: skip
    fields = ["customer", "opened_at", "text", "lexemes"]
    IncidentWords.objects.bulk_create(rows, update_conflicts=True, unique_fields=["incident"], update_fields=fields)
    return len(rows)


def _lexemes(looks: Looks) -> list[str]:
    incident = looks.incident
    return [*likeness.words(looks.text), *_marks(looks), week_mark(incident.customer_id, incident.opened_at)]


def index_older(batch: int = BATCH) -> int:
    """The next older incidents that have no words yet; where there are none, one look at two indexes. Returns how many.

    Downwards from the oldest that has words: new ones come by their events, so that nothing has to be remembered.
    """
    oldest = IncidentWords.objects.aggregate(pk=Min("pk"))["pk"]
    left = Incident.objects.filter(pk__lt=oldest) if oldest else Incident.objects.all()
    return index(list(left.order_by("-pk").defer("details")[:batch]))


def _judged(incident: Incident) -> set[int]:
    return {other for other, __ in _said_about(incident)}


def _said_about(incident: Incident) -> list[tuple[int, str]]:
    rows = Pairing.objects.filter(Q(one=incident) | Q(other=incident), customer=incident.customer_id)
    return [
        (two if one == incident.pk else one, verdict)
        for one, two, verdict in rows.values_list("one", "other", "verdict")
    ]


def related(incident: Incident, user: User) -> list[Incident]:
    """What somebody has said belongs together with it, the youngest first."""
    keys = [pk for pk, verdict in _said_about(incident) if verdict == Pairing.Verdict.RELATED]
    return list(Incident.objects.visible_to(user).filter(pk__in=keys).order_by("-opened_at"))


def not_similar(incidents: Iterable[int]) -> set[frozenset[int]]:
    """The pairs among these that somebody has said are different things."""
    keys = list(incidents)
    rows = Pairing.objects.filter(verdict=Pairing.Verdict.NOT_SIMILAR, one__in=keys, other__in=keys)
    return {frozenset(pair) for pair in rows.values_list("one", "other")}


@transaction.atomic
def pair(incident: Incident, *, by: User, other: Incident, verdict: str) -> Pairing:
    """Somebody says that two incidents belong together, or that they do not; saying it again changes nothing."""
    now = moment.now()
    older, younger = sorted((incident, other), key=lambda each: each.pk)
    rows = Incident.objects.select_for_update(no_key=True).filter(pk__in=[older.pk, younger.pk]).order_by("pk")
    fresh = {each.pk: each for each in rows}
    if older.pk == younger.pk:
        raise Refused(_("An incident looks like itself: please choose another one."))
    if fresh[older.pk].customer_id != fresh[younger.pk].customer_id:
        raise Refused(_("Only incidents of the same customer belong together."))
    known = Pairing.objects.filter(one=older, other=younger).first()
    if known and known.verdict == verdict:
        return known
    said: dict[str, Any] = {"verdict": Pairing.Verdict(verdict), "by": by, "said_at": now}
    said["customer_id"] = fresh[older.pk].customer_id
    made, __ = Pairing.objects.update_or_create(one=older, other=younger, defaults=said)
    if verdict == Pairing.Verdict.RELATED:
        for each, counterpart in ((older, younger), (younger, older)):
            record(fresh[each.pk], Kind.PAIRED, by=by, at=now, other=counterpart.reference)
    return made
