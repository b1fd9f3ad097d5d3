"""How deep a problem is looked back at, until when, and by when the customer has it in writing.

A workaround alone is looked back at lightly, whatever has been agreed for majors; only a major is owed a report.
"""

from datetime import datetime
from typing import Any

from incidents import clocks
from incidents.models import Incident
from problems.models import Problem

Depth = Problem.Depth
# Business days by support model: one page soon where things are simple; where the analysis is long, a preliminary one.
REPORT_BD = {1: 2, 2: 2, 3: 5, 4: 10, 5: 10}
PRELIMINARY_BD = {4: 3, 5: 3}


def depth_of(incident: Incident) -> str:
    agreed = str(clocks.terms_of(incident).knob("review"))
    return agreed if incident.is_major or agreed == Depth.NONE else Depth.LIGHT.value


def dates(incident: Incident, at: datetime) -> dict[str, Any]:
    """The values of a problem that begins, or goes on after the service was down once more, at `at`."""
    level = clocks.terms_of(incident).level
    preliminary = PRELIMINARY_BD.get(level) if incident.is_major else None
    return {
        "review_depth": depth_of(incident),
        "review_due_at": clocks.after(incident, "review_bd", at),
        "preliminary_due_at": clocks.after_days(incident, preliminary, at) if preliminary else None,
        "report_due_at": clocks.after_days(incident, REPORT_BD[level], at) if incident.is_major else None,
    }


def none(problem: Problem) -> dict[str, Any]:
    """While it is parked nothing is due; what was looked back at already keeps its dates."""
    dated = ("review_due_at", "preliminary_due_at", "report_due_at")
    return dict.fromkeys(dated) if problem.reviewed_at is None else {}
