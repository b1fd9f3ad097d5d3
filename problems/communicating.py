"""Passing a workaround on to all who are affected: one action, one update each, in the background, resumable."""

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from customers.models import User
from incidents import conversation
from incidents.conversation import readable
from incidents.models import Follow, Incident
from incidents.models.incident import IncidentQuerySet
from itsm import jobs, moment, wakeup
from itsm.refusal import Refused
from problems import known_error_uses
from problems.known_errors import Kind, MoveRefused, record, why_not
from problems.models import Communication, KnownError, Problem
from problems.naming import refuse_names

BATCH = 50  # incidents between two signs of life
SECONDS = 20
TASK = "problems.tasks.go_on_communicating"


@dataclass(frozen=True)
class Reach:
    """How many it reaches: people who reported or follow, and the incidents they are told about."""

    people: int
    incidents: int


def open_incidents(problem: Problem, by: User) -> IncidentQuerySet:
    """Those of its incidents in which a workaround is still of use, as far as `by` serves them."""
    return Incident.objects.visible_to(by).open().filter(problems=problem)


def reach(problem: Problem, by: User) -> Reach:
    """Whom it would reach now; in two queries."""
    rows = list(open_incidents(problem, by).values_list("pk", "reporter"))
    following = Follow.objects.filter(incident__in=[pk for pk, _reporter in rows], ended_at__isnull=True)
    people = {reporter for _pk, reporter in rows} | set(following.values_list("person", flat=True))
    return Reach(len(people), len(rows))


@transaction.atomic
def begin(known: KnownError, *, by: User, text: str, client_token: uuid.UUID) -> Communication:
    """These words go to each open incident of its problem, as an update by this agent; the form sent twice is one."""
    now = moment.now()
    text = readable(text)
    known = KnownError.objects.select_for_update(no_key=True, of=("self",)).get(pk=known.pk)
    if made := Communication.objects.filter(token=client_token, by=by).first():
        return made
    if reason := why_not(known, "use", by):
        raise MoveRefused(reason)
    problem = known.problem
    if problem is None:
        raise Refused(_("It belongs to no problem: there is no list of incidents to pass it on to."))
    if not reach(problem, by).incidents:
        raise Refused(
            _("No incident of %(reference)s is open: nobody waits for it.") % {"reference": problem.reference}
        )
    refuse_names([text], of=problem.customer, people=False)
    job = Communication.objects.create(
        known_error=known, problem=problem, customer_id=problem.customer_id, by=by, text=text, token=client_token,
        begun_at=now,
    )  # fmt: skip
    wakeup.after_commit(TASK)
    return job


def go_on(seconds: float = SECONDS) -> None:
    """Takes up what nobody works at, for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (job := jobs.claim(Communication.objects.at_work())):
        while work(job):
            if time.monotonic() > until:
                jobs.lay_down(job)
                wakeup.after_commit(TASK)
                return


def work(job: Communication) -> bool:
    """The next incidents, each in a transaction of its own with the mark that it was; False when all were."""
    jobs.sign(job)
    job.refresh_from_db()
    batch = list(job.problem.incidents.filter(pk__gt=job.cursor).order_by("pk")[:BATCH])
    for incident in batch:
        _tell(job, incident)
    if not batch:
        _finish(job)
    return bool(batch)


def _tell(job: Communication, incident: Incident) -> None:
    """What is over by now is left out, and what was taken from the agent's hands."""
    with transaction.atomic():
        told = False
        with suppress(Refused), transaction.atomic():
            told = _update(job, incident)
        # Another worker may have been taken for dead and gone on: what it counted is not counted twice.
        rows = Communication.objects.filter(pk=job.pk, cursor__lt=incident.pk)
        rows.update(cursor=incident.pk, told=F("told") + int(told), left_out=F("left_out") + int(not told))


def _update(job: Communication, incident: Incident) -> bool:
    token = uuid.uuid5(job.token, incident.reference)
    if not job.by.is_active or not open_incidents(job.problem, job.by).filter(pk=incident.pk).exists():
        return False
    incident = conversation.update(incident, by=job.by, text=job.text, client_token=token)
    if not incident.known_error_uses.filter(known_error=job.known_error).exists():
        known_error_uses.used(job.known_error, incident, by=job.by, way=known_error_uses.Way.TOLD)
    return True


@transaction.atomic
def _finish(job: Communication) -> None:
    known = KnownError.objects.select_for_update(no_key=True).get(pk=job.known_error_id)
    if Communication.objects.filter(pk=job.pk, finished_at__isnull=True).update(finished_at=moment.now()):
        job.refresh_from_db()
        record(known, Kind.COMMUNICATED, job.by, moment.now(), told=job.told, left_out=job.left_out)
