"""The draft of a report, made from what the timeline knows: nobody begins with an empty page.

It is written as the customer reads it: in its language and time zone, without names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Customer
from incidents import clocks
from incidents.asked import AFFECTED
from incidents.models import Clock, Follow, Incident, IncidentEvent
from itsm import wording
from itsm.middleware import zone
from itsm.text import headline
from problems.models import Problem

Kind = IncidentEvent.Kind
WITH_DATA = 5  # from this level on the figures stand in the report
MOST_STEPS = 12  # of what we did; the incident's own page has the rest
TOLD = (Kind.UPDATED, Kind.RESTORED, Kind.RESOLVED, Kind.CAUSE_GONE, Kind.ASKED, Kind.WAITING)


@contextmanager
def as_read_by(customer: Customer) -> Iterator[None]:
    """In the customer's language and by its clocks."""
    with translation.override(customer.language), timezone.override(zone(customer.time_zone)):
        yield


def draft(problem: Problem) -> dict[str, str]:
    """The report's sections and, for the desk, how it was noticed."""
    incident = Incident.objects.select_related("service", "policy", "customer", "reporter").get(pk=problem.opened_by_id)
    with as_read_by(problem.customer):
        return {
            "what_happened": _what_happened(problem, incident),
            "when": "\n".join(f"{label}: {_when(at)}" for label, at in milestones(incident)),
            "affected": _affected(problem, incident),
            "did": _did(incident),
            "notice": _notice(problem, incident),
            "change": _change(problem),
            "noticed": str(incident.get_detection_display()) if incident.detection else "",
        }


def milestones(incident: Incident) -> list[tuple[str, datetime]]:
    """Label and instant of what everybody remembers."""
    answered = incident.clocks.filter(kind=Clock.Kind.RESPONSE, stopped_at__isnull=False).order_by("cycle").first()
    relapses = incident.events.filter(kind=Kind.RELAPSED).order_by("pk").values_list("occurred_at", flat=True)
    found = [(_("Reported"), incident.opened_at)]
    if answered and answered.stopped_at:
        found.append((_("First answer"), answered.stopped_at))
    found += [(_("Broken again"), at) for at in relapses]
    if incident.restored_at:
        found.append((_("Works again"), incident.restored_at))
    if incident.resolved_at and incident.resolved_at != incident.restored_at:
        found.append((_("Solved"), incident.resolved_at))
    return sorted(found, key=lambda one: one[1])


def figures(problem: Problem) -> dict[str, Any]:
    """Of all incidents of the problem: promises kept, and the time to restore against what was agreed."""
    every = Clock.objects.filter(incident__problems=problem, state=Clock.State.STOPPED)
    promises = every.filter(kind__in=[Clock.Kind.RESPONSE, Clock.Kind.UPDATE, Clock.Kind.REPLY])
    restores = every.filter(kind=Clock.Kind.RESTORE)
    return {
        "incidents": problem.incidents.count(),
        "promises": promises.count(),
        "promises_kept": promises.met().count(),
        "restores": restores.count(),
        "restores_in_time": restores.met().count(),
    }


def has_data(problem: Problem) -> bool:
    return clocks.terms_of(problem.opened_by).level >= WITH_DATA


def _when(at: datetime) -> str:
    there = timezone.localtime(at)
    return f"{format_date(there, 'D j M Y')}, {wording.clock_time(there)}"


def _what_happened(problem: Problem, incident: Incident) -> str:
    said = [incident.title.rstrip(".") + "."]
    if incident.restored_at:
        lasted = wording.duration_words((incident.restored_at - incident.opened_at).total_seconds())
        said.append(_("It worked again after %(time)s.") % {"time": lasted})
    if problem.cause:
        said.append(_("The cause: %(cause)s") % {"cause": problem.cause})
    return " ".join(said)


def _affected(problem: Problem, incident: Incident) -> str:
    who = str(dict(AFFECTED).get(incident.impact, ""))
    number = len(_who_said_so(problem))
    said = [f"{incident.service.name}: {who}." if incident.service else f"{who}."]
    said.append(ngettext("%(n)d person reported it.", "%(n)d people reported it.", number) % {"n": number})
    return " ".join(said)


def _who_said_so(problem: Problem) -> set[int]:
    """Each person once: who reported it, joined it, or said that it hits them too."""
    mine = Q(problems=problem) | Q(parent__problems=problem)
    reported = Incident.objects.filter(mine, customer=problem.customer_id)
    too = Follow.objects.filter(incident__in=reported.values("pk"), why=Follow.Why.ME_TOO)
    return {*reported.values_list("reporter_id", flat=True), *too.values_list("person_id", flat=True)}


def _did(incident: Incident) -> str:
    """What was told while it happened is what was done: it needs no second telling."""
    events = incident.events.filter(kind__in=TOLD, message__is_public=True).select_related("message")
    steps, day = [], timezone.localtime(incident.opened_at).date()
    for event in events.order_by("occurred_at", "pk")[:MOST_STEPS]:
        there = timezone.localtime(event.occurred_at)
        if event.message:
            at = wording.clock_time(there) if there.date() == day else _when(event.occurred_at)
            steps.append(f"{at} {headline(event.message.body, 200)}")
            day = there.date()
    return "\n".join(steps)


def _notice(problem: Problem, incident: Incident) -> str:
    if incident.restored_by == Incident.RestoredBy.WORKAROUND and problem.resolved_at is None:
        return _("Until the cause is gone it works like this: %(workaround)s") % {
            "workaround": problem.workaround or incident.outcome
        }
    return _("Nothing.")


def _change(problem: Problem) -> str:
    actions = problem.actions.filter(dropped_at__isnull=True).order_by("due_on", "pk")
    lines = [
        _("%(what)s, by %(day)s") % {"what": action.text.rstrip("."), "day": f"{format_date(action.due_on, 'D j M Y')}"}
        for action in actions
    ]
    return "\n".join(lines) or _("We are still looking for the cause. What we change follows from it.")
