"""Known errors that may help: with an incident, while a caller speaks, while somebody types."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from customers.models import Service, User
from incidents import similar
from incidents.models import Incident
from itsm import likeness
from itsm.lexemes import Rank
from problems.known_errors import looks, owner_mark
from problems.models import KnownError
from problems.models.known_error import KnownErrorQuerySet

SHOWN = 3
FEWEST_WORDS = 3  # typed, before anything is suggested
FITS = 0.5  # of the trigrams of the shorter text stand in the longer one
SAME_CODE, SAME_SERVICE, SAME_CATEGORY, SAME_WORDS = 3, 2, 1, 2
LONGEST = 1_000  # letters of what is typed that are looked at


@dataclass(frozen=True)
class Suggestion:
    """A known error that may be what this is about, and by what."""

    known: KnownError
    score: int
    similarity: float
    same_code: bool
    same_service: bool
    same_words: bool


@dataclass(frozen=True)
class _Asked:
    """What is said, of which service and category."""

    text: str
    service: Service | None
    category: str = ""


def for_incident(incident: Incident, user: User, *, limit: int = SHOWN) -> list[Suggestion]:
    """What the desk knows that may help here, the likeliest first; in two queries, three where words are missing."""
    asked = _Asked(similar.text_of(incident), incident.service, similar.category(incident))
    rows = KnownError.objects.visible_to(user).published()
    return _best(rows, asked, incident.customer_id, limit)


def for_words(
    text: str, user: User, *, customer: int | None, service: Service | None = None, limit: int = SHOWN
) -> list[Suggestion]:
    """The same for words that are being typed, from the third on; in one query.

    `customer` is whose people it is for: None stands for a caller nobody knows yet, and then only what is shared.
    """
    text = text[:LONGEST]
    if len(likeness.tokens(text)) < FEWEST_WORDS:
        return []
    rows = KnownError.objects.visible_to(user).published()
    return _best(rows, _Asked(text, service), customer, limit, is_typing=True)


def _best(
    rows: KnownErrorQuerySet, asked: _Asked, customer: int | None, limit: int, *, is_typing: bool = False
) -> list[Suggestion]:
    codes = likeness.codes(asked.text)
    words = likeness.words(asked.text, similar.WORDS_ASKED)
    if not words and not codes:
        return []
    said = likeness.any_of(
        [*(likeness.lexeme("code", code) for code in codes), *words], last_begins=is_typing and bool(words)
    )
    owners = likeness.any_of({owner_mark(customer), owner_mark(None)})
    found = rows.of(customer).filter(lexemes__matches=f"{owners} & {said}").select_related("service", "problem")
    ranked = found.defer("lexemes").order_by(Rank("lexemes", said).desc(), "-times_used", "-pk")
    fits = _fitter(asked, set(codes))
    all_found = sorted((fits(known) for known in ranked[: similar.LOOKED_AT]), key=_order)
    return [each for each in all_found if each.same_words or each.same_code][:limit]


def _order(each: Suggestion) -> tuple[Any, ...]:
    return (-each.score, -each.similarity, -each.known.times_used, -each.known.pk)


def _fitter(asked: _Asked, codes: set[str]) -> Callable[[KnownError], Suggestion]:
    trigrams = likeness.trigrams(asked.text)
    called = {asked.service.name.casefold()} if asked.service else set()

    def fit(known: KnownError) -> Suggestion:
        text = looks(known)
        similarity = likeness.contained(trigrams, likeness.trigrams(text))
        names = {name.casefold() for name in (known.service_name, known.service.name if known.service else "") if name}
        same = {
            "same_code": bool(codes & {*likeness.codes(text), "".join(likeness.tokens(known.error_code))}),
            "same_service": bool(called & names),
            "same_words": similarity >= FITS,
        }
        score = SAME_CODE * same["same_code"] + SAME_SERVICE * same["same_service"] + SAME_WORDS * same["same_words"]
        score += SAME_CATEGORY * (bool(asked.category) and asked.category == known.category)
        return Suggestion(known, score, similarity, **same)

    return fit
