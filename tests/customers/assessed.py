"""Assessments brought where a test needs them, by the verbs."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from customers import assessment
from customers.assessment import Given
from customers.models import Customer, MaturityAssessment, User

BERLIN = ZoneInfo("Europe/Berlin")
TOWN = "2,1,2; 1,2,1; 1,2,1; 1,2,2; 1,1,2"
TOWN_LATER = "3,2,3; 2,2,2; 2,3,1; 2,2,2; 2,1,2"
STRONG = "4,4,4; 4,4,4; 4,4,4; 4,4,4; 4,4,4"


def at(text: str) -> datetime:
    """ "2026-03-02 09:00" in the town."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def marks(written: str) -> list[int | None]:
    """ "3,2,-; ..." -> fifteen levels; "-" is not applicable."""
    said = [mark.strip() for area in written.split(";") for mark in area.split(",")]
    return [None if mark == "-" else int(mark) for mark in said]


def answered(found: MaturityAssessment, by: User, written: str, evidence: str = "shown") -> MaturityAssessment:
    for number, level in enumerate(marks(written), start=1):
        found = assessment.answer(found, by=by, number=number, given=Given(level, evidence))
    return found


def proposed(customer: Customer, by: User, written: str) -> MaturityAssessment:
    return assessment.finish(answered(assessment.begin(customer, by=by), by, written), by=by)


def agreed(customer: Customer, by: User, contact: User, written: str, on: date | None = None) -> MaturityAssessment:
    found = assessment.accept_here(proposed(customer, by, written), by=by, effective_on=on)
    return assessment.accept_there(found, by=contact)
